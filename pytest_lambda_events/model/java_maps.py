"""The order in which Java's HashMap hands out its keys. The law: pure, and recomputed on recorded events, name by name.

Lambda's poller holds the attributes of an item in a `java.util.HashMap` and writes them as that iterates: so in all
recorded events (Keys, images, nested maps). Names that share a bucket come in alphabetical order, in which DynamoDB
hands them out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["hash_map_order", "java_hash"]

V = TypeVar("V")

_FEWEST_BUCKETS: Final = 16
_INT_MASK: Final = 0xFFFF_FFFF


@lru_cache(maxsize=4096)
def java_hash(text: str) -> int:
    """`String.hashCode()`, as an unsigned number of 32 bits: over UTF-16 units, each time 31 times what came before."""
    code = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & _INT_MASK
    return code


@lru_cache(maxsize=1024)
def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    buckets = _FEWEST_BUCKETS
    while len(names) > buckets * 3 // 4:  # the default load factor
        buckets *= 2
    return tuple(sorted(sorted(names), key=lambda name: _bucket(java_hash(name), buckets)))


def _bucket(code: int, buckets: int) -> int:
    return (code ^ code >> 16) & (buckets - 1)


def hash_map_order(mapping: Mapping[str, V]) -> dict[str, V]:
    """The same mapping in the order of a HashMap."""
    return {name: mapping[name] for name in _ordered(tuple(mapping))}
