"""Messages of a queue, from payloads and what JMS has. The law: nothing is drafted unless every payload can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import each
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.mq_brokers import check_number
from pytest_lambda_events.sources.activemq.make import make_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.activemq_message import ActiveMqMessage

__all__ = ["drafts_of"]

_LONGEST_LONG: Final = 2**63 - 1


def drafts_of(
    payloads: Sequence[Any],
    given: Mapping[str, Any],
    time_to_live: int | Callable[[int], int],
    *,
    queue: str,
    at_ms: int,
    id_of: Callable[[int], str],
) -> list[ActiveMqMessage]:
    """The messages, sent at `at_ms`; `id_of` makes the messageID of each by its number. Errors: `UsageError`."""
    drafts = []
    for number, payload in enumerate(payloads):
        aside = aside_of(payload)
        own: dict[str, Any] = {name: each(value, number) for name, value in given.items()}
        lives_ms = each(time_to_live, number)
        check_number("time_to_live", lives_ms, 0, _LONGEST_LONG - at_ms, meaning="milliseconds, or 0 for ever")
        drafts.append(
            make_message(
                payload,
                message_id=id_of(number),
                queue=queue,
                sent_ms=at_ms,
                broker_in_ms=at_ms,
                expiration=at_ms + lives_ms if lives_ms else 0,
                **{name: aside.get(name) if value is None else value for name, value in own.items()},
            )
        )
    return drafts
