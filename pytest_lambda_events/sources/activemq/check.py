"""Is this an ActiveMQ event as Lambda sends it? The law: the shape declared as a table, what is derived compared.

Two forms are told apart. The one that AWS sends has been captured; an older one, with connectionId, still stands in the
Amazon MQ Developer Guide and in samples of SDKs, and what it lacks is a note only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.activemq_message import MESSAGE_TYPES, TEXT_MESSAGE
from pytest_lambda_events.model.looking import decoded, text_at, value_at
from pytest_lambda_events.model.mq_brokers import BROKER_ARN, check_printed_broker
from pytest_lambda_events.model.regions import region_of
from pytest_lambda_events.model.shapes import (
    BOOLEAN,
    STRING,
    Base64,
    Constant,
    Fields,
    Integer,
    ListOf,
    MapOf,
    Printed,
    Text,
)
from pytest_lambda_events.model.unlike import check_distinct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["EVENT", "check"]

# the session of a producer that speaks STOMP is -1 (as recorded on ActiveMQ 5.17.2)
_MESSAGE_ID: Final = re.compile(
    r"ID:(?P<host>\S+?)-[0-9]{1,5}-(?P<started>[0-9]{1,19})-[0-9]+(?P<producer>(?::-?[0-9]+){3}):(?P<sequence>[0-9]{1,19})"
)
_BROKER_HOST: Final = re.compile(r"(?P<id>b-[0-9a-f-]{36})-[0-9]+\.mq\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_NULL: Final = Constant((None,))
_IN_SECONDS: Final = 10**11  # as milliseconds, a moment before March 1973

_MOMENT: Final = Integer(0, expected="epoch milliseconds")
_NAMED: Final = Text(re.compile(r".+", re.DOTALL), "the name of a queue", "error")


class _Message:
    """One message, in the form that it has."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        older = isinstance(value, dict) and "connectionId" in value
        (_OLDER if older else MESSAGE).check(value, path, report)


_IN_BOTH: Final[Mapping[str, Shape]] = {
    "messageID": Text(_MESSAGE_ID, "ID:host-port-epoch milliseconds-n:n:n:n:n, as ActiveMQ makes it"),
    "messageType": Constant(MESSAGE_TYPES),
    "timestamp": _MOMENT,
    "destination": Printed(
        Fields(always={"physicalName": _NAMED}),
        also=Fields(always={"physicalname": _NAMED}),
        expected="physicalName: the documentation prints physicalname",
    ),
    "data": Base64(),
    "brokerInTime": _MOMENT,
    "brokerOutTime": _MOMENT,
}
_IN_NEWER: Final[Mapping[str, Shape]] = {
    "deliveryMode": Constant((1, 2)),
    "replyTo": Printed(
        Text(
            re.compile(r"null|(?:temp-)?(?:queue|topic)://.+", re.DOTALL),
            'queue://name, or the text "null" when there is none',
        ),
        also=_NULL,
        expected='the text "null": the documentation prints null',
    ),
    "redelivered": BOOLEAN,
    "type": Printed(STRING, also=_NULL, expected='"": the documentation prints null'),
    "expiration": Printed(
        Integer(0, expected="0 for never, or epoch milliseconds"),
        also=Text(re.compile(r"[0-9]+"), "digits"),
        expected="a number, 0 or epoch milliseconds: the documentation prints a length, as a text",
    ),
    "priority": Integer(0, 9, expected="a priority of JMS"),
}
# not in the documentation's sample, or not in every capture
_EXPECTED: Final[Mapping[str, Shape]] = {"correlationID": STRING, "properties": MapOf(STRING)}

