"""The jobs that are compared, each a process of its own: ``python -m benchmarks.contenders``.

The first argument names the job, then come the inbox, which ``benchmarks.inbox`` made, and the
folder for results. Each prints one JSON line: seconds of work with imports, by the clock
(``seconds``) and of processors (``cpu``, its worker processes included), without those of the
check; peak memory in MB of it and of the largest of these; ``wrong``, the figures of the main form
that it read otherwise than they were typed; and ``made``, a checksum of what was issued or the
number of copies.
"""

from __future__ import annotations

import json
import os
import posixpath
import sys
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from benchmarks.truth import Task, Truth

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from consolidate.model.data_values import DataValue
    from consolidate.templates.issued import TemplateCache

STAMP = "_stamp"
"""The sheet that our merge reads beside the cover and the forms."""
VALUE = 5
"""Zero-based column of the figures on the main form; codes of elements are in the first."""
_PACKAGE = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_NEEDED = ("[Content_Types].xml", *_PACKAGE, "xl/styles.xml", "xl/sharedStrings.xml")
"""Parts that are needed to read any sheet."""


def ours(task: Task) -> None:
    """Our merge, complete: read, check, place, total, summary workbook, result.json."""
    from consolidate.definitions.loader import shipped_library
    from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
    from consolidate.merge.read_files import workers

    with workers(shipped_library(), task.inbox) as executor:
        result = merge(MergeRequest(shipped_library(), task.inbox), executor)
    write_results(result, task.out, task.inbox)
    (table,) = (table for table in result.tables if table.data_set.code == "pctn_01")
    for item in table.contributions:
        task.read(item.record.path, _used(item.content.values))
    task.totals = {figure.element.code: figure.total for figure in table.figures}


def ours_reading(task: Task) -> None:
    """Our reading stage alone, in this process: every file gated, read, located, checked."""
    _read(task, None)


def ours_reading_2(task: Task) -> None:
    """The same in two worker processes."""
    from consolidate.definitions.loader import shipped_library
    from consolidate.merge.read_files import workers

    with workers(shipped_library(), task.inbox, 2) as executor:
        _read(task, executor)


def _read(task: Task, executor: Executor | None) -> None:
    from consolidate.definitions.loader import shipped_library
    from consolidate.intake.inbox import scan
    from consolidate.merge.read_files import read_inbox

    for source in read_inbox(shipped_library(), scan(task.inbox), executor):
        for reading in source.readings:
            for part in reading.content.data_sets if reading.content is not None else ():
                if part.code == "pctn_01":
                    task.read(reading.path, _used(part.values))


def _used(values: Iterable[DataValue]) -> Iterator[tuple[str, object]]:
    """Codes and figures that count; of a ratio what it is made of, not what it comes to."""
    for value in values:
        if value.key.column == "denominator":
            yield f"{value.key.element}/", value.used
        elif value.key.column == "numerator" or "ratio" not in value.normalisation:
            yield value.key.element, value.used


def pandas_per_sheet(task: Task) -> None:
    """What an officer's script does: read_excel for every sheet, concat, to_excel."""
    _with_pandas(task, "openpyxl", "openpyxl", [[sheet] for sheet in task.truth.sheets])


def pandas_one_call(task: Task) -> None:
    """The same script with one read_excel a file, which opens it once."""
    _with_pandas(task, "openpyxl", "openpyxl", [list(task.truth.sheets)])


def pandas_calamine(task: Task) -> None:
    """The best script of a user who knows of calamine: one call a file, concat, to_excel."""
    _with_pandas(task, "calamine", "xlsxwriter", [list(task.truth.sheets)])


def _with_pandas(task: Task, reader: Any, writer: Any, calls: list[list[str]]) -> None:
    """Read every file by these calls, put the tables of all below each other, write them."""
    import pandas as pd

    tables: dict[str, list[Any]] = {sheet: [] for sheet in task.truth.sheets}
    for path in task.paths:
        frames: dict[str, Any] = {}
        for names in calls:
            frames |= pd.read_excel(path, sheet_name=names, header=None, engine=reader)
        form = frames[task.truth.main]
        task.read(path.name, zip(form[0][1:], form[VALUE][1:], strict=True))
        for sheet, frame in frames.items():
            frame.insert(0, "file", path.name)
            tables[sheet].append(frame)
    with pd.ExcelWriter(task.out / f"{writer}.xlsx", engine=writer) as book:
        for sheet, parts in tables.items():
            pd.concat(parts).to_excel(book, sheet_name=sheet, index=False)


def openpyxl_loop(task: Task) -> None:
    """A loop over load_workbook that copies every cell value into one workbook."""
    _with_openpyxl(task, read_only=False)


def openpyxl_read_only(task: Task) -> None:
    """The same with ``read_only=True``, which reads a sheet as a stream."""
    _with_openpyxl(task, read_only=True)


def _with_openpyxl(task: Task, *, read_only: bool) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    targets = {sheet: book.create_sheet(sheet) for sheet in task.truth.sheets}
    for path in task.paths:
        source = openpyxl.load_workbook(path, data_only=True, read_only=read_only)
        for sheet, target in targets.items():
            rows = list(source[sheet].iter_rows(values_only=True))
            for row in rows:
                target.append((path.name, *row))
            if sheet == task.truth.main:
                task.read(path.name, _figures(rows))
        source.close()
    book.save(task.out / "openpyxl.xlsx")


def _figures(rows: Sequence[Sequence[object]]) -> Iterator[tuple[object, object]]:
    """Codes and figures of the main form; its first row has the codes of columns."""
    return ((row[0], row[VALUE]) for row in rows[1:] if len(row) > VALUE)


