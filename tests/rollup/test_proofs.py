"""Files of evidence beside the lists of a return that name them."""

from __future__ import annotations

from dataclasses import replace

from consolidate.definitions.loader import load_library, shipped_files
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord
from consolidate.rollup.assessment import proofs
from tests.rollup.made import unit
from tests.small_library import form, item, pack, table

YEAR = Period.parse_code("2026-Y")


def library() -> Library:
    """A pack with two lists of evidence."""
    forms = {
        code: form(
            code, f"Danh mục {code}", f"Danh mục {code}", "open",
            table("[layout]", number_header="STT", open_rows=5),
            item("file", "Tệp", "text", width=20, role="file"),
            periods=["Y"],
        )
        for code in ("one", "two")
    }  # fmt: skip
    own = {"forms/aa/pack.toml": pack("aa", "Gói aa", list(forms), ["Y"])}
    own |= {f"forms/aa/{code}.toml": text for code, text in forms.items()}
    return load_library({**shipped_files(), **own}).at(YEAR)


def listing(code: str, *files: str) -> DataSetReturn:
    """A list that names files, one in each row."""
    values = tuple(
        DataValue(
            ValueKey(code, "file", "", row), name, ValueStatus.REPORTED, name, CellRef(code, row, 1)
        )
        for row, name in enumerate(files, 1)
    )
    return DataSetReturn(code, code, values, rows=len(files))


def sent(*lists: DataSetReturn) -> ReturnRecord:
    """A return in an archive, with these lists."""
    content = Return("aa", "1", DataSetReturn("cover", "Bìa", ()), lists, period=YEAR, pack="aa")
    return ReturnRecord(
        "a.zip", "1", 1, Outcome.ACCEPTED, None, unit("X1"), content, member="bao-cao.xlsx"
    )


def file(name: str) -> ReturnRecord:
    """A file that came in the same archive."""
    return ReturnRecord("a.zip", name, 1, Outcome.NOT_A_REPORT, None, member=name)


def test_a_file_is_listed_when_one_of_the_lists_names_it() -> None:
    records = [
        sent(listing("one", "A.pdf", "không có.pdf"), listing("two", "B.pdf")),
        *map(file, ("minh chứng/a.PDF", "b.pdf", "khác.pdf")),
    ]
    told, found = proofs(records, library())
    assert dict.fromkeys((1, 2), because("proof.listed", unit="Đơn vị X1")) == told
    assert [(at, one.rule, one.data_set, one.found) for at, one, _ in found] == [
        (0, "proof.file_absent", "one", "không có.pdf"),
        (0, "proof.file_unlisted", "one", "khác.pdf"),
    ]


def test_a_return_without_a_list_and_one_that_came_alone_are_asked_nothing() -> None:
    assert proofs([sent(), file("a.pdf")], library()) == ({}, [])
    alone = replace(sent(listing("one", "a.pdf")), member="")
    assert proofs([alone], library()) == ({}, [])
