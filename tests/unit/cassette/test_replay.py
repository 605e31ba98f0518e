"""Handing events over again: by number, with a configuration, and what is said when a handler does otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_lambda_events.cassette import Failure, HttpCall, HttpRequest, HttpResponse, Interaction, Returned
from pytest_lambda_events.cassette.replaying import raise_differences, replay
from pytest_lambda_events.errors import CassetteDifference, HandlerNotUsable, UsageError
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.cassette import Cassette

    Make = Callable[..., Cassette]

RATES = HttpCall(
    request=HttpRequest(method="GET", url="https://api.example.com/rates"),
    outcome=HttpResponse(status=200, body=b'{"eur":1.1}'),
)


def nothing(_event: Any, _context: Any) -> None:
    """A handler that succeeds."""


def test_events_are_handed_over_as_copies(cassette: Make) -> None:
    """A handler may change what it gets; the cassette stays."""
    one = cassette()

    def spoil(event: Any, _context: Any) -> None:
        event["Records"].clear()

    assert replay(one, spoil)[0].same
    assert len(one.interactions[0].event["Records"]) == 1


def test_some_events_by_number(cassette: Make) -> None:
    """In the order that was asked for; a number that is not there is refused."""
    one = cassette(*(Interaction(event=sqs_event(number), outcome=Returned(None)) for number in range(3)))
    assert [found.event for found in replay(one, nothing, events=[2, 0])] == [2, 0]
    assert [found.event for found in replay(one, nothing)] == [0, 1, 2]
    for wrong in (3, -1):
        with pytest.raises(UsageError, match=r"event -?\d: the cassette has 3, counted from 0"):
            replay(one, nothing, events=[wrong])


def test_the_functions_configuration_is_seen(cassette: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment while it runs, its context; afterwards the environment is as before."""
    monkeypatch.delenv("TABLE", raising=False)
    seen: list[Any] = []

    def handler(_event: Any, context: Any) -> None:
        seen.append((os.environ["TABLE"], context.function_name, context.memory_limit_in_mb, context.aws_request_id))

    function = {"FunctionName": "shop", "MemorySize": 256, "Environment": {"Variables": {"TABLE": "orders"}}}
    one = cassette(*(Interaction(event=sqs_event(number)) for number in range(2)))
    replay(one, handler, function=function)
    assert [call[:3] for call in seen] == [("orders", "shop", "256")] * 2
    assert seen[0][3] != seen[1][3]
    assert "TABLE" not in os.environ


def test_what_lambda_would_not_call_is_refused(cassette: Make) -> None:
    """As for a mapping."""

    async def handler(_event: Any, _context: Any) -> None:
        """Lambda does not await."""

    with pytest.raises(HandlerNotUsable, match="coroutine function"):
        replay(cassette(), handler)
    with pytest.raises(HandlerNotUsable, match="no_such_module"):
        replay(cassette(), "no_such_module:handler")


def test_a_handler_by_name(cassette: Make, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imported with the function's environment in place."""
    source = "import os\nTABLE = os.environ['TABLE']\ndef handler(event, context):\n    return TABLE\n"
    (tmp_path / "replayed_app.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    one = cassette(Interaction(event=sqs_event("a"), outcome=Returned("orders")))
    function = {"Environment": {"Variables": {"TABLE": "orders"}}}
    assert replay(one, "replayed_app:handler", function=function)[0].same


def test_the_test_runners_own_pass_through(cassette: Make) -> None:
    """pytest.fail in a handler fails the test."""

    def handler(_event: Any, _context: Any) -> None:
        pytest.fail("stop here")

    with pytest.raises(pytest.fail.Exception, match="stop here"):
        replay(cassette(), handler)


def test_without_a_recorded_outcome_an_error_is_a_difference(cassette: Make) -> None:
    """The handler's own exception is its cause; an answer is none."""

    def handler(event: Any, _context: Any) -> str:
        return event["Records"][0]["no such key"]

    (one,) = replay(cassette(), handler, name="orders.json")
    assert one.difference == (
        "orders.json, event 0: nothing was recorded to compare with, and the handler raised KeyError: 'no such key'"
    )
    with pytest.raises(CassetteDifference) as raised:
        raise_differences([one])
    assert isinstance(raised.value, AssertionError)
    assert isinstance(raised.value.__cause__, KeyError)
    assert replay(cassette(), nothing)[0].same


def test_every_difference_is_told(cassette: Make) -> None:
    """Not only the first."""
    one = cassette(*(Interaction(event=sqs_event(number), outcome=Returned(number)) for number in range(3)))
    with pytest.raises(CassetteDifference) as raised:
        raise_differences(replay(one, lambda *_: 1, name="x.json"))
    text = str(raised.value)
    assert "x.json, event 0: the handler does otherwise than recorded" in text
    assert "event 1" not in text
    assert "x.json, event 2" in text


def test_a_refused_call_is_told_even_if_it_was_swallowed(cassette: Make) -> None:
    """And not twice, where the handler ends with it."""
    one = cassette(Interaction(event=sqs_event("a"), outcome=Returned(1.1), http=(RATES,)))

    def swallow(_event: Any, _context: Any) -> float:
        try:
            requests.get("https://api.example.com/rate", timeout=1)
        except Exception:
            return 1.1
        return 0

    def pass_on(_event: Any, _context: Any) -> float:
        return requests.get("https://api.example.com/rate", timeout=1).json()["eur"]

    (swallowed,), (passed,) = replay(one, swallow, name="x.json"), replay(one, pass_on, name="x.json")
    assert swallowed.difference == passed.difference == swallowed.refused[0]
    assert "path: recorded /rates, now /rate\n" in passed.difference
    assert passed.outcome == Failure(type="CallNotRecorded", message=passed.refused[0])
    assert swallowed.unused == (RATES,)


def test_each_event_has_its_own_calls(cassette: Make) -> None:
    """What was recorded with one does not answer another."""
    one = cassette(
        Interaction(event=sqs_event("a"), outcome=Returned(1.1), http=(RATES,)),
        Interaction(event=sqs_event("b"), outcome=Returned(1.1)),
    )

    def handler(_event: Any, _context: Any) -> float:
        return requests.get("https://api.example.com/rates", timeout=1).json()["eur"]

    first, second = replay(one, handler)
    assert first.same
    assert first.http == (RATES,)
    assert "no HTTP call was recorded there" in second.difference