MESSAGE: Final = Fields(always={**_IN_BOTH, **_IN_NEWER}, expected=_EXPECTED)
_OLDER: Final = Fields(always=_IN_BOTH, expected={**_IN_NEWER, **_EXPECTED})
EVENT = Fields(
    always={
        "eventSource": Constant(("aws:mq",), printed=("aws:amq",)),
        "eventSourceArn": BROKER_ARN,
        "messages": ListOf(_Message(), least=1),
    }
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of an ActiveMQ queue."""
    EVENT.check(event, (), report)
    check_printed_broker(event, report)
    messages = value_at(event, "messages")
    if not isinstance(messages, list):
        return
    arn = text_at(event, "eventSourceArn")
    for number, message in enumerate(messages):
        path = ("messages", number)
        if isinstance(message, dict):
            _check_body(message, path, report)
            _check_times(message, path, report)
            _check_broker(message, arn, path, report)
    check_distinct(messages, ("messageID",), ("messages",), report)
    _check_one_queue(messages, report)
    _check_order(messages, report)


def _check_body(message: dict[str, Any], path: Path, report: Report) -> None:
    data = decoded(message.get("data"))
    if data is None or message.get("messageType") != TEXT_MESSAGE:
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        report.error((*path, "data"), message["data"], f"UTF-8 in base64, of a messageType {TEXT_MESSAGE}")


def _check_times(message: dict[str, Any], path: Path, report: Report) -> None:
    before: tuple[str, int] | None = None
    for name in ("timestamp", "brokerInTime", "brokerOutTime"):
        moment = _number(message, name)
        if moment is None or moment < 0:
            continue
        if 0 < moment < _IN_SECONDS:
            report.note((*path, name), moment, "epoch milliseconds: these look like seconds")
        if before is not None and moment < before[1]:
            report.note((*path, name), moment, f"{before[1]} or later: it comes after {before[0]}")
        before = name, moment
    expiration, out = _number(message, "expiration"), _number(message, "brokerOutTime")
    if expiration is not None and out is not None and 0 < expiration <= out:
        report.note(
            (*path, "expiration"), expiration, f"0, or later than brokerOutTime {out}: expired is not delivered"
        )


def _check_broker(message: dict[str, Any], arn: str | None, path: Path, report: Report) -> None:
    """What an id says of the broker that made it; one that a client's library made names the client's host instead."""
    found = _MESSAGE_ID.fullmatch(text_at(message, "messageID") or "")
    host = _BROKER_HOST.fullmatch(found["host"]) if found is not None else None
    if found is None or host is None:
        return
    broker, region = (arn or "").rpartition(":")[2], region_of(arn)
    if broker.startswith("b-") and (broker, region) != (host["id"], host["region"]):
        report.note((*path, "messageID"), message["messageID"], f"{broker} in {region}, the broker of eventSourceArn")
    came = _number(message, "brokerInTime")
    if came is not None and int(found["started"]) > came:
        report.note((*path, "messageID"), message["messageID"], f"a broker that began before brokerInTime {came}")


def _check_one_queue(messages: Sequence[Any], report: Report) -> None:
    """A mapping reads exactly one queue."""
    names = [text_at(message, "destination", "physicalName") for message in messages]
    first = next((name for name in names if name), None)
    for number, name in enumerate(names):
        if name and name != first:
            path = ("messages", number, "destination", "physicalName")
            report.note(path, name, f'"{first}", the queue of the others: a mapping has one')


def _check_order(messages: Sequence[Any], report: Report) -> None:
    """One producer's messages of one priority stay in order, apart from those that come back."""
    last: dict[tuple[Any, ...], int] = {}
    for number, message in enumerate(messages):
        text = text_at(message, "messageID") or ""
        found = _MESSAGE_ID.fullmatch(text)
        if found is None:
            continue
        sequence = int(found["sequence"])
        line = (text[: found.start("sequence")], _number(message, "priority"), value_at(message, "redelivered") is True)
        if sequence < last.get(line, 0):
            expected = f"a last number above {last[line]}, that of the message before it from this producer"
            report.note(("messages", number, "messageID"), text, expected)
        last[line] = sequence


def _number(message: Any, name: str) -> int | None:
    """The whole number of a key; None for anything else, also for a text of digits."""
    found = value_at(message, name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
