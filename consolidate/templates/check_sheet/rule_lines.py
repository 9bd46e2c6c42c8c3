"""Make the lines of rules: each once, or once per row, compiled to formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consolidate.checks.rule_checks import rule_in_words
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.expressions import (
    Chosen,
    Compare,
    Expr,
    Leaf,
    Logic,
    Presence,
    Ref,
    Rows,
    Same,
    Shift,
    Total,
    leaves,
    looks_back,
    walk,
)
from consolidate.model.findings import Severity
from consolidate.model.rule_specs import RuleSpec, Scope
from consolidate.rules.evaluation import Evaluation, Verdict, evaluate
from consolidate.rules.excel_formula import compile_rule, figure_formula, says_formula
from consolidate.templates.answer_cells import SAYS, AnswerBlock, HelperCells, helper
from consolidate.templates.answer_codes import status_formula
from consolidate.templates.check_sheet.live import LiveText
from consolidate.templates.check_sheet.problem_lines import (
    BROKEN,
    HOLDS,
    OPEN_QUESTION,
    SIGNS,
    LiveFigure,
    LiveLink,
    ProblemLine,
    around,
    quoted,
)
from consolidate.templates.template_answers import Answers, RowValues

Blocks = Mapping[str, AnswerBlock]
"""Helper cells by data set."""
_NUMBERS = {Verdict.HOLDS: 1, Verdict.BROKEN: 0, Verdict.NOT_APPLICABLE: -1}


def series_formulas(values: str, codes: str, rows: str) -> tuple[str, str]:
    """Write value and status of the sum of a column over the rows that say something.

    ``values`` are the input cells, ``codes`` their numbers, ``rows`` 1 for a row that counts. A
    row that does not count has status 0 and no figure.
    """
    status = (
        f"IF(SUMPRODUCT(--(MOD({codes},10)=0))>0,-1,"
        f"IF(OR(SUM({rows})=0,SUMPRODUCT(--(MOD({codes},10)=2))>0),1,0))"
    )
    return f"SUM({values})", status


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the formulas of a rule find what it needs.

    In a rule asked of each row of an open table, ``row`` is the row from 0, or a reference to
    the number from 1 of the row that is shown.
    """

    blocks: Blocks
    element: str = ""
    row: int | str = 0

    def value(self, leaf: Leaf) -> str:
        return self._find(leaf)[0]

    def status(self, leaf: Leaf) -> str:
        return self._find(leaf)[1]

    def words(self, leaf: Leaf) -> str:
        return self.value(leaf).removeprefix("N(").removesuffix(")")

    def _find(self, leaf: Leaf) -> tuple[str, str]:
        """Value and status of a leaf."""
        ref = leaf.ref if isinstance(leaf, Total) else leaf
        block = self.blocks.get(ref.data_set)
        if isinstance(leaf, Ref) and leaf.shift is Shift.PREVIOUS and block is not None:
            return self._before(block, leaf)
        if block is None or ref.shift is not Shift.CURRENT:
            return "0", "-1"
        if isinstance(leaf, Rows):
            count = f"SUM({block.span(SAYS)})"
            if leaf.where is not None:
                count = f"SUMPRODUCT({self._matching(block, leaf.where)})"
            return count, f"IF({block.beyond},-1,1)"
        assert isinstance(ref, Ref)
        if isinstance(leaf, Total) and leaf.where is not None:
            return self._some(block, leaf.ref.element, leaf.where)
        if isinstance(leaf, Total):
            column = ref.element
            value, status = series_formulas(
                block.inputs(column), block.codes(column), block.span(SAYS)
            )
            return value, f"IF({block.beyond},-1,{status})"
        if not block.place.open:
            return self._fixed(block, ref)
        cell = f"N({block.input(ref.element, row=self.row)})"
        if isinstance(self.row, str):
            return cell, status_formula(f"INDEX({block.codes(ref.element)},{self.row})")
        return cell, status_formula(block.code(ref.element, row=self.row))

    def _some(self, block: AnswerBlock, column: str, where: Expr) -> tuple[str, str]:
        """Value and status of the sum of a column over the rows that fulfil a condition."""
        matching = self._matching(block, where)
        codes, cells = block.some_codes(column), block.some_inputs(column)
        with_status = (f"SUMPRODUCT({matching}*(MOD({codes},10)={n}))" for n in (0, 2))
        invalid, reported = with_status
        value = f"SUMPRODUCT({matching}*(MOD({codes},10)=2),{cells})"
        none = f"SUMPRODUCT({matching})=0"
        status = f"IF(OR({block.beyond},{invalid}>0),-1,IF(OR({none},{reported}>0),1,0))"
        return value, status

    def _matching(self, block: AnswerBlock, where: Expr) -> str:
        """1 for each row that fulfils a condition, else 0: factors of a SUMPRODUCT."""
        match where:
            case Logic("and", parts):
                return "*".join(self._matching(block, part) for part in parts)
            case Chosen(Ref(_, column), text, part):
                said = says_formula(block.some_inputs(column), text, part=part)
                return f"{_there(block, column)}*({said})"
            case Same(Ref(_, column), Ref() as asked):
                cells = block.some_inputs(column)
                return f"{_there(block, column)}*(TRIM({cells})={self._asked(asked)})"
            case Presence("filled", (Ref(_, column),)):
                return _there(block, column)
            case Compare(op, left, right):
                factors, sides = [], []
                for side in (left, right):
                    if isinstance(side, Ref) and not side.column:
                        factors.append(_there(block, side.element))
                        sides.append(block.some_inputs(side.element))
                        continue
                    for leaf in leaves(side):
                        factors.append(f"({self.status(leaf)}=1)")
                    sides.append(figure_formula(side, self))
                sign = {"==": "=", "!=": "<>"}.get(op, op)
                return "*".join((*factors, f"({sides[0]}{sign}{sides[1]})"))
            case _:
                raise TypeError(f"not a condition on rows: {where!r}")

    def _asked(self, asked: Ref) -> str:
        """What a row says that is compared with others: its answer, or its official number."""
        block = self.blocks[asked.data_set]
        if asked.element:
            return f"TRIM({block.input(asked.element, row=self.row)})"
        return quoted(block.place.data_set.by_code[self.element].number)

    def _before(self, block: AnswerBlock, ref: Ref) -> tuple[str, str]:
        """Value and status of a figure of the period before, which stands in grey if known."""
        place = block.place
        if place.previous is None:
            return "0", "-1"
        row = place.rows[ref.element or self.element]
        cell = f"{place.prefix}${column_letters(place.previous)}{row + 1}"
        return f"N({cell})", f"COUNT({cell})"

    def _fixed(self, block: AnswerBlock, ref: Ref) -> tuple[str, str]:
        element = block.place.data_set.by_code[ref.element or self.element]
        if element.second and ref.column == element.second:  # It is in a text, if anywhere.
            code = status_formula(block.code(element.columns[0], element=element.code))
            return "0", f"IF({code}=1,0,{code})"
        if ref.column not in element.columns:
            return "0", "0"
        cell = block.input(ref.column, element=element.code)
        return f"N({cell})", status_formula(block.code(ref.column, element=element.code))


