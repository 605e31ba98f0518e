"""When a partial response breaks a FIFO group's order."""

from __future__ import annotations

import pytest

from pytest_lambda_events.polling.ordering import FIFO_OVERTAKEN, overtaken


@pytest.mark.parametrize(
    ("ids", "groups", "failed", "expected"),
    [
        ("abc", "xxx", "", None),
        ("abc", "xxx", "abc", None),
        ("abc", "xxx", "bc", None),
        ("abc", "xxx", "c", None),
        ("abc", "xxx", "b", ("b", "c")),
        ("abc", "xxx", "ac", ("a", "b")),
        ("abcd", "xyxy", "b", ("b", "d")),
        ("abcd", "xyxy", "bd", None),
        ("abcd", "xyxy", "c", None),
        ("", "", "", None),
    ],
)
def test_a_record_behind_a_failed_one_must_fail_too(
    ids: str, groups: str, failed: str, expected: tuple[str, str] | None
) -> None:
    """Within its group; other groups are free."""
    found = overtaken(list(ids), list(groups), set(failed))
    assert (None if found is None else (found.failed, found.processed)) == expected


def test_it_says_what_to_do() -> None:
    """The code is stable, the message names both records and the group."""
    found = overtaken(["a", "b"], ["g", "g"], {"a"})
    assert found is not None
    assert found.code == FIFO_OVERTAKEN
    assert "message group 'g' record a failed, and b behind it" in found.message
