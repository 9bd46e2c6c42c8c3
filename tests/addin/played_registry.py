"""A registry of Windows that tests play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addin.install import USER, Registry, options_key


class Played(Registry):
    """A registry that remembers what is written; versions of Excel are those named."""

    def __init__(self, *versions: str) -> None:
        self.found: dict[tuple[str, str], dict[str, object]] = {}
        for version in versions:
            self.found[(USER, options_key(version))] = {}

    def keys(self, root: str, key: str) -> Sequence[str]:
        heads = [k[len(key) + 1 :] for r, k in self.found if r == root and k.startswith(f"{key}\\")]
        return sorted({head.partition("\\")[0] for head in heads})

    def values(self, root: str, key: str) -> Mapping[str, object]:
        return self.found.get((root, key), {})

    def write(self, key: str, name: str, value: str) -> None:
        self.found.setdefault((USER, key), {})[name] = value

    def delete(self, key: str, name: str) -> None:
        self.found.get((USER, key), {}).pop(name, None)

    def opens(self, version: str) -> dict[str, object]:
        return dict(sorted(self.found[(USER, options_key(version))].items()))