def calamine_needed(task: Task) -> None:
    """Bare python-calamine over the sheets that we read: nothing checked, nothing written."""
    from python_calamine import CalamineWorkbook

    names = (*task.truth.sheets, STAMP)
    for path in task.paths:
        book = CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names
        }
        task.read(path.name, _figures(sheets[task.truth.main]))


def inflated(task: Task) -> None:
    """The floor: inflate every part of every file once; nothing is parsed."""
    for path in task.paths:
        with ZipFile(path) as package:
            for name in package.namelist():
                package.read(name)


def inflated_needed(task: Task) -> None:
    """The lower floor: inflate the parts that hold the sheets which we read; nothing is parsed."""
    sheets = (*task.truth.sheets, STAMP)
    known: dict[tuple[int, ...], list[str]] = {}
    for path in task.paths:
        with ZipFile(path) as package:
            # Which part is which sheet is looked up once for all files that say the same of it.
            key = tuple(package.getinfo(name).CRC for name in _PACKAGE)
            if key not in known:
                known[key] = needed_parts(package, sheets)
            for name in known[key]:
                package.read(name)


def needed_parts(package: ZipFile, sheets: Collection[str | None]) -> list[str]:
    """List the parts that hold these sheets, with those that say how to read them."""
    from xml.etree import ElementTree

    book, relations = (ElementTree.fromstring(package.read(name)) for name in _PACKAGE)
    targets = {item.get("Id"): posixpath.join("xl", item.get("Target", "")) for item in relations}
    parts = []
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        if sheet.get("name") in sheets:
            (of,) = (value for name, value in sheet.attrib.items() if name.endswith("}id"))
            parts.append(targets[of].lstrip("/"))
    there = set(package.namelist())
    return [name for name in (*_NEEDED, *parts) if name in there]


def issued(task: Task) -> None:
    """Issue a round with the answers of the one before in grey, from cached templates."""
    from benchmarks.forms import FORMS
    from consolidate.definitions.loader import shipped_library
    from consolidate.templates.issued import TemplateCache

    round_ = FORMS[task.truth.forms].round
    _issued(task, TemplateCache(shipped_library().at(round_)))


def issued_whole(task: Task) -> None:
    """The same templates, each built whole."""
    _issued(task, None)


def _issued(task: Task, moulds: TemplateCache | None) -> None:
    """Sum the checksums of one PCTN template per return of the inbox, to compare bytes."""
    from benchmarks.forms import FORMS, MAIN
    from consolidate.definitions.loader import shipped_library
    from consolidate.templates.issued import Issue, issued_template

    forms = FORMS[task.truth.forms]
    for unit in forms.units(len(task.paths)):
        typed = forms.typed(forms.filled(unit))
        past = {f"{MAIN}.{element}": value for element, value in typed.items()}
        issue = Issue(unit, "pctn", forms.round, None, (forms.before, past))
        data = issued_template(shipped_library().at(forms.round), issue, bytes(32), moulds)
        (task.out / "issued.xlsx").write_bytes(data)
        task.made += zlib.crc32(data)


def annotated(task: Task) -> None:
    """Write twenty findings into a copy of every return; counts the copies."""
    from consolidate.model.cells import CellRef
    from consolidate.model.reasons import Finding, Severity, because
    from consolidate.xlsx.patch.annotate_copy import annotate
    from consolidate.xlsx.patch.correction_lines import ListHeading

    why, heading = because("intake.crashed"), ListHeading("Đơn vị", "Báo cáo")
    cells = [CellRef(task.truth.main, row, VALUE) for row in range(20, 40)]
    found = [Finding("r", Severity.ERROR, why, "pctn_01", cells=(cell,)) for cell in cells]
    for path in task.paths:
        (task.out / "annotated.xlsx").write_bytes(annotate(path.read_bytes(), found, heading))
        task.made += 1


def resaved(task: Task) -> None:
    """Load every return with openpyxl and save it, as a script that marks cells does."""
    import openpyxl

    for path in task.paths:
        openpyxl.load_workbook(path).save(task.out / "resaved.xlsx")
        task.made += 1


Job = Callable[[Task], None]
_FAST = (ours, ours_reading, ours_reading_2, calamine_needed)
_SCRIPTS = pandas_per_sheet, pandas_one_call, pandas_calamine, openpyxl_loop, openpyxl_read_only
SCRIPTS: dict[str, Job] = {job.__name__: job for job in _SCRIPTS}
"""What people would write instead: slow, so that on many files a sample of these is measured."""
READING: dict[str, Job] = {job.__name__: job for job in _FAST} | SCRIPTS
"""Jobs that read values; every one must read every figure as it was typed."""
FLOORS: dict[str, Job] = {job.__name__: job for job in (inflated, inflated_needed)}
ISSUING: dict[str, Job] = {job.__name__: job for job in (issued, issued_whole)}
ANNOTATING: dict[str, Job] = {job.__name__: job for job in (annotated, resaved)}


def peak_memory() -> float | None:
    """Peak memory in MB of this process and its largest child; ``None`` on Windows."""
    try:
        import resource
    except ImportError:
        return None
    own, child = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    status = Path("/proc/self/status")
    if status.exists():
        # The other one is at least what the process that started this one had.
        lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
        own = int(lines["VmHWM"].split()[0])
    return (own + child) / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Run one job and print what it took."""
    name, inbox, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    task = Task(inbox, out, Truth.of(inbox))
    start = time.perf_counter()
    (READING | FLOORS | ISSUING | ANNOTATING)[name](task)
    told: dict[str, Any] = {"seconds": time.perf_counter() - start - task.seconds}
    told |= {"cpu": sum(os.times()[:4]) - task.cpu, "memory": peak_memory(), "made": task.made}
    print(json.dumps(told | {"wrong": task.wrong() if name in READING else []}))


if __name__ == "__main__":
    main()
