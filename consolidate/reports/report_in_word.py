"""Make the Word template of a report from its outline, and fill it with figures and words of units.

An outline is a text beside the forms of its pack (``report.md``): ``#`` the title, ``=`` a line
below it, ``##`` to ``####`` the headings, other lines paragraphs, ``//`` a remark. Figures stand in
it by their names, in tags of Jinja (:mod:`consolidate.reports.report_tags`), and stay in the
template, which an officer edits, as they are. Layout: Nghị định 30/2020/NĐ-CP, Phụ lục I and
sample 1.4.

docxtpl fills in the template. It is one that the program made or an officer edited, never a file of
a unit; what units wrote goes in as text with its signs escaped, and nothing in it is a tag. The
file is sealed in its properties (``identifier``), which tells a draft that somebody changed
(:func:`consolidate.xlsx.write.atomic_files.as_sealed`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from docx.enum.text import WD_TAB_ALIGNMENT
from docx.shared import Mm, Pt, RGBColor

from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import offered_packs
from consolidate.model.datasets import Heading, Shape
from consolidate.model.packs import Pack
from consolidate.model.reasons import Reason, UserError, because
from consolidate.reports.letterhead import Authority
from consolidate.reports.official_page_in_word import (
    CENTER,
    JUSTIFY,
    LEFT,
    POINTS,
    TEXT_SIZE,
    body,
    document_bytes,
    mark_pages,
    new_document,
    rule,
    set_font,
    write,
    write_names,
    write_signature,
)
from consolidate.reports.report_tags import Tags
from consolidate.xlsx.write.atomic_files import UNSEALED, sealed
from consolidate.xlsx.write.safe_text import clean

OUTLINE = "report.md"
_WIDTH = 165.0
"""Width of the text of a page in millimetres."""
_RULE = 110.0
"""Length of the line below the title in points."""
_NAMED = re.compile(r'\("(\w+)\.')
"""The form of a name in a tag."""
_LEVELS = {"##": 1, "###": 2, "####": 3}


def shipped_outline(pack: Pack) -> str:
    """Find the outline of a pack; where none is written, make one of its forms.

    Packs of one code differ in their forms: an outline is that of a pack which has all the forms
    that it names, and whose reports in words it names all.
    """
    home = resources.files("consolidate.definitions")
    folders = [home / "packs" / pack.code]
    folders += [home / "offered" / name for name in offered_packs() if name.startswith(pack.code)]
    forms = {form.code for form in pack.data_sets}
    words = {form.code for form in pack.data_sets if form.narrative}
    for file in (folder / OUTLINE for folder in folders):
        outline = file.read_text(encoding="utf-8") if file.is_file() else ""
        if outline and words <= set(_NAMED.findall(outline)) <= forms:
            return outline
    return "\n\n".join(_made(pack))


def _made(pack: Pack) -> Iterator[str]:
    """Title, every figure of every form under its headings, every item of a report in words."""
    yield f"# {text('report.title')}"
    yield f"# {pack.title.removeprefix(text('report.about'))} {{{{ ky }}}}"
    yield "= {{ so_lieu_tu }}"
    yield text("report.opening", basis="{{ can_cu }}", agency="{{ co_quan }}")
    yield "{{ nguon_so_lieu }}"
    # The items of the report in words first, each with the figures that count the same.
    for data_set in sorted(pack.data_sets, key=lambda form: not form.narrative):
        if data_set.shape is Shape.FIXED:
            yield f"## {data_set.short_title}"
        for item in data_set.body if data_set.shape is Shape.FIXED else ():
            if isinstance(item, Heading):
                yield f"{'####' if item.subsection else '###'} {item.label}"
            elif data_set.narrative:
                yield f"#### {item.number}. {item.label}"
                for name in item.counted_by:
                    yield f'- {{{{ chi_tieu("{name}") }}}};'
                yield f'{{{{ thuyet_minh("{data_set.code}.{item.code}") }}}}'
            else:
                for column in item.columns:
                    if data_set.type_of(item, column).numeric:
                        yield f'- {{{{ chi_tieu("{data_set.code}.{item.code}.{column}") }}}};'
    yield text("report.enclosed", file="{{ kem_theo }}")


def template_bytes(outline: str, title: str, authority: Authority) -> bytes:
    """Build the Word template of an outline; the same outline gives the same bytes.

    ``title`` stands in the properties of the file; ``authority`` is who reports and signs.
    """
    document = new_document(title, authority.name)
    # Each page says beside its number that this is a draft; the first page says it below.
    section: Any = document.sections[0]
    header = section.header.paragraphs[0]
    header.paragraph_format.tab_stops.add_tab_stop(Mm(_WIDTH / 2), WD_TAB_ALIGNMENT.CENTER)
    header.paragraph_format.tab_stops.add_tab_stop(Mm(_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    header.alignment = LEFT
    header.runs[0]._r.addprevious(header.add_run("\t")._r)
    run = header.add_run(f"\t{text('report.draft')}")
    run.font.size, run.bold = Pt(12), True
    # Headings look as in official documents: they show in Word's navigation pane.
    for level in (1, 2, 3):
        style: Any = document.styles[f"Heading {level}"]
        set_font(style.element.get_or_add_rPr().get_or_add_rFonts())
        style.font.size, style.font.color.rgb = Pt(TEXT_SIZE), RGBColor(0, 0, 0)
        style.font.bold, style.font.italic = level < 3, level == 3
        shape = style.paragraph_format
        shape.space_before, shape.space_after = Pt(6), Pt(4)
        shape.first_line_indent, shape.alignment, shape.keep_with_next = Mm(12.7), JUSTIFY, True
    place = write_names(document, authority)
    place.paragraph_format.space_before = Pt(6)
    write(place, text("report.draft"), size=TEXT_SIZE, bold=True, align=CENTER)
    lines = [line.strip() for line in outline.splitlines()]
    told = [line for line in lines if line and not line.startswith("//")]
    titles = [line for line in told if line.startswith("# ")]
    for number, line in enumerate(titles):
        paragraph = write(document.add_paragraph(), line[2:], bold=True, align=CENTER)
        paragraph.paragraph_format.space_before = Pt(0 if number else 14)
    rule(document, _WIDTH * POINTS, _RULE)
    *rest, last = [line for line in told if not line.startswith("# ")]
    for line in rest:
        prefix, _, said = line.partition(" ")
        if said and prefix == "=":
            below = write(document.add_paragraph(), said, italic=True, align=CENTER)
            below.paragraph_format.space_after = Pt(8)
        elif said and prefix in _LEVELS:
            document.add_paragraph(said, style=f"Heading {_LEVELS[prefix]}")
        else:
            body(document, line)
    body(document, last, keep=True)
    write_signature(document, authority, (text("report.received"), text("letter.archive")))
    return document_bytes(document)


def report_bytes(template: bytes, tags: Tags, words: Mapping[str, str]) -> bytes:
    """Fill in a template; the same template, result and words give the same bytes.

    ``tags`` are the figures and texts that it may ask for, ``words`` what else it may name.

    Raises:
        UserError: it is no Word file; names, tags or their writing are wrong, all names at once.
        ImportError: docxtpl is not installed.
    """
    from docxtpl import DocxTemplate, Listing  # Imported where a report is made.
    from jinja2 import StrictUndefined, TemplateError, meta
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    context: dict[str, Any] = {name: clean(word) for name, word in words.items()}
    context |= {name: getattr(tags, name) for name in ("so", "so_sanh", "chi_tieu")}
    # Listing makes a paragraph of each part between these signs, which no text of a unit has.
    context["thuyet_minh"] = lambda name: Listing("\a".join(tags.thuyet_minh(name)))
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.init_docx()
        named = environment.parse(document.patch_xml(document.get_xml()))
    except TemplateError as error:
        raise UserError((_bad_tag(tags, error),)) from None
    except Exception:  # Whatever zipfile, lxml or python-docx say of a file that is none.
        raise UserError((because("report.no_word", file=tags.template),)) from None
    unknown = sorted(meta.find_undeclared_variables(named) - context.keys())
    known = ", ".join(context)
    problems = [
        because("report.unknown_tag", file=tags.template, name=name, known=known)
        for name in unknown
    ]
    if not problems:
        try:
            document.render(context, environment, autoescape=True)
        except TemplateError as error:
            problems.append(_bad_tag(tags, error))
        problems += tags.problems
    if problems:
        raise UserError(tuple(problems))
    mark_pages(document.docx, tags.result.secrecy.label)
    document.docx.core_properties.identifier = f"consolidate:{UNSEALED}"
    made = io.BytesIO()
    document.docx.save(made)
    return sealed(made.getvalue())


def _bad_tag(tags: Tags, error: Exception) -> Reason:
    return because("report.bad_tag", file=tags.template, detail=str(error))
