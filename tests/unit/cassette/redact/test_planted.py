"""A corpus of generated events with planted secrets: none survives, the events stay sound, and twice is once."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_lambda_events.cassette import Captured, Cassette, Interaction, load, save
from pytest_lambda_events.cassette.redact import Redactor
from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.events import activemq_event, kafka_event, s3_batch_event, sqs_event, validate

KEY = b"a key of sixteen bytes or more"


def _planting() -> Any:
    spec = importlib.util.spec_from_file_location("redact_planting", Path(__file__).parent / "planting.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


planting = _planting()


def cassette(source: str, *events: Any) -> Cassette:
    return Cassette(
        source=source,
        recorded_at="2025-01-01T00:00:00Z",
        recorded_by="x",
        captured=Captured(how="file"),
        interactions=tuple(Interaction(event=event) for event in events),
    )


@pytest.mark.parametrize("name", planting.SECRETS)
def test_no_planted_secret_survives(name: str) -> None:
    """However it is wrapped, and once is enough."""
    secret, text = planting.SECRETS[name]
    redactor = Redactor(key=KEY)
    for wrapping, wrap in planting.WRAPPINGS.items():
        event = sqs_event(wrap(text))
        assert list(planting.survivors(event, secret)), "the search would not find it"
        after = redactor.event(event, "sqs")
        assert list(planting.survivors(after, secret)) == [], wrapping
        assert validate(after) == [], wrapping
        assert redactor.event(after, "sqs") == after, wrapping


@pytest.mark.parametrize("wrapping", planting.WRAPPINGS)
def test_no_place_of_an_event_is_forgotten(wrapping: str, tmp_path: Path) -> None:
    """All secrets together in every place of every source; what was sound before is sound after, on disk as well."""
    wrapped = planting.WRAPPINGS[wrapping](planting.ALL_TOGETHER)
    redactor = Redactor(key=KEY)
    for place, (source, event) in planting.carriers(wrapped).items():
        before = cassette(source, event)
        assert secrets_in(before), place
        assert validate(event) == [], place
        after = redactor.redacted(before)
        assert validate(after.interactions[0].event) == [], place
        assert redactor.redacted(after) == after, place
        assert Redactor(key=b"quite another key").redacted(after) == after, place
        assert secrets_in(after) == [], place
        (path,) = save(after, tmp_path / f"{place.replace(' ', '-')}.json")
        assert load(path) == after
        secrets = [secret for secret, _ in planting.SECRETS.values()]
        assert list(planting.survivors(json.loads(path.read_bytes()), *secrets)) == [], place


@pytest.mark.parametrize("name", planting.NAMED)
def test_what_is_secret_by_its_name_does_not_survive(name: str) -> None:
    """As a key of JSON, an attribute, a header, a property."""
    secret = planting.NAMED[name]
    redactor = Redactor(key=KEY)
    document = {"outer": {name: secret}, "list": [{name: [secret]}]}
    events = [(source, event) for source, event in planting.carriers(json.dumps(document)).values()]
    events.append(("kafka", kafka_event("x", headers={name: secret})))
    if name.isidentifier():
        events.append(("activemq", activemq_event("x", properties={name: secret})))
    for source, event in events:
        after = redactor.redacted(cassette(source, event))
        assert list(planting.survivors(after.interactions[0].event, secret)) == []
        assert validate(after.interactions[0].event) == []
        assert redactor.redacted(after) == after
        assert secrets_in(after) == []


BINARY = ["account", "email", "access key", "documentation's key", "IAM id", "JWT", "GitHub", "private key"]


@pytest.mark.parametrize("name", BINARY)
def test_bytes_that_are_no_text_keep_their_length(name: str) -> None:
    """A format that counts bytes, such as Avro, can still be read."""
    secret, text = planting.SECRETS[name]
    data = planting.binary_record(text)
    redactor = Redactor(key=KEY)
    after = redactor.event(kafka_event(data), "kafka")
    assert list(planting.survivors(after, secret)) == []
    ((record,),) = after["records"].values()
    (old,) = kafka_event(data)["records"].values()
    assert len(record["value"]) == len(old[0]["value"])
    assert redactor.event(after, "kafka") == after


@pytest.mark.parametrize("name", ["email", "account", "access key"])
def test_the_key_of_an_object_is_url_encoded(name: str) -> None:
    """S3's keys hide an address behind %40."""
    secret, text = planting.SECRETS[name]
    event = s3_batch_event(f"users/{text}/photo 1.jpg")
    after = Redactor(key=KEY).event(event, "s3_batch")
    assert list(planting.survivors(after, secret)) == []
    assert "photo+1.jpg" in after["tasks"][0]["s3Key"]
    assert validate(after) == []


@pytest.mark.parametrize("name", ["access key", "JWT", "GitHub", "private key", "bearer", "URL", "secret key"])
def test_an_unredacted_secret_is_found_wherever_it_is(name: str) -> None:
    """The scan goes as deep as the redaction."""
    _, text = planting.SECRETS[name]
    for wrapping, wrap in planting.WRAPPINGS.items():
        assert secrets_in(cassette("sqs", sqs_event(wrap(text)))), wrapping
