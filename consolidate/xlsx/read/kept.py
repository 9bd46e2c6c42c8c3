"""Keep a bounded number of things by their keys; the oldest goes first."""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most ``most`` things; files may be read by several threads of one process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: dict[K, V] = {}
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Tell what is kept by a key, ``None`` for nothing."""
        return self._things.get(key)

    def keep(self, key: K, thing: V) -> None:
        """Keep a thing; it takes the place of one that was kept by the same key."""
        with self._lock:
            if key not in self._things and len(self._things) >= self._most:
                del self._things[next(iter(self._things))]
            self._things[key] = thing

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._things.clear()
