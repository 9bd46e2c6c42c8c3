"""Lines of the rules: each once, or once per row of a fixed table, compiled to formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consolidate.checks.rules import rule_in_words
from consolidate.definitions.catalogue import sentence, text
from consolidate.forms.answer_cells import HELPER_SHEET, SAYS, AnswerBlock
from consolidate.forms.codes import status_formula
from consolidate.forms.judging import ANSWER, CODE
from consolidate.forms.lines import (
    BROKEN,
    HOLDS,
    OPEN_QUESTION,
    SIGNS,
    Figure,
    Line,
    around,
    quoted,
)
from consolidate.forms.live import LiveText
from consolidate.forms.reading import SECOND_STATUS, SECOND_VALUE, series_formulas
from consolidate.forms.shared import Formulas
from consolidate.forms.template_answers import Answers, RowValues
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataSet, RuleSpec, Scope, Shape, Stage
from consolidate.model.findings import Severity
from consolidate.rules.compile import compile_rule
from consolidate.rules.evaluate import Evaluation, Verdict, evaluate
from consolidate.rules.nodes import Expr, Leaf, Ref, Rows, Shift, Total, leaves

Blocks = Mapping[str, AnswerBlock]
"""Helper cells by data set."""
_NUMBERS = {Verdict.HOLDS: 1, Verdict.BROKEN: 0, Verdict.NOT_APPLICABLE: -1}


def used_answers(
    data_sets: tuple[DataSet, ...], answers_of: Mapping[str, tuple[tuple[RuleSpec, Expr], ...]]
) -> dict[str, set[tuple[str, str]]]:
    """What rules ask for, by data set: element and column (of open tables the element twice)."""
    used: dict[str, set[tuple[str, str]]] = {data_set.code: set() for data_set in data_sets}
    for data_set in data_sets:
        for _, expression in answers_of[data_set.code]:
            for leaf in leaves(expression):
                ref = leaf.ref if isinstance(leaf, Total) else leaf
                if isinstance(ref, Ref) and ref.data_set in used:
                    elements = [ref.element] if ref.element else list(data_set.by_code)
                    used[ref.data_set] |= {(code, ref.column or code) for code in elements}
    return used


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the formulas of a rule find what it needs.

    ``row`` is the row of the helper sheet for a rule asked of each row of an open table;
    ``chosen`` is instead a reference to the number of the row that is shown.
    """

    blocks: Blocks
    home: DataSet
    element: str = ""
    row: int = 0
    chosen: str = ""

    def value(self, leaf: Leaf) -> str:
        return self._find(leaf)[0]

    def status(self, leaf: Leaf) -> str:
        return self._find(leaf)[1]

    def _find(self, leaf: Leaf) -> tuple[str, str]:
        """Value and status of a leaf."""
        ref = leaf.ref if isinstance(leaf, Total) else leaf
        block = self.blocks.get(ref.data_set)
        if block is None or ref.shift is not Shift.CURRENT:
            return "0", "-1"
        beyond = f"ROWS({block.place.body})>{block.count}"  # Rows that nothing here reads.
        if isinstance(leaf, Rows):
            return f"SUM({block.column_span(SAYS)})", f"IF({beyond},-1,1)"
        if isinstance(leaf, Total):
            column = leaf.ref.element
            value, status = series_formulas(
                block.span(ANSWER, column),
                f"({status_formula(block.span(CODE, column))})",
                block.column_span(SAYS),
            )
            return value, f"IF({beyond},-1,{status})"
        assert isinstance(ref, Ref)
        return self._answer(block, ref)

    def _answer(self, block: AnswerBlock, ref: Ref) -> tuple[str, str]:
        if block.place.open:
            if self.chosen:
                found = [
                    f"INDEX({block.span(name, ref.element)},{self.chosen})"
                    for name in (ANSWER, CODE)
                ]
            else:
                found = [block.at(name, ref.element, self.row) for name in (ANSWER, CODE)]
            return f"N({found[0]})", status_formula(found[1])
        element = block.place.data_set.by_code[ref.element or self.element]
        if element.second and ref.column == element.second:
            first = element.columns[0]
            second = [
                block.of_element(name, element.code, first)
                for name in (SECOND_VALUE, SECOND_STATUS)
            ]
            return second[0], second[1]
        if ref.column not in element.columns:
            return "0", "0"
        code = block.of_element(CODE, element.code, ref.column)
        answer = block.of_element(ANSWER, element.code, ref.column)
        return f"N({answer})", status_formula(code)


