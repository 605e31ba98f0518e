"""Advice: what works here and bites in production. The law: one code for each file; codes are stable and documented.

An adviser is a module with a `CODE`, a `MEANING` in one line, and `advise(facts)`, which is pure and says something or
None. What is noticed where it happens (a response, an order that is broken) has its code there; `MEANINGS` has all.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.advice import (
    batch_outlasts_timeout,
    concurrency_above_reserved,
    dead_letter_retention,
    endless_retries,
    failures_never_reported,
    failures_not_reported,
    filter_drops_all,
    latest_loses,
    no_dead_letter_queue,
    rabbitmq_endless_retries,
    receive_count,
    starting_position_defaulted,
    visibility_timeout,
)
from pytest_lambda_events.filtering.advice import ADVICE as OF_FILTERS
from pytest_lambda_events.polling.ordering import FIFO_OVERTAKEN
from pytest_lambda_events.polling.partial import ADVICE as OF_RESPONSES
from pytest_lambda_events.polling.stream_settling import ADVICE as OF_STREAMS
from pytest_lambda_events.polling.task_results import ADVICE as OF_TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.advice.facts import Facts

__all__ = [
    "EFFECT_AFTER_TIMEOUT",
    "ENDLESS",
    "MAPPING_REFUSED",
    "MEANINGS",
    "NOT_IDEMPOTENT",
    "THROTTLED_TO_DEATH",
    "advice_on",
]

EFFECT_AFTER_TIMEOUT: Final = "effect-after-timeout"
MAPPING_REFUSED: Final = "mapping-refused"
NOT_IDEMPOTENT: Final = "handler-not-idempotent"
THROTTLED_TO_DEATH: Final = "throttled-to-death"

ENDLESS: Final = (endless_retries.CODE, rabbitmq_endless_retries.CODE)
"""What a run that did not come to rest may come of."""

_ADVISERS: Final = (
    visibility_timeout,
    receive_count,
    no_dead_letter_queue,
    dead_letter_retention,
    batch_outlasts_timeout,
    failures_never_reported,
    endless_retries,
    rabbitmq_endless_retries,
    latest_loses,
    filter_drops_all,
    failures_not_reported,
    concurrency_above_reserved,
)

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{one.CODE: one.MEANING for one in _ADVISERS},
        starting_position_defaulted.CODE: starting_position_defaulted.MEANING,
        **OF_RESPONSES,
        **OF_STREAMS,
        **OF_TASKS,
        **OF_FILTERS,
        FIFO_OVERTAKEN: "The handler went on after a failure within a message group: its order is broken.",
        THROTTLED_TO_DEATH: "Records were given up by their queue without ever having run: the function was throttled.",
        EFFECT_AFTER_TIMEOUT: "The handler called AWS after its Timeout had ended; on AWS that code does not run.",
        MAPPING_REFUSED: "AWS would refuse this mapping, or its function, as the template declares it.",
        NOT_IDEMPOTENT: "The same records delivered twice have another effect than delivered once.",
    }
)
"""Every code, with its meaning in one line."""


def advice_on(facts: Facts) -> Iterator[tuple[str, str]]:
    """Code and message of everything that there is to say about a mapping."""
    for adviser in _ADVISERS:
        message = adviser.advise(facts)
        if message is not None:
            yield adviser.CODE, message
