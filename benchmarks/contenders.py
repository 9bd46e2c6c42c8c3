"""The jobs that are compared, each a process of its own: ``python -m benchmarks.contenders``.

The first argument names the job, then come the inbox and the folder for results. Each prints one
JSON line: seconds of work with imports, by the clock (``seconds``) and of processors (``cpu``, its
worker processes included); peak memory in MB of it and of the largest of these; and the province's
total of MS 3 as a check that all of them read the same figures (when issuing: a checksum of what
was made, when annotating: how many; ``null`` where no values are read).
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consolidate.templates.template_cache import TemplateCache

SHEETS = ("Bìa", "Biểu 01", "Biểu 02")
"""The sheets that a script reads: cover and forms."""
NEEDED = (*SHEETS, "_stamp")
"""The sheets that our merge reads."""
NEEDED_PARTS = (
    *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"),
    *("xl/styles.xml", "xl/sharedStrings.xml"),
    *(f"xl/worksheets/sheet{number}.xml" for number in (1, 3, 4, 8)),
)
"""The parts that hold these sheets, as our templates and openpyxl name them."""
VALUE = 5
"""Zero-based column of the figures on "Biểu 01"."""


def ours(inbox: Path, out: Path) -> float:
    """Our merge, complete: read, check, place, total, summary workbook, result.json."""
    from consolidate.definitions.loader import shipped_library
    from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
    from consolidate.merge.read_files import workers

    with workers(shipped_library(), inbox) as executor:
        result = merge(MergeRequest(shipped_library(), inbox), executor)
    write_results(result, out, inbox)
    figure = next(
        table.figure("c3", "value") for table in result.tables if table.data_set.code == "pctn_01"
    )
    if figure is None or figure.total is None:
        raise ValueError("no total of MS 3")
    return float(figure.total)


def ours_reading(inbox: Path, out: Path) -> float:
    """Our reading stage alone: every file gated, read, located, checked."""
    del out
    from consolidate.definitions.loader import shipped_library
    from consolidate.intake.inbox import scan
    from consolidate.merge.read_files import read_inbox

    readings = [
        reading
        for source in read_inbox(shipped_library(), scan(inbox))
        for reading in source.readings
    ]
    return float(
        sum(
            value.number or 0
            for reading in readings
            if reading.content is not None
            for value in reading.content.values()
            if value.key.element == "c3"
        )
    )


def pandas_per_sheet(inbox: Path, out: Path) -> float:
    """What an officer's script does: read_excel for every sheet, concat, to_excel."""
    import pandas as pd

    tables: dict[str, list[pd.DataFrame]] = {sheet: [] for sheet in SHEETS}
    for path in sorted(inbox.glob("*.xlsx")):
        for sheet in SHEETS:
            frame = pd.read_excel(path, sheet_name=sheet, header=None, engine="openpyxl")
            frame.insert(0, "file", path.name)
            tables[sheet].append(frame)
    with pd.ExcelWriter(out / "pandas.xlsx", engine="openpyxl") as book:
        for sheet, frames in tables.items():
            pd.concat(frames).to_excel(book, sheet_name=sheet, index=False)
    form = pd.concat(tables[SHEETS[1]])
    return float(pd.to_numeric(form[form[0] == "c3"][VALUE]).sum())


def pandas_calamine(inbox: Path, out: Path) -> float:
    """The best script of a user who knows of calamine: one call a file, concat, to_excel."""
    import pandas as pd

    tables: dict[str, list[pd.DataFrame]] = {sheet: [] for sheet in SHEETS}
    for path in sorted(inbox.glob("*.xlsx")):
        read = pd.read_excel(path, sheet_name=list(SHEETS), header=None, engine="calamine")
        for sheet, frame in read.items():
            frame.insert(0, "file", path.name)
            tables[sheet].append(frame)
    with pd.ExcelWriter(out / "calamine.xlsx", engine="xlsxwriter") as book:
        for sheet, frames in tables.items():
            pd.concat(frames).to_excel(book, sheet_name=sheet, index=False)
    form = pd.concat(tables[SHEETS[1]])
    return float(pd.to_numeric(form[form[0] == "c3"][VALUE]).sum())