@dataclass(frozen=True)
class RuleLines:
    """All rules of a template as lines, with their verdicts row by row of open tables."""

    blocks: Blocks
    answers: Answers

    def lines(self, data_set: DataSet) -> Iterator[ProblemLine]:
        """Make the lines of the rules of a data set, in order."""
        column = self.blocks[data_set.code].verdicts
        for rule, expression in self.answers.library.rules.get(data_set.code, ()):
            before_is_shown = self.blocks[data_set.code].place.previous is not None
            if rule.first if before_is_shown else looks_back(expression):
                continue
            said = sentence(rule_in_words(rule, data_set, self.answers.library))
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
        for rule, _ in self.answers.library.across.get(data_set.code, ()):
            yield self._elsewhere(data_set, rule)

    def _elsewhere(self, data_set: DataSet, rule: RuleSpec) -> ProblemLine:
        """The line of a rule that is asked at the province: the workbook has one side of it."""
        said = sentence(rule_in_words(rule, data_set, self.answers.library))
        content = text("template.check.at_province", sentence=said)
        sign = LiveText(f'="{OPEN_QUESTION}"', OPEN_QUESTION)
        severity = rule.told_as
        shown = text(f"terms.severity.{severity}")
        return ProblemLine(content, shown, sign, longest=content, colour=severity)

    def _line(
        self, data_set: DataSet, rule: RuleSpec, expression: Expr, said: str, element: str = ""
    ) -> ProblemLine:
        made = compile_rule(expression, rule, _Cells(self.blocks, element))
        found = evaluate(expression, rule, RowValues(self.answers, data_set, element))
        cells = self._cells(expression, element)
        severity = rule.told_as
        style = _style(expression)
        signs = f'"{OPEN_QUESTION}","{BROKEN}","{HOLDS}"'
        return ProblemLine(
            said,
            text(f"terms.severity.{severity}"),
            LiveText(f"=CHOOSE({made.verdict}+2,{signs})", SIGNS[found.verdict]),
            LiveFigure(f"={made.left}", _side(found, "left"), style),
            LiveFigure(f"={made.right}", _side(found, "right"), style),
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
            column = asked.columns[0] if asked.second == leaf.column else leaf.column
            if column in asked.columns:
                found[block.place.cell(asked.code, column)] = None
        return list(found)

    def _open_line(
        self, data_set: DataSet, rule: RuleSpec, expression: Expr, said: str, column: int
    ) -> ProblemLine:
        """One line for all rows: how many break the rule, and the sides of the first."""
        block = self.blocks[data_set.code]
        verdicts = block.span(column)
        chosen = helper(block.end, column)
        made = compile_rule(expression, rule, _Cells(self.blocks, row=chosen))
        rows = self._row_evaluations(data_set, rule, expression)
        broken = [row for row, found in rows.items() if found.verdict is Verdict.BROKEN]
        held = any(found.verdict is Verdict.HOLDS for found in rows.values())
        shown = rows[broken[0]] if broken else None
        count, holding = (f"SUMPRODUCT(--({verdicts}={number}))" for number in (0, 1))
        rest = around("template.check.first_row", count=count, row=chosen)
        content = said[:1].upper() + said[1:]
        style = _style(expression)
        note = ""
        if broken:
            note = text("template.check.first_row", count=len(broken), row=broken[0] + 1)
        sign = BROKEN if broken else HOLDS if held else OPEN_QUESTION
        place, severity = block.place, rule.told_as
        first = next(leaf for leaf in leaves(expression) if isinstance(leaf, Ref))
        index = place.columns[first.element]
        address = f"ADDRESS(ROW(INDEX({place.frame},{chosen}+1,1)),{index + 1},4)"
        none = f'=IF({chosen}=0,"",'
        name = f"{none}{quoted(data_set.sheet + ' ')}&{address})"
        target = f"{none}{quoted('#' + place.prefix)}&{address})"
        at = CellRef(data_set.sheet, place.first + broken[0], index) if broken else None
        link = LiveLink(
            LiveText(name, f"{data_set.sheet} {at.a1}" if at else ""),
            LiveText(target, f"#{at.quoted}" if at else ""),
        )
        return ProblemLine(
            LiveText(f'={quoted(content)}&IF({chosen}=0,"",{rest})', content + note),
            text(f"terms.severity.{severity}"),
            LiveText(
                f'=IF({chosen}>0,"{BROKEN}",IF({holding}>0,"{HOLDS}","{OPEN_QUESTION}"))',
                sign,
            ),
            LiveFigure(f'=IF({chosen}=0,"",{made.left})', _side(shown, "left"), style),
            LiveFigure(f'=IF({chosen}=0,"",{made.right})', _side(shown, "right"), style),
            link,
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
        numbered = self.answers.saying(data_set.code)
        return {
            row: evaluate(expression, rule, RowValues(self.answers, data_set, number=numbered[row]))
            for row in sorted(numbered)
        }

    def _row_rules(self) -> Iterator[tuple[AnswerBlock, RuleSpec, Expr, int]]:
        """Rules asked of each row of an open table, with their column of the helper sheet."""
        for code, block in self.blocks.items():
            column = block.verdicts
            for rule, expression in self.answers.library.rules.get(code, ()):
                if rule.scope is Scope.ROW and block.place.open:
                    yield block, rule, expression, column
                    column += 1

    def _broken(self, block: AnswerBlock, rule: RuleSpec, expression: Expr) -> list[int]:
        """Rows that break a rule now, from 0."""
        rows = self._row_evaluations(block.place.data_set, rule, expression)
        return [row for row, found in rows.items() if found.verdict is Verdict.BROKEN]

    def further_formulas(self, severity: Severity) -> list[str]:
        """Count broken rows of open tables beyond the first, which counts with its line."""
        return [
            f"MAX(0,SUMPRODUCT(--({block.span(column)}=0))-1)"
            for block, rule, _, column in self._row_rules()
            if rule.told_as is severity
        ]

    def further_rows(self) -> Counter[Severity]:
        """Count the same as they are now."""
        found: Counter[Severity] = Counter()
        for block, rule, expression, _ in self._row_rules():
            found[rule.told_as] += max(0, len(self._broken(block, rule, expression)) - 1)
        return found

    def write(self, cells: HelperCells) -> None:
        """Write the verdicts of the rows of open tables into the helper sheet."""
        for block, rule, expression, column in self._row_rules():
            rows = self._row_evaluations(block.place.data_set, rule, expression)
            for row in range(block.count):
                made = compile_rule(expression, rule, _Cells(self.blocks, row=row))
                formula = f"IF({helper(block.top + row, SAYS)}=0,-1,{made.verdict})"
                found = rows[row].verdict if row in rows else Verdict.NOT_APPLICABLE
                cells.write(block.top + row, column, formula, _NUMBERS[found])
            first = min(self._broken(block, rule, expression), default=-1) + 1
            verdicts = block.span(column)
            chosen = f"IF(SUMPRODUCT(--({verdicts}=0))=0,0,MATCH(0,{verdicts},0))"
            cells.write(block.end, column, chosen, first)


def _there(block: AnswerBlock, column: str) -> str:
    """1 for each row with an answer in a column."""
    return f"(MOD({block.some_codes(column)},10)=2)"


def _style(expression: Expr) -> str:
    """How the sides of the last comparison of a rule are shown."""
    compared = [part for part in walk(expression) if isinstance(part, Compare)]
    return "date" if compared and compared[-1].days else "number"


def _side(found: Evaluation | None, side: str) -> float | str:
    value = getattr(found, side) if found is not None else None
    return "" if value is None else float(value)
