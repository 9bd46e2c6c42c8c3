"""One target in its own process under libFuzzer: ``python -m tests.fuzz.job name …``."""

from __future__ import annotations

import sys

import atheris


def main() -> None:
    """Instrument intake, then fuzz until libFuzzer ends the process."""
    with atheris.instrument_imports(include=["consolidate.intake"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[sys.argv[1]]
    arguments = [sys.argv[0], *sys.argv[2:]]
    if target.mutate is None:
        atheris.Setup(arguments, target.ask)
    else:
        mutate = target.mutate

        def mutator(data: bytes, longest: int, seed: int) -> bytes:
            # Every other input is changed inside its parts, where plain bytes never reach.
            if seed % 2:
                return bytes(atheris.Mutate(data, longest))
            return mutate(data, seed)[:longest]

        atheris.Setup(arguments, target.ask, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