def openpyxl_loop(inbox: Path, out: Path) -> float:
    """A loop over load_workbook that copies every cell value into one workbook."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    targets = {sheet: book.create_sheet(sheet) for sheet in SHEETS}
    total = 0.0
    for path in sorted(inbox.glob("*.xlsx")):
        source = openpyxl.load_workbook(path, data_only=True)
        for sheet, target in targets.items():
            for row in source[sheet].iter_rows(values_only=True):
                target.append((path.name, *row))
                if sheet == SHEETS[1] and row[0] == "c3":
                    total += float(str(row[VALUE]))
    book.save(out / "openpyxl.xlsx")
    return total


def calamine_needed(inbox: Path, out: Path) -> float:
    """Bare python-calamine over the sheets that we read: nothing checked, nothing written."""
    del out
    from python_calamine import CalamineWorkbook

    total = 0.0
    for path in sorted(inbox.glob("*.xlsx")):
        book = CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in NEEDED
        }
        total += sum(float(str(row[VALUE])) for row in sheets[SHEETS[1]] if row and row[0] == "c3")
    return total


def inflated(inbox: Path, out: Path) -> None:
    """The floor: inflate every part of every file once; nothing is parsed."""
    del out
    import zipfile

    for path in sorted(inbox.glob("*.xlsx")):
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                package.read(name)


def inflated_needed(inbox: Path, out: Path) -> None:
    """The lower floor: inflate the parts that hold the sheets which we read; nothing is parsed."""
    del out
    import zipfile

    for path in sorted(inbox.glob("*.xlsx")):
        with zipfile.ZipFile(path) as package:
            for name in set(package.namelist()).intersection(NEEDED_PARTS):
                package.read(name)


def issued(inbox: Path, out: Path) -> float:
    """Issue a round with the answers of the one before in grey, from cached templates."""
    from consolidate.definitions.loader import shipped_library
    from consolidate.model.period import Period
    from consolidate.templates.template_cache import TemplateCache

    round_ = Period.parse_code("2018-9M")
    return _issued(inbox, out, TemplateCache(shipped_library().at(round_)))


def issued_whole(inbox: Path, out: Path) -> float:
    """The same templates, each built whole."""
    return _issued(inbox, out, None)


def _issued(inbox: Path, out: Path, moulds: TemplateCache | None) -> float:
    """Sum the checksums of one PCTN template per return of the inbox, to compare bytes."""
    from benchmarks.inbox import units
    from consolidate.definitions.loader import shipped_library
    from consolidate.model.period import Period
    from consolidate.model.units import OrganisationUnit
    from consolidate.templates.issued import Issue, issued_template
    from examples.sample import pctn_return

    now, before = Period.parse_code("2018-9M"), Period.parse_code("2018-6M")
    total = 0
    for unit in units(len(list(inbox.glob("*.xlsx")))):
        answered = pctn_return(unit).values
        past = {name: value for name, value in answered.items() if name.startswith("pctn_01.")}
        office = OrganisationUnit(unit.code, unit.name, unit.level)
        issue = Issue(office, "pctn", now, None, (before, past))
        data = issued_template(shipped_library().at(now), issue, bytes(32), moulds)
        (out / "issued.xlsx").write_bytes(data)
        total += zlib.crc32(data)
    return float(total)


def annotated(inbox: Path, out: Path) -> float:
    """Write twenty findings into a copy of every return; counts the copies."""
    from consolidate.model.cells import CellRef
    from consolidate.model.reasons import Finding, Severity, because
    from consolidate.xlsx.patch.annotate_copy import annotate
    from consolidate.xlsx.patch.correction_lines import ListHeading

    why, heading = because("intake.crashed"), ListHeading("Đơn vị", "Báo cáo")
    cells = [CellRef(SHEETS[1], row, VALUE) for row in range(20, 40)]
    found = [Finding("r", Severity.ERROR, why, "pctn_01", cells=(cell,)) for cell in cells]
    paths = sorted(inbox.glob("*.xlsx"))
    for path in paths:
        (out / "annotated.xlsx").write_bytes(annotate(path.read_bytes(), found, heading))
    return float(len(paths))


def resaved(inbox: Path, out: Path) -> float:
    """Load every return with openpyxl and save it, as a script that marks cells does."""
    import openpyxl

    paths = sorted(inbox.glob("*.xlsx"))
    for path in paths:
        openpyxl.load_workbook(path).save(out / "resaved.xlsx")
    return float(len(paths))


JOBS: dict[str, Callable[[Path, Path], float]] = {
    job.__name__: job
    for job in (
        *(ours, ours_reading, pandas_per_sheet, pandas_calamine, openpyxl_loop, calamine_needed),
    )
}
FLOORS: dict[str, Callable[[Path, Path], None]] = {
    job.__name__: job for job in (inflated, inflated_needed)
}
ISSUING: dict[str, Callable[[Path, Path], float]] = {
    job.__name__: job for job in (issued, issued_whole)
}
ANNOTATING: dict[str, Callable[[Path, Path], float]] = {
    job.__name__: job for job in (annotated, resaved)
}


def peak_memory() -> float | None:
    """Peak memory in MB of this process and its largest child; ``None`` on Windows."""
    try:
        import resource
    except ImportError:
        return None
    asked = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = sum(resource.getrusage(who).ru_maxrss for who in asked)
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Run one job and print what it took."""
    name, inbox, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    start = time.perf_counter()
    total = (JOBS | FLOORS | ISSUING | ANNOTATING)[name](inbox, out)
    seconds = time.perf_counter() - start
    used = os.times()
    cpu = used.user + used.system + used.children_user + used.children_system
    told = {"seconds": seconds, "cpu": cpu, "memory": peak_memory(), "total": total}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
