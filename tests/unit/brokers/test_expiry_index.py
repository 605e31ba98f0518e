"""Keys by the moment at which they expire: the latest setting counts, and the past is cleared up."""

from __future__ import annotations

from pytest_lambda_events.brokers.expiry_index import ExpiryIndex


def drained(index: ExpiryIndex[str], now_ms: int) -> list[tuple[int, str]]:
    found = []
    while (expired := index.pop(now_ms)) is not None:
        found.append(expired)
    return found


def test_keys_expire_in_order_of_moment_and_of_setting() -> None:
    """Not before their time, and at exactly it."""
    index: ExpiryIndex[str] = ExpiryIndex()
    for key, at_ms in (("c", 20), ("a", 10), ("d", 30), ("b", 10)):
        index.set(key, at_ms)
    assert (len(index), index.next_ms()) == (4, 10)
    assert drained(index, 9) == []
    assert drained(index, 20) == [(10, "a"), (10, "b"), (20, "c")]
    assert (len(index), index.next_ms()) == (1, 30)


def test_the_latest_setting_counts() -> None:
    """Moved, taken away, set again; a key that never was is nothing."""
    index: ExpiryIndex[str] = ExpiryIndex()
    for key, at_ms in (("a", 10), ("b", 10), ("c", 10), ("a", 30), ("b", None), ("c", None), ("c", 20), ("x", None)):
        index.set(key, at_ms)
    assert index.next_ms() == 20
    assert drained(index, 100) == [(20, "c"), (30, "a")]
    assert (len(index), index.next_ms()) == (0, None)


def test_what_is_not_true_any_more_is_cleared_up() -> None:
    """A key that is set over and over costs the memory of one."""
    index: ExpiryIndex[str] = ExpiryIndex()
    index.set("other", 10**9)
    for at_ms in range(100_000, 0, -1):
        index.set("key", at_ms)
    assert len(index._heap) < 100
    assert drained(index, 10**9) == [(1, "key"), (10**9, "other")]