@dataclass(frozen=True)
class RuleLines:
    """All rules of a template as lines, with their verdicts row by row of open tables."""

    blocks: Blocks
    answers: Answers

    def lines(self, data_set: DataSet) -> Iterator[Line]:
        """The lines of the rules of a data set, in order."""
        column = self.blocks[data_set.code].width
        for rule, expression in self.answers.context.rules.get(data_set.code, ()):
            said = sentence(rule_in_words(rule, data_set, self.answers.context))
            if rule.scope is Scope.SET:
                yield self._line(data_set, rule, expression, said[:1].upper() + said[1:])
            elif data_set.shape is Shape.FIXED:
                for element in data_set.elements:
                    if not rule.rows or element.code in rule.rows:
                        place = f"{data_set.caption(element)}: {said}"
                        yield self._line(data_set, rule, expression, place, element.code)
            else:
                yield self._open_line(data_set, rule, expression, said, column)
                column += 1

    def _line(
        self, data_set: DataSet, rule: RuleSpec, expression: Expr, said: str, element: str = ""
    ) -> Line:
        made = compile_rule(expression, rule, _Cells(self.blocks, data_set, element))
        found = evaluate(expression, rule, RowValues(self.answers, data_set, element))
        cells = self._cells(expression, element)
        severity = severity_of(rule)
        signs = f'"{OPEN_QUESTION}","{BROKEN}","{HOLDS}"'
        return Line(
            said,
            text(f"terms.severity.{severity}"),
            LiveText(f"=CHOOSE({made.verdict}+2,{signs})", SIGNS[found.verdict]),
            Figure(f"={made.left}", _side(found, "left")),
            Figure(f"={made.right}", _side(found, "right")),
            cells[0] if cells else None,
            said,
            cells,
            colour=severity,
        )

    def _cells(self, expression: Expr, element: str) -> list[CellRef]:
        """Input cells that a rule reads, in its order; rows of open tables are left out."""
        found: dict[CellRef, None] = {}
        for leaf in leaves(expression):
            if not isinstance(leaf, Ref) or leaf.shift is not Shift.CURRENT:
                continue
            block = self.blocks.get(leaf.data_set)
            if block is None or block.place.open:
                continue
            asked = block.place.data_set.by_code[leaf.element or element]
            column = asked.columns[0] if leaf.column == asked.second else leaf.column
            if column in asked.columns:
                found[block.place.cell(asked.code, column)] = None
        return list(found)

    def _open_line(
        self, data_set: DataSet, rule: RuleSpec, expression: Expr, said: str, column: int
    ) -> Line:
        """One line for all rows: how many break the rule, and the sides of the first."""
        block = self.blocks[data_set.code]
        verdicts = block.column_span(column)
        chosen = f"{HELPER_SHEET}!${column_letters(column)}${block.end + 1}"
        made = compile_rule(expression, rule, _Cells(self.blocks, data_set, chosen=chosen))
        rows = self._row_evaluations(data_set, rule, expression)
        broken = [row for row, found in rows.items() if found.verdict is Verdict.BROKEN]
        held = any(found.verdict is Verdict.HOLDS for found in rows.values())
        shown = rows[broken[0]] if broken else None
        count = f"COUNTIF({verdicts},0)"
        rest = around("template.check.first_row", count=count, row=chosen)
        content = said[:1].upper() + said[1:]
        note = ""
        if broken:
            note = text("template.check.first_row", count=len(broken), row=broken[0] + 1)
        sign = BROKEN if broken else HOLDS if held else OPEN_QUESTION
        place, severity = block.place, severity_of(rule)
        first = next(leaf for leaf in leaves(expression) if isinstance(leaf, Ref))
        index = place.columns[first.element]
        address = f"ADDRESS(ROW(INDEX({place.body},{chosen},1)),{index + 1},4)"
        link = f'=IF({chosen}=0,"",HYPERLINK({quoted("#" + place.prefix)}&{address},{address}))'
        at = CellRef(data_set.sheet, place.first + broken[0], index).a1 if broken else ""
        return Line(
            LiveText(f'={quoted(content)}&IF({chosen}=0,"",{rest})', content + note),
            text(f"terms.severity.{severity}"),
            LiveText(
                f'=IF({chosen}>0,"{BROKEN}",IF(COUNTIF({verdicts},1)>0,"{HOLDS}","{OPEN_QUESTION}"))',
                sign,
            ),
            Figure(f'=IF({chosen}=0,"",{made.left})', _side(shown, "left")),
            Figure(f'=IF({chosen}=0,"",{made.right})', _side(shown, "right")),
            LiveText(link, at),
            content + text("template.check.first_row", count=99, row=99),
            table=data_set.code,
            verdicts=column,
            broken=broken,
            marked=tuple(
                leaf.element
                for leaf in leaves(expression)
                if isinstance(leaf, Ref) and leaf.data_set == data_set.code
            ),
            colour=severity,
        )

    def _row_evaluations(
        self, data_set: DataSet, rule: RuleSpec, expression: Expr
    ) -> dict[int, Evaluation]:
        numbered = self.answers.numbers_of(data_set.code)
        return {
            row: evaluate(expression, rule, RowValues(self.answers, data_set, number=numbered[row]))
            for row in sorted(numbered)
        }

    def _row_rules(self) -> Iterator[tuple[AnswerBlock, RuleSpec, Expr, int]]:
        """Rules asked of each row of an open table, with their column of the helper sheet."""
        for code, block in self.blocks.items():
            column = block.width
            for rule, expression in self.answers.context.rules.get(code, ()):
                if rule.scope is Scope.ROW and block.place.open:
                    yield block, rule, expression, column
                    column += 1

    def _broken(self, block: AnswerBlock, rule: RuleSpec, expression: Expr) -> list[int]:
        """Rows that break a rule now, from 0."""
        rows = self._row_evaluations(block.place.data_set, rule, expression)
        return [row for row, found in rows.items() if found.verdict is Verdict.BROKEN]

    def further_formulas(self, severity: Severity) -> list[str]:
        """Broken rows of open tables beyond the first, which is counted with its line."""
        return [
            f"MAX(0,COUNTIF({block.column_span(column)},0)-1)"
            for block, rule, _, column in self._row_rules()
            if severity_of(rule) is severity
        ]

    def further_rows(self) -> Counter[Severity]:
        """The same as they are now."""
        found: Counter[Severity] = Counter()
        for block, rule, expression, _ in self._row_rules():
            found[severity_of(rule)] += max(0, len(self._broken(block, rule, expression)) - 1)
        return found

    def write(self, formulas: Formulas) -> None:
        """Write the verdicts of the rows of open tables into the helper sheet."""
        for block, rule, expression, column in self._row_rules():
            data_set, span = block.place.data_set, block.column_span(column)
            self._write_rows(formulas, data_set, rule, expression, column)
            first = min(self._broken(block, rule, expression), default=-1) + 1
            formulas.write(block.end, column, f"IFERROR(MATCH(0,{span},0),0)", None, first)

    def _write_rows(
        self,
        formulas: Formulas,
        data_set: DataSet,
        rule: RuleSpec,
        expression: Expr,
        column: int,
    ) -> None:
        block = self.blocks[data_set.code]
        rows = self._row_evaluations(data_set, rule, expression)

        def formula(row: int, _: int) -> str:
            made = compile_rule(expression, rule, _Cells(self.blocks, data_set, row=row))
            verdict = made.verdict.replace(f"{HELPER_SHEET}!", "")  # Shared: names no sheet.
            return f"IF(${column_letters(SAYS)}{row + 1}=0,-1,{verdict})"

        def value(row: int, _: int) -> int:
            found = rows.get(row - block.top)
            return _NUMBERS[found.verdict] if found is not None else -1

        formulas.fill([(row, column) for row in range(block.top, block.end)], formula, value)


def severity_of(rule: RuleSpec) -> Severity:
    """A rule on trial only informs."""
    return Severity.INFO if rule.stage is Stage.TRIAL else rule.severity


def _side(found: Evaluation | None, side: str) -> float | str:
    value = getattr(found, side) if found is not None else None
    return "" if value is None else float(value)
