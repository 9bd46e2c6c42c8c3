"""What checks need besides the return: definitions and bound rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consolidate.model.datasets import DataSet, Library, RuleSpec
from consolidate.rules.binding import bind
from consolidate.rules.nodes import Expr
from consolidate.rules.parsing import parse


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Shared by all files of a run; build it once per process with :meth:`of`."""

    library: Library
    rules: Mapping[str, tuple[tuple[RuleSpec, Expr], ...]]

    @classmethod
    def of(cls, library: Library) -> CheckContext:
        """Bind every rule of the library.

        Raises:
            RuleSyntaxError: a rule cannot be read; the linter of definitions prevents it.
        """
        bound = {
            data_set.code: tuple(
                (
                    rule,
                    bind(
                        parse(rule.expression),
                        rule.expression,
                        data_set,
                        rule.scope,
                        library.siblings(data_set),
                    ),
                )
                for rule in data_set.rules
            )
            for data_set in library.data_sets
        }
        return cls(library, bound)

    def data_set(self, code: str) -> DataSet:
        """A data set by code, the cover included."""
        return self.library.cover if code == self.library.cover.code else self.library.by_code[code]
