"""A CloudWatch log group. The law: reading a log disturbs nobody; what is no event is passed over.

CloudWatch Logs API Reference, FilterLogEvents: five calls a second for each account and region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.capture.finding import Finder
from pytest_lambda_events.cassette.capture.waiting import stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.cassette.capture.aws import Account
    from pytest_lambda_events.cassette.capture.waiting import Patience
    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["LogReading", "read_logs"]

_PAUSE_SECONDS = 0.5
_SETTLE_MS = 10_000
"""Lines of a log come late: when it is read again, it is read again from so long before the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReading:
    """What was found in how many messages of a log, and what was left out."""

    found: tuple[Interaction, ...]
    messages: int
    dropped: tuple[str, ...]
    unfinished: int
    problem: Exception | None = None


def read_logs(
    account: Account,
    group: str,
    *,
    most: int,
    patience: Patience,
    since_ms: int | None = None,
    until_ms: int | None = None,
    pattern: str | None = None,
    streams: str | None = None,
    passes: Callable[[Interaction], bool] = lambda _: True,
    tell: Callable[[int, int], None] = lambda _taken, _seen: None,
) -> LogReading:
    """Look for events in a log group, from one moment to another; `pattern` is CloudWatch's, `streams` a prefix.

    Errors: botocore's, before anything was found.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    pages = account.client("logs").get_paginator("filter_log_events")
    asked = _asked(group, until_ms, pattern, streams)
    finder, seen = Finder(), set[str]()
    newest = since_ms
    taken: list[Interaction] = []
    problem: Exception | None = None
    try:
        while True:
            for page in pages.paginate(**asked, **({} if newest is None else {"startTime": newest})):
                for event in sorted(page["events"], key=lambda one: one["timestamp"]):
                    if event["eventId"] not in seen:
                        seen.add(event["eventId"])
                        newest = max(newest or 0, event["timestamp"] - _SETTLE_MS)
                        finder.read(event["message"], stamp(event["timestamp"]))
                taken = [one for one in finder.found if passes(one)]
                tell(len(taken), len(seen))
                if patience.over or (len(taken) >= most and not finder.unfinished):
                    break
            if not patience.waits or patience.over or len(taken) >= most:
                break
            patience.pause(_PAUSE_SECONDS)
    except (BotoCoreError, ClientError) as error:
        if not finder.found:
            raise
        problem = error
    return LogReading(
        found=tuple(taken[:most]),
        messages=len(seen),
        dropped=tuple(finder.dropped),
        unfinished=finder.unfinished,
        problem=problem,
    )


def _asked(group: str, until_ms: int | None, pattern: str | None, streams: str | None) -> dict[str, Any]:
    """The parameters of FilterLogEvents that stay the same."""
    asked = {
        "logGroupIdentifier" if group.startswith("arn:") else "logGroupName": group,
        "endTime": until_ms,
        "filterPattern": pattern,
        "logStreamNamePrefix": streams,
    }
    return {key: value for key, value in asked.items() if value is not None}
