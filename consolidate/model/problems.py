"""What is wrong with something that people keep by hand, all of it at once."""

from __future__ import annotations


class Problems(ValueError):
    """Something that cannot be used; ``problems`` says what to mend, one message for each place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
