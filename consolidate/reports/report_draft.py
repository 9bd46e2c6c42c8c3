"""Fill the Word template of a report with figures and words of units.

docxtpl fills in the template. It is one that the program made or an officer edited, never a file of
a unit; what units wrote goes in as text with its signs escaped, and nothing in it is a tag. The
file is sealed in its properties (``identifier``), which tells a draft that somebody changed
(:func:`consolidate.xlsx.write.files.as_sealed`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from consolidate.model.reasons import Reason, UserError, because
from consolidate.reports.official_page import mark_pages
from consolidate.reports.report_tags import Tags
from consolidate.xlsx.write.files import UNSEALED, sealed
from consolidate.xlsx.write.safe_text import clean


def report_bytes(template: bytes, tags: Tags, words: Mapping[str, str]) -> bytes:
    """Fill in a template; the same template, result and words give the same bytes.

    Args:
        template: the bytes of a .docx file with tags.
        tags: the figures and texts that it may ask for.
        words: what else it may name.

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
