"""Render the pictures of the documentation from real output: ``python -m docs.pictures``.

Needs LibreOffice (soffice) and poppler (pdftoppm).
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from consolidate.definitions.load import library
from consolidate.forms.build import build_template
from consolidate.pipeline import MergeRequest, merge, write_results
from consolidate.register.roster import read_roster

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
DPI = 80
CHECK_PAGES = {"pctn": 7, "cchc": 4}
"""Pages of the blank templates on which the sheet of live checks begins."""


def render(workbook: Path, names: dict[int, str], folder: Path) -> None:
    """Turn pages of a workbook, by page number from 1, into PNG files of ``docs/images``.

    Raises:
        subprocess.CalledProcessError: LibreOffice or poppler failed.
    """
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(workbook)], check=True, capture_output=True)
    pdf = folder / f"{workbook.stem}.pdf"
    for page, name in names.items():
        target = HERE / "images" / name
        pages = ["-f", str(page), "-l", str(page), "-singlefile"]
        subprocess.run(
            ["pdftoppm", "-png", "-r", str(DPI), *pages, str(pdf), str(target)], check=True
        )


def main() -> None:
    """Render the overview and the province's table of the examples, and the blank templates."""
    (HERE / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roster = read_roster(EXAMPLES / "roster.xlsx", library().template_by_code)
        result = merge(MergeRequest(EXAMPLES / "inbox", roster=roster))
        written = write_results(result, folder, EXAMPLES / "inbox")
        render(written["workbook"], {1: "tong-quan", 3: "toan-tinh"}, folder)
        for template in library().templates:
            path = folder / template.file_name
            path.write_bytes(build_template(library(), template.code))
            pages = {1: "bia", 2: "bieu", CHECK_PAGES[template.code]: "kiem-tra"}
            render(path, {page: f"{template.code}-{name}" for page, name in pages.items()}, folder)


if __name__ == "__main__":
    main()
