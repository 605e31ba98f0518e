"""Record, then replay: the same outcomes, for every source, redaction in between."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lambda_events.cassette import Failure, Returned, load, replay
from pytest_lambda_events.cassette.player import LambdaCassette
from pytest_lambda_events.cassette.redact import Redactor, Rules
from pytest_lambda_events.events import identify, sqs_event
from pytest_lambda_events.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parents[2] / "data" / "events"
EVENTS = sorted(GOLDEN.rglob("*.json"))
KEY = b"a key of thirty-two bytes, kept."


def no_clock() -> Any:
    """There is no harness."""
    raise AssertionError("nothing here asks for the time")


def record(path: Path, handler: Callable[[Any, Any], Any], *events: Any) -> None:
    """Record what a handler does with events."""
    cassette = LambdaCassette(path, mode="once", clock=no_clock)
    cassette.replay(handler, record=events)
    assert cassette.save(path.parent / "notes")


def identifiers(event: Any, _context: Any) -> Any:
    """What handlers answer with: the identifiers of records, as each source's responses have them."""
    name = identify(event).name
    match name:
        case "sqs" | "sqs_fifo":
            return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"]]}
        case "kinesis":
            return {"batchItemFailures": [{"itemIdentifier": r["kinesis"]["sequenceNumber"]} for r in event["Records"]]}
        case "dynamodb":
            return {
                "batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in event["Records"]]
            }
        case "s3_batch":
            results = [{"taskId": one["taskId"], "resultCode": "Succeeded"} for one in event["tasks"]]
            return {"invocationId": event["invocationId"], "results": results}
        case "kafka" | "msk":
            return [
                {"partition": partition, "offset": one["offset"]}
                for partition, many in event["records"].items()
                for one in many
            ]
        case "documentdb":
            return [one["event"]["_id"] for one in event["events"]]
        case "activemq":
            return [one["messageID"] for one in event["messages"]]
        case _:
            many = [one for messages in event["rmqMessagesByQueue"].values() for one in messages]
            return [[one["basicProperties"]["messageId"], one["basicProperties"]["headers"]] for one in many]


def fail(event: Any, _context: Any) -> Any:
    """An error that tells what it was about."""
    found = identify(event)
    first = event["tasks"][0]["s3Key"] if found.name == "s3_batch" else json.dumps(identifiers(event, None))[:200]
    raise ValueError(f"{found.title}: cannot do {first}")


def payloads(event: Any, _context: Any) -> Any:
    """What is in the records, unwrapped."""
    return [found for found in _texts(event) if "{" in found]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if not isinstance(value, str):
        return []
    try:
        return [value, base64.b64decode(value, validate=True).decode()]
    except ValueError:
        return [value]


def test_every_source_is_here() -> None:
    """The cases below have all of them."""
    assert {path.parent.name for path in EVENTS} == {source.name for source in SOURCES}


@pytest.mark.parametrize("handler", [identifiers, fail, payloads], ids=lambda handler: handler.__name__)
@pytest.mark.parametrize("golden", EVENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_recorded_is_replayed(golden: Path, handler: Callable[..., Any], tmp_path: Path) -> None:
    """The same outcome, although the event was redacted before it was written."""
    path = tmp_path / "cassette.json"
    record(path, handler, json.loads(golden.read_text(encoding="utf-8")))
    (one,) = replay(load(path), handler)
    assert one.recorded is not None
    assert one.difference == ""


PRIVATE = st.sampled_from(
    ["ada@shop.com", "210987654321", "arn:aws:sns:eu-west-1:210987654321:orders", "AIDAW2KLTIBWSYABCDEFG", "plain", ""]
)


@settings(max_examples=40)
@given(order=st.dictionaries(st.sampled_from(["email", "owner", "note", "userId", "token"]), PRIVATE, max_size=5))
def test_a_response_of_the_events_values_is_redacted_alike(order: dict[str, str]) -> None:
    """Redacted with one key, an answer made of the event is the answer to the redacted event."""

    def echo(event: Any, _context: Any) -> Any:
        found = json.loads(event["Records"][0]["body"])
        return {"order": found, "id": event["Records"][0]["messageId"], "text": f"for {found.get('email')}"}

    event = sqs_event(order)
    redactor = Redactor(Rules(), key=KEY)
    cassette = redactor.redacted(_cassette(event, echo(event, None)))
    (one,) = replay(cassette, echo)
    assert one.difference == ""


def _cassette(event: Any, response: Any) -> Any:
    from pytest_lambda_events.cassette import Captured, Cassette, Interaction

    return Cassette(
        source="sqs",
        recorded_at="2025-01-01T00:00:00Z",
        recorded_by="test",
        captured=Captured(how="test"),
        interactions=(Interaction(event=event, outcome=Returned(response)),),
    )


def test_calls_are_recorded_and_answered_with_it(tmp_path: Path) -> None:
    """Private values in them are those of the event, the handler's own stand for themselves, secrets are hidden."""
    path = tmp_path / "cassette.json"

    def charge(event: Any, _context: Any) -> Any:
        order = json.loads(event["Records"][0]["body"])
        response = requests.post(
            f"https://pay.example.org/charges/{order['customer']}?api_key=s3cret-of-the-environment",
            json={"customer": order["customer"], "from": "billing@shop.com", "password": "hunter2hunter2"},
            headers={"Authorization": "Bearer of-something"},
            timeout=5,
        )
        return {"status": response.status_code, "charge": response.json()}

    with responses.RequestsMock() as world:
        world.add(
            responses.POST, "https://pay.example.org/charges/ada@mail.org", json={"to": "ada@mail.org"}, status=201
        )
        record(path, charge, sqs_event({"customer": "ada@mail.org"}))

    text = path.read_text(encoding="utf-8")
    for private in ("ada@mail.org", "billing@shop.com", "hunter2", "s3cret", "of-something"):
        assert private not in text
    (one,) = replay(load(path), charge)
    assert one.difference == ""
    assert one.unused == ()
    assert isinstance(one.outcome, Returned)
    assert one.outcome.value["status"] == 201


def test_what_lambda_could_not_have_passed_on_is_a_failure(tmp_path: Path) -> None:
    """A response that is no JSON, one that is too large, and the end of the process."""
    path = tmp_path / "cassette.json"
    endings = iter([{1, 2}, "x" * 7_000_000, SystemExit(3)] * 2)

    def end(_event: Any, _context: Any) -> Any:
        found = next(endings)
        if isinstance(found, SystemExit):
            raise found
        return found

    record(path, end, *(sqs_event(number, seed=number) for number in range(3)))
    found = replay(load(path), end)
    assert [one.difference for one in found] == ["", "", ""]
    kinds = [one.outcome.type for one in found if isinstance(one.outcome, Failure)]
    assert kinds == ["Runtime.MarshalError", "Function.ResponseSizeTooLarge", "Runtime.ExitError"]
