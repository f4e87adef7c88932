"""What a process keeps of answers that are dear to make, under tags by which it is dropped."""

from collections.abc import Iterable
from typing import Any

from chassis.runtime import Runtime

KEY = "v5-cache"
MOST = 1000


class Cache:
    """Values by key, each with tags; the oldest goes where there are more than `MOST`."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, frozenset[str]]] = {}

    def get(self, key: str) -> Any:
        """The value, or None."""
        found = self._kept.get(key)
        return found[0] if found else None

    def keep(self, key: str, value: Any, tags: Iterable[str]) -> None:
        """Keep a value until one of its tags is dropped."""
        self._kept[key] = (value, frozenset(tags))
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def drop(self, tags: Iterable[str]) -> list[str]:
        """Forget what has one of the tags. Returns those of the tags that something had."""
        asked = frozenset(tags)
        dropped = {key: asked & kept for key, (_, kept) in self._kept.items() if asked & kept}
        for key in dropped:
            del self._kept[key]
        return sorted({tag for found in dropped.values() for tag in found})


def cache_of(runtime: Runtime) -> Cache:
    """The process's cache."""
    return runtime.extras.setdefault(KEY, Cache())
