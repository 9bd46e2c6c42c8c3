"""Make the lines of rules: each once, or once per row, compiled to formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from consolidate.checks.rule_checks import Row, rule_in_words, source_of
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.reasons import Severity
from consolidate.model.rules import (
    Chosen,
    Compare,
    Expr,
    Leaf,
    Logic,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Same,
    Scope,
    Shift,
    Total,
    leaves,
    looks_back,
)
from consolidate.rules.evaluation import Evaluation, Verdict, evaluate
from consolidate.rules.excel_formula import compile_rule, figure_formula, says_formula
from consolidate.templates.cell_verdicts import Answers, status_formula
from consolidate.templates.hidden_sheets import SAYS, AnswerBlock, HelperCells, helper
from consolidate.templates.live_formulas import (
    BROKEN,
    HOLDS,
    NO_LINK,
    OPEN_QUESTION,
    SIGNS,
    LiveFigure,
    LiveLink,
    LiveText,
    ProblemLine,
    around,
    quoted,
)
from consolidate.templates.problem_lines import link_to

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
            case Same(Ref(_, column), asked):
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
                    sides.append(figure_formula(side, self.value))
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


@dataclass(frozen=True, slots=True)
class _RowRule:
    """A rule that is asked of each row of an open table, and what it says of those rows now.

    ``column`` of the helper sheet has its verdicts; ``rows`` are by place, from 0.
    """

    block: AnswerBlock
    rule: RuleSpec
    expression: Expr
    column: int
    rows: Mapping[int, Evaluation]

    @property
    def broken(self) -> list[int]:
        """Rows that break the rule."""
        return [row for row, found in self.rows.items() if found.verdict is Verdict.BROKEN]

    @property
    def verdicts(self) -> str:
        """Range of the verdicts."""
        return self.block.span(self.column)

    @property
    def chosen(self) -> str:
        """Address of the number of the first row that breaks the rule, 0 for none."""
        return helper(self.block.end, self.column)


@dataclass(frozen=True)
class RuleLines:
    """All rules of a template as lines, with their verdicts row by row of open tables."""

    blocks: Blocks
    answers: Answers

    @cached_property
    def _row_rules(self) -> dict[tuple[str, str], _RowRule]:
        """Rules asked of each row of an open table, by its code and theirs."""
        found = {}
        for code, block in self.blocks.items():
            column, home, parts = block.verdicts, block.place.data_set, self.answers.parts
            for rule, expression in self.answers.library.rules.get(code, ()):
                if rule.scope is not Scope.ROW or not block.place.open or looks_back(expression):
                    continue
                rows = {
                    row: evaluate(expression, rule, source_of(parts, home, Row(number=number)))
                    for row, number in sorted(self.answers.saying[code].items())
                }
                found[code, rule.id] = _RowRule(block, rule, expression, column, rows)
                column += 1
        return found

    def lines(self, data_set: DataSet) -> Iterator[ProblemLine]:
        """Make the lines of the rules of a data set, in order."""
        before_is_shown = self.blocks[data_set.code].place.previous is not None
        for rule, expression in self.answers.library.rules.get(data_set.code, ()):
            if rule.first if before_is_shown else looks_back(expression):
                continue
            said = sentence(rule_in_words(rule, data_set, self.answers.library))
            content = said[:1].upper() + said[1:]
            rows = {"": content}
            if rule.scope is Scope.ROW and data_set.shape is Shape.OPEN:
                yield self._open_line(self._row_rules[data_set.code, rule.id], content)
                continue
            if rule.scope is Scope.ROW:
                asked = [e for e in data_set.elements if not rule.rows or e.code in rule.rows]
                rows = {e.code: f"{data_set.caption(e)}: {said}" for e in asked}
            for element, words in rows.items():
                made = compile_rule(expression, rule, _Cells(self.blocks, element))
                seen = source_of(self.answers.parts, data_set, Row(element))
                found = evaluate(expression, rule, seen)
                cells = self._cells(expression, element)
                style = "date" if made.days else "number"
                signs = f'"{OPEN_QUESTION}","{BROKEN}","{HOLDS}"'
                yield ProblemLine(
                    LiveText("", words),
                    rule.told_as,
                    LiveText(f"=CHOOSE({made.verdict}+2,{signs})", SIGNS[found.verdict]),
                    LiveFigure(f"={made.left}", _side(found, "left"), style),
                    LiveFigure(f"={made.right}", _side(found, "right"), style),
                    link_to(self.blocks.values(), cells[0]) if cells else NO_LINK,
                    cells=cells,
                )
        for rule, _ in self.answers.library.across.get(data_set.code, ()):
            # It is asked at the province: the workbook has one side of it.
            said = sentence(rule_in_words(rule, data_set, self.answers.library))
            content = text("template.check.at_province", sentence=said)
            sign = LiveText(f'="{OPEN_QUESTION}"', OPEN_QUESTION)
            yield ProblemLine(LiveText("", content), rule.told_as, sign)

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

    def _open_line(self, asked: _RowRule, content: str) -> ProblemLine:
        """One line for all rows: how many break the rule, and the sides of the first."""
        chosen, broken, code = asked.chosen, asked.broken, asked.block.place.data_set.code
        made = compile_rule(asked.expression, asked.rule, _Cells(self.blocks, row=chosen))
        shown = asked.rows[broken[0]] if broken else None
        count, holding = (f"SUMPRODUCT(--({asked.verdicts}={number}))" for number in (0, 1))
        rest = around("template.check.first_row", count=count, row=chosen)
        note = ""
        if broken:
            note = text("template.check.first_row", count=len(broken), row=broken[0] + 1)
        held = any(found.verdict is Verdict.HOLDS for found in asked.rows.values())
        sign = BROKEN if broken else HOLDS if held else OPEN_QUESTION
        signs = f'IF({chosen}>0,"{BROKEN}",IF({holding}>0,"{HOLDS}","{OPEN_QUESTION}"))'
        style = "date" if made.days else "number"
        refs = [leaf for leaf in leaves(asked.expression) if isinstance(leaf, Ref)]
        return ProblemLine(
            LiveText(f'={quoted(content)}&IF({chosen}=0,"",{rest})', content + note),
            asked.rule.told_as,
            LiveText(f"={signs}", sign),
            LiveFigure(f'=IF({chosen}=0,"",{made.left})', _side(shown, "left"), style),
            LiveFigure(f'=IF({chosen}=0,"",{made.right})', _side(shown, "right"), style),
            _open_link(asked, refs[0].element),
            content + text("template.check.first_row", count=99, row=99),
            table=code,
            verdicts=asked.column,
            broken=broken,
            marked=tuple(leaf.element for leaf in refs if leaf.data_set == code),
        )

    def further_formulas(self, severity: Severity) -> list[str]:
        """Count broken rows of open tables beyond the first, which counts with its line."""
        return [
            f"MAX(0,SUMPRODUCT(--({asked.verdicts}=0))-1)"
            for asked in self._row_rules.values()
            if asked.rule.told_as is severity
        ]

    def further_rows(self) -> Counter[Severity]:
        """Count the same as they are now."""
        found: Counter[Severity] = Counter()
        for asked in self._row_rules.values():
            found[asked.rule.told_as] += max(0, len(asked.broken) - 1)
        return found

    def write(self, cells: HelperCells) -> None:
        """Write the verdicts of the rows of open tables into the helper sheet."""
        for asked in self._row_rules.values():
            block, column, verdicts = asked.block, asked.column, asked.verdicts
            for row in range(block.count):
                operands = _Cells(self.blocks, row=row)
                made = compile_rule(asked.expression, asked.rule, operands)
                formula = f"IF({helper(block.top + row, SAYS)}=0,-1,{made.verdict})"
                known = row in asked.rows
                found = asked.rows[row].verdict if known else Verdict.NOT_APPLICABLE
                cells.write(block.top + row, column, formula, _NUMBERS[found])
            chosen = f"IF(SUMPRODUCT(--({verdicts}=0))=0,0,MATCH(0,{verdicts},0))"
            cells.write(block.end, column, chosen, min(asked.broken, default=-1) + 1)


def _open_link(asked: _RowRule, element: str) -> LiveLink:
    """A link to an answer of the first row that breaks a rule."""
    place, chosen = asked.block.place, asked.chosen
    sheet, column = place.data_set.sheet, place.columns[element]
    address = f"ADDRESS(ROW(INDEX({place.frame},{chosen}+1,1)),{column + 1},4)"
    before = (quoted(f"{sheet} "), quoted(f"#{place.prefix}"))
    formulas = [f'=IF({chosen}=0,"",{said}&{address})' for said in before]
    shown = ["", ""]
    if asked.broken:
        at = place.cell(element, row=asked.broken[0])
        shown = [f"{sheet} {at.a1}", f"#{at.quoted}"]
    return LiveLink(*map(LiveText, formulas, shown))


def _there(block: AnswerBlock, column: str) -> str:
    """1 for each row with an answer in a column."""
    return f"(MOD({block.some_codes(column)},10)=2)"


def _side(found: Evaluation | None, side: str) -> float | str:
    value = getattr(found, side) if found is not None else None
    return "" if value is None else float(value)
