"""Formulas worked out again: exact, bounded, and never a crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, DecimalException, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Book

from consolidate.model.cells import Cell, CellRef, parse_a1
from consolidate.xlsx.calc.formula_texts import Formula, NotSupported, read_formulas, shifted
from consolidate.xlsx.calc.formula_values import FUNCTIONS, Calculation
from consolidate.xlsx.calc.recalculation import recalculate
from consolidate.xlsx.read.defined_names import DefinedNames, NamedRange
from consolidate.xlsx.read.grid import ERROR_TEXT, CellOrigin, Grid, Workbook
from consolidate.xlsx.read.package_facts import SheetFacts
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.saved import saved
from tests.xlsx.packages import sheet, workbook

CODE = "form"
CELLS: dict[str, Cell] = {
    "A1": CODE,
    "B1": 5.0,
    "B2": 2.5,
    "B3": "x",
    "B5": 7.0,
    "B6": True,
    "B7": 10.0,
    "A9": "end",
}
"""B4 is blank; B8 shows an error value."""


def place(address: str) -> tuple[int, int]:
    found = parse_a1(address)
    assert found is not None
    return found


def grid(
    cells: Mapping[str, Cell], formulas: Mapping[str, str], name: str = "S", *, error: str = ""
) -> Grid:
    at = {place(address): value for address, value in cells.items()}
    rows: list[list[Cell]] = [[""] * 8 for _ in range(max((row for row, _ in at), default=0) + 1)]
    for (row, column), value in at.items():
        rows[row][column] = value
    errors = frozenset({place(error)} if error else ())
    for row, column in errors:
        rows[row][column] = ERROR_TEXT
    texts = {place(address): Formula(text, place(address)) for address, text in formulas.items()}
    facts = SheetFacts(errors, frozenset(texts) - frozenset(at), formulas=texts)
    return Grid(name, rows, facts=facts)


def calculated(formula: str, further: Mapping[str, str] | None = None) -> tuple[bool, str | None]:
    formulas = {"D1": formula, **(further or {})}
    other = grid({"A1": 4.0, "B2": 6.0}, {}, "Biểu 'x'")
    names = DefinedNames({"form.c3": NamedRange("S", (0, 1), (0, 1))})
    book = Workbook((grid(CELLS, formulas, error="B8"), other, Grid("_doc", [])), names)
    result = Calculation(book).result("S", 0, 3)
    if isinstance(result, NotSupported):
        return False, None
    shown = "" if result is None else format(result, "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return True, shown or None


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("-2^2", "4"),
        ("2^-1", "0.5"),
        ("2^3^2", "64"),
        ("4^0.5", "2"),
        ("10%", "0.1"),
        ("50%%", "0.005"),
        ("0.1+0.2", "0.3"),
        ("1E3+.5", "1000.5"),
        ("--5", "5"),
        ("+B1", "5"),
        ("B1+B2", "7.5"),
        ("$B$1-b2", "2.5"),
        ("B1+B4", "5"),
        ("form.c3*2", "10"),
        ("'Biểu ''x'''!A1+S!B1", "9"),
        ("SUM('Biểu ''x'''!A1:C3)", "10"),
        ("SUM(B1:B5)", "14.5"),
        ("SUM(B5:B1)", "14.5"),
        ("SUM(B1:B3,B5,1)", "15.5"),
        ("SUM(B1:B6)", "14.5"),
        ("SUM(B1:C7)", "24.5"),
        ("ROUND(2.675,2)", "2.68"),
        ("ROUND(-2.5,0)", "-3"),
        ("ROUND(1250,-2)", "1300"),
        ("ABS(-B1)", "5"),
        ("MIN(B1:B5)", "2.5"),
        ("MAX(B1:B5,20)", "20"),
        ("COUNT(B1:B6)", "3"),
        ("AVERAGE(B1:B2)", "3.75"),
        ("SUBTOTAL(9,B1:B5)", "14.5"),
        ("SUBTOTAL(109,B1,B2)", "7.5"),
        ("IF(B1>B2,1,2)", "1"),
        ("IF(B1<=B2,1,1/0)", None),
        ("IF(B1>=5,B1,1/0)", "5"),
        ("IF(B4=0,3,4)+IF(B4=\"\",30,40)+B1", "38"),
        ("IF(B3=\"X\",1,2)", "1"),
        ("IF(B3<>\"X\",1,2)", "2"),
        ("IF(B1=5,\"\",1)", "blank"),
        ("B4", "blank"),
        ("B4+C4", "blank"),
        ("SUM(B4:C4)", "blank"),
        ("SUM(H1:H4)", "blank"),
        ("COUNT(B4:C4)", "blank"),
        ("5", "5"),
        ("sum(B1:B2) / ( 1 + 1 )", "3.75"),
    ],
)  # fmt: skip
def test_values(formula: str, result: str | None) -> None:
    expected = (False, None) if result is None else (True, None if result == "blank" else result)
    assert calculated(formula) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "1/0",
        "B1/B4",
        "B3+1",
        "B6+1",
        "B8",
        "SUM(B1:B8)",
        "\"5\"+1",
        "\"x\"",
        "B1>B2",
        "IF(B3,1,2)",
        "IF(B1>1,1)",
        "B1<B3",
        "AVERAGE(B3:B4)",
        "ROUND(1,0.5)",
        "ROUND(1,99)",
        "ROUND(1)",
        "0^0",
        "10^400",
        "9^9^9",
        "(-8)^0.5",
        "1E15",
        "1E999999999",
        "VLOOKUP(1,B1:B2,1)",
        "SUBTOTAL(1,B1:B2)",
        "SUBTOTAL(9,B1+1)",
        "SUM(B:B)",
        "SUM(B1:B2 B2:B3)",
        "B1:B2",
        "B1 B2",
        "B1&B2",
        "{1,2}",
        "(B1,B2)",
        "TRUE",
        "#REF!+1",
        "B0",
        "nowhere",
        "Nowhere!A1",
        "[1]S!B1",
        "S:T!B1",
        "_doc!A1",
        "@B1",
        "B1#",
        "1+",
        "(1",
        "1)",
        "SUM(1",
        "SUM(,)",
        "'",
        "\"",
        "",
        "=",
        "-" * 100 + "1",
        "(" * 100 + "1" + ")" * 100,
        "D1+1",
    ],
)  # fmt: skip
def test_what_is_left_alone(formula: str) -> None:
    assert calculated(formula) == (False, None)


def test_formulas_build_on_formulas() -> None:
    assert calculated("D2*2", {"D2": "D3+1", "D3": "B1"}) == (True, "12")
    assert calculated("D2+D3", {"D2": "B4", "D3": "C4+B4"}) == (True, None)
    assert calculated("D2", {"D2": "D3", "D3": "D1"}) == (False, None)
    assert calculated("SUM(D2:D3)", {"D2": "B1", "D3": "VLOOKUP(1,B1,1)"}) == (False, None)
    assert calculated("SUBTOTAL(9,D2:D3,B1)", {"D2": "B1", "D3": "SUBTOTAL(9,D2)"}) == (True, "10")


def test_a_long_row_of_terms_is_one_sum() -> None:
    assert calculated("+".join(["B1"] * 500)) == (True, "2500")


def test_a_long_chain_ends_and_so_does_a_huge_range() -> None:
    chain = {f"D{row}": f"D{row + 1}" for row in range(2, 500)}
    assert calculated("D2", chain) == (False, None)
    tall: dict[str, Cell] = {f"A{row}": 1.0 for row in range(1, 3001)}
    formulas = {f"D{row}": "SUM(A1:A3000)" for row in range(1, 101)}
    book = Workbook((grid(tall, formulas),), DefinedNames())
    calculation = Calculation(book)
    known = [isinstance(calculation.result("S", row, 3), Decimal) for row in range(100)]
    assert known == [True] * 66 + [False] * 34


def test_a_value_in_a_cell_stands_in_for_a_formula_that_is_not_known() -> None:
    page = grid({**CELLS, "D2": 8.0}, {"D1": "D2+1", "D2": "VLOOKUP(1,B1,1)"})
    assert Calculation(Workbook((page,), DefinedNames())).result("S", 0, 3) == Decimal(9)


ATOMS = st.integers(0, 999).map(str) | st.decimals(0, 99, places=2).map(str)
SUMS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds(
            lambda left, sign, right: f"({left}{sign}{right})",
            inner,
            st.sampled_from("+-*/"),
            inner,
        )
        | inner.map(lambda text: f"-({text})")
    ),
    max_leaves=12,
)


@given(SUMS)
def test_arithmetic_is_that_of_decimals(text: str) -> None:
    with localcontext() as context:
        context.prec = 34
        exact = text
        for sign in "+-*/()":
            exact = exact.replace(sign, f" {sign} ")
        parts = [f"Decimal('{part}')" if part[0].isdigit() else part for part in exact.split()]
        try:
            expected = eval(" ".join(parts), {"Decimal": Decimal})
        except DecimalException:
            expected = None
    known, result = calculated(text)
    if expected is None or abs(expected) >= 10**15:
        assert (known, result) == (False, None)
    else:
        assert known
        assert result is not None
        assert Decimal(result) == expected


SOUP = st.lists(
    st.sampled_from(
        ["1", "0.5", "B1", "$B$2", "B1:B5", "S!B1", "'Biểu ''x'''!A1", "D1", "form.c3"]
        + [*"+-*/^%()<>=,:!'\"&{};# "]
        + [f"{name}(" for name in sorted(FUNCTIONS)]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(SOUP | st.text(max_size=30))
def test_nothing_that_stands_in_a_formula_is_a_crash(text: str) -> None:
    known, result = calculated(text)
    assert known or result is None


def answers(book: Workbook) -> Workbook:
    return recalculate(book, frozenset({CODE}))


def test_a_workbook_without_formulas_stays_the_same_object() -> None:
    book = Workbook((grid(CELLS, {}),), DefinedNames())
    assert answers(book) is book
    below = replace(book, sheets=(grid(CELLS, {"B20": "B1"}),))
    assert answers(below) is below
    foreign = replace(book, sheets=(grid({**CELLS, "A1": "other"}, {"D1": "B1"}),))
    assert answers(foreign) is foreign


def test_cells_keep_what_the_file_holds() -> None:
    cells = {**CELLS, "D2": 4.0, "D3": 5.0, "D6": 7.000000000000001}
    formulas = {
        "D1": "B1*2",
        "D2": "B1",
        "D3": "B1",
        "D4": "B4",
        "D5": "VLOOKUP(1,B1,1)",
        "D6": "B5",
    }
    found = answers(Workbook((grid(cells, formulas),), DefinedNames())).sheets[0]
    assert [found.get(row, 3) for row in range(6)] == [10.0, 5.0, 5.0, "", "", 7.000000000000001]
    assert found.origins == {
        (0, 3): CellOrigin("=B1*2", "recalculated", "recalculated"),
        (1, 3): CellOrigin("4", "recalculated", "formula_differs"),
        (3, 3): CellOrigin("=B4", "recalculated"),
    }
    assert found.facts.no_value == {place("D5")}


def test_a_zero_of_blank_cells_stays_the_zero_that_excel_shows() -> None:
    found = answers(Workbook((grid({**CELLS, "D1": 0.0}, {"D1": "B4"}),), DefinedNames())).sheets[0]
    assert (found.get(0, 3), found.origins) == (0.0, {})


def read(rows: str) -> Mapping[str, tuple[str, str]]:
    """Formulas of a sheet by address, with the cell that each was written for."""
    found, _ = read_formulas(sheet(rows).encode())
    return {
        CellRef("", *cell).a1: (formula.text, CellRef("", *formula.origin).a1)
        for cell, formula in found.items()
    }


def test_formulas_of_a_sheet() -> None:
    rows = (
        '<row r="1"><c r="A1" s="3"><f>B1&lt;2</f><v>1</v></c>'
        '<c r="B1"><f t="shared" ref="B1:B2" si="0">A1+1</f><v>2</v></c>'
        '<c r="C1"><f t="array" ref="C1">SUM(A1)</f></c><c r="D1"><v>5</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>3</v></c>'
        '<c r="C2"><f t="shared" si="7"/></c><c r="D2"><f/></c><c r="E2"><f> </f></c></row>'
    )
    assert read(rows) == {
        "A1": ("B1<2", "A1"),
        "B1": ("A1+1", "B1"),
        "B2": ("A1+1", "B1"),
        "E2": (" ", "E2"),
    }
    assert read('<row r="1"><c r="A1"><f>' + "1+" * 5000 + "1</f></c></row>") == {}


def test_subtotals_are_left_alone_where_rows_are_hidden() -> None:
    cell = '<c r="A3"><f>SUBTOTAL(9,A1:A2)</f></c>'
    assert read(f'<row r="3">{cell}</row>') == {"A3": ("SUBTOTAL(9,A1:A2)", "A3")}
    assert read(f'<row r="1" hidden="1"></row><row r="3">{cell}</row>') != {}
    assert read(f'<row r="2" hidden="1"></row><row r="3">{cell}</row>') == {}


def test_shared_formulas_are_shifted() -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1"><f t="shared" ref="C1:C2" si="0">A1+$B$1</f></c></row>'
        '<row r="2"><c r="A2"><v>10</v></c><c r="C2"><f t="shared" si="0"/></c></row>'
    )
    book = read_workbook(workbook(rows), Limits())
    calculation = Calculation(book)
    assert calculation.result("S", 0, 2) == Decimal(3)
    assert calculation.result("S", 1, 2) == Decimal(12)
    assert shifted(book.sheets[0].facts.formulas[1, 2], (1, 2)) == "A2+$B$1"


def test_a_file_of_openpyxl_is_worked_out() -> None:
    book = Book()
    page = book.active
    assert page is not None
    page.append([CODE, 1, 2])
    page.append(["r", "=SUM(B1:C1)", "='Tổng hợp'!A1*2"])
    book.create_sheet("Tổng hợp")["A1"] = 21
    found = answers(read_workbook(saved(book), Limits())).sheets[0]
    assert found.rows[1] == ["r", 3.0, 42.0]


def test_formulas_without_a_value_and_formulas_that_gave_a_text() -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1</f></c><c r="B1"><f>1</f><v></v></c><c r="C1"><f>1</f><v/></c>'
        '<c r="D1"><f>1</f><v>1</v></c><c r="E1"><f/></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"x"</f><v>x</v></c><c r="B2" t="str"><f>C1</f><v></v></c>'
        "</row>"
    )
    formulas, no_value = read_formulas(sheet(rows).encode())
    assert {CellRef("", *cell).a1 for cell in no_value} == {"A1", "B1", "C1", "E1", "B2"}
    assert {CellRef("", *cell).a1: formula.text for cell, formula in formulas.items()} == {
        "A1": "1",
        "B1": "1",
        "C1": "1",
        "D1": "1",
        "A2": "",
        "B2": "",
    }


def test_formulas_are_parsed_without_the_rest_of_openpyxl() -> None:
    """It takes longer to import than a hundred files to read, once in every worker."""
    code = (
        "import sys, consolidate.xlsx.calc.formula_values as made;"
        "print(made.parse('A1+2').parts[1].said, 'openpyxl' in sys.modules, 'numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.split() == ["2", "False", "False"]
