"""Rules of a project, its key, and what names say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import Interaction, new_cassette
from pytest_lambda_events.cassette.redact import Redactor, Rules, read_rules, rules_from
from pytest_lambda_events.cassette.redact.keys import found_key
from pytest_lambda_events.cassette.redact.names import is_harmless, meaning_of
from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.events import dynamodb_event, kafka_event, kinesis_event, sqs_event, validate

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"a key of sixteen bytes or more"


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], Rules]:
    """The rules in a pyproject.toml with this in [tool.lambda_events.redact]."""

    def read(text: str) -> Rules:
        file = tmp_path / "pyproject.toml"
        file.write_text(f"[tool.lambda_events.redact]\n{text}", encoding="utf-8")
        return read_rules(file)

    return read


def rule(**values: str) -> str:
    return "\n".join(
        ["[[tool.lambda_events.redact.rules]]", *(f"{key} = {json.dumps(one)}" for key, one in values.items())]
    )


def body_of(event: Any) -> Any:
    return json.loads(event["Records"][0]["body"])


BODY = {"customer": {"name": "Jane", "age": 7, "vip": True, "tags": ["a", 1.5], "note": None}, "order": "ORD-123456 x"}


def test_a_path_decides_for_what_is_below_it(rules: Callable[[str], Rules]) -> None:
    """Types and keys stay."""
    event = sqs_event(BODY)
    dropped = body_of(Redactor(rules(rule(path="$.customer", action="drop")), key=KEY).event(event, "sqs"))
    assert dropped == {
        "customer": {"name": "dropped", "age": 0, "vip": True, "tags": ["dropped", 0], "note": None},
        "order": "ORD-123456 x",
    }
    redactor = Redactor(rules(rule(path="$.customer.name", action="pseudonymise")), key=KEY)
    after = redactor.event(event, "sqs")
    assert body_of(after)["customer"]["name"].startswith("redacted-")
    assert body_of(after)["customer"]["age"] == 7
    assert redactor.event(after, "sqs") == after
    assert validate(after) == []


def test_numbers_and_forms_are_kept_by_a_pseudonym(rules: Callable[[str], Rules]) -> None:
    """A number is a number, a UUID a UUID, an address an address."""
    body = {"id": 12, "uuid": "9bcfa592-423a-4942-879d-eb284b418fc8", "mail": "a@b.co", "float": 1.5, "empty": ""}
    redactor = Redactor(rules(rule(path="$", action="pseudonymise")), key=KEY)
    after = redactor.event(sqs_event(body), "sqs")
    found = body_of(after)
    assert str(found["id"]).startswith("9990")
    assert found["uuid"].startswith("00000000-")
    assert found["mail"].startswith("user-")
    assert str(found["float"]).startswith("9990")
    assert found["empty"] == ""
    assert redactor.event(after, "sqs") == after


def test_a_rule_holds_however_deep_its_document_is(rules: Callable[[str], Rules]) -> None:
    """In JSON in JSON, in base64, in DynamoDB's typed JSON and in a header."""
    redactor = Redactor(rules(rule(path="$.customer.name", action="drop")), key=KEY)
    wrapped = json.dumps({"Message": json.dumps(BODY)})
    assert "Jane" not in json.dumps(redactor.event(sqs_event(wrapped), "sqs"))
    ((record,),) = redactor.event(kafka_event(BODY), "kafka")["records"].values()
    assert record["value"] != kafka_event(BODY)["records"]["orders-0"][0]["value"]
    item = redactor.event(dynamodb_event({"id": "1", **BODY}), "dynamodb")
    assert item["Records"][0]["dynamodb"]["NewImage"]["customer"]["M"]["name"] == {"S": "dropped"}
    assert validate(item) == []


def test_a_pattern_decides_for_what_it_finds(rules: Callable[[str], Rules]) -> None:
    """In any text of a payload."""
    redactor = Redactor(rules(rule(pattern="ORD-[0-9]{6}", action="pseudonymise")), key=KEY)
    after = redactor.event(sqs_event(BODY), "sqs")
    assert body_of(after)["order"].startswith("redacted-")
    assert body_of(after)["order"].endswith(" x")
    assert redactor.event(after, "sqs") == after
    kept = Redactor(rules(rule(pattern="ORD-[0-9]{6}", action="drop")), key=KEY).event(sqs_event(BODY), "sqs")
    assert body_of(kept)["order"] == "dropped x"


def test_what_a_pattern_keeps_no_form_takes(rules: Callable[[str], Rules]) -> None:
    """Nor another pattern; and the scan lets it pass, if it is no known form of key."""
    text = "\n".join(
        [
            rule(pattern="[a-z]+@corp", action="drop"),
            rule(pattern=r"help@corp\.com", action="keep"),
            rule(pattern="evt_[A-Za-z0-9]+", action="keep", source="sqs"),
        ]
    )
    found = rules(text)
    body = {"to": "help@corp.com, jane@corp.com, joe@a.io", "event": "evt_1NG8Du2eZvKYlo2CUI79vXWy"}
    redactor = Redactor(found, key=KEY)
    after = redactor.event(sqs_event(body), "sqs")
    to = body_of(after)["to"]
    assert to.startswith("help@corp.com, dropped.com, user-")
    assert body_of(after)["event"] == body["event"]
    assert redactor.event(after, "sqs") == after
    cassette = new_cassette("sqs", [Interaction(event=after)], how="file")
    assert secrets_in(cassette, found) == []
    assert [one.what for one in secrets_in(cassette)] == ["text of high entropy"]


def test_what_a_rule_keeps_stays(rules: Callable[[str], Rules]) -> None:
    """By its path in the event, or in a document; the first rule decides, and only for its source."""
    body = {"support": "help@corp.com", "jane": "jane@corp.com", "n": 5}
    text = "\n".join([rule(path="$.support", action="keep", source="sqs"), rule(path="$", action="drop", source="sqs")])
    redactor = Redactor(rules(text), key=KEY)
    assert body_of(redactor.event(sqs_event(body), "sqs")) == {"support": "help@corp.com", "jane": "dropped", "n": 0}
    other = redactor.event(kinesis_event(body), "kinesis")
    assert validate(other) == []
    assert other != kinesis_event(body)
    event = sqs_event(body)
    whole = Redactor(rules(rule(path="Records[*]", action="keep")), key=KEY).event(event, "sqs")
    assert whole == event
    numbers = Redactor(rules(rule(path="$.pin", action="keep")), key=KEY).event(
        sqs_event({"pin": 1, "token": 2}), "sqs"
    )
    assert body_of(numbers)["pin"] == 1
    assert str(body_of(numbers)["token"]).startswith("9990")


@pytest.mark.parametrize("action", ["drop", "pseudonymise"])
def test_bodies_may_go_altogether(rules: Callable[[str], Rules], action: str) -> None:
    """What no rule names; sums are true, and twice is once."""
    redactor = Redactor(rules(f"bodies = '{action}'"), key=KEY)
    for source, event in (
        ("sqs", sqs_event(BODY, message_attributes={"note": "Jane"})),
        ("kinesis", kinesis_event(b"\xffJane")),
        ("kinesis", kinesis_event(BODY)),
        ("dynamodb", dynamodb_event({"id": "1", "set": {"Jane", "Joe"}, "n": {1, 2}, **BODY})),
        ("kafka", kafka_event(BODY, key="Jane", headers={"a": "Jane"})),
    ):
        after = redactor.event(event, source)
        assert "Jane" not in json.dumps(after)
        assert [one for one in validate(after) if one.severity == "error"] == []
        assert redactor.event(after, source) == after


def test_metadata_can_be_ruled_too(rules: Callable[[str], Rules]) -> None:
    """A message's id, in its form; what is kept is kept, also an identifier."""
    event = sqs_event("a")
    text = "\n".join(
        [
            rule(path="Records[*].messageId", action="pseudonymise"),
            rule(path="Records[*].receiptHandle", action="keep"),
            rule(path="Records[*].awsRegion", action="drop"),
            rule(path="Records[*].eventSourceARN", action="keep"),
        ]
    )
    record = Redactor(rules(text), key=KEY).event(event, "sqs")["Records"][0]
    assert record["messageId"].startswith("00000000-")
    assert record["receiptHandle"] == event["Records"][0]["receiptHandle"]
    assert record["awsRegion"] == "dropped"
    assert record["eventSourceARN"] == event["Records"][0]["eventSourceARN"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bodies = 'hide'", "bodies is 'hide', and it is one of keep, drop, pseudonymise"),
        ("body = 'keep'", "has no 'body' (did you mean 'bodies'?)"),
        ("rules = 1", "rules is a list"),
        ("rules = [1]", "rule 1 of [tool.lambda_events.redact] is a table with path"),
        (rule(action="keep"), "has a path or a pattern"),
        (rule(path="$", pattern="x", action="keep"), "and just one of them"),
        (rule(path="$"), "action is None"),
        (rule(path="$..x", action="keep"), "is not a path"),
        (rule(path="", action="keep"), "path is '', and it is a text"),
        (rule(pattern="(", action="keep"), "is no regular expression"),
        (rule(path="$", action="keep", source="sqss"), "did you mean 'sqs'?"),
        (rule(path="$", action="keep", when="x"), "has no 'when'"),
        ("key_env = 1", "key_env is 1"),
        ("key_file = 'secret.key'", "is inside of the project"),
        ("= 1", "cannot be read"),
    ],
)
def test_a_rule_that_cannot_mean_anything_is_refused(rules: Callable[[str], Rules], text: str, why: str) -> None:
    """With its number."""
    with pytest.raises(UsageError) as caught:
        rules(text)
    assert why in str(caught.value)
    assert "pyproject.toml" in str(caught.value) or "path" in str(caught.value)


def test_the_nearest_pyproject_is_the_projects(tmp_path: Path) -> None:
    """From a folder upwards; without one there are no rules. What is no table is refused."""
    (tmp_path / "pyproject.toml").write_text("[tool.lambda_events.redact]\nbodies = 'drop'\n", encoding="utf-8")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert rules_from(deep).bodies == "drop"
    (deep / "pyproject.toml").write_text("[tool]\n", encoding="utf-8")
    assert rules_from(deep) == Rules()
    assert rules_from(Path(deep.anchor)) == Rules()
    (deep / "pyproject.toml").write_text("[tool.lambda_events]\nredact = 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is a table"):
        rules_from(deep)


# -- keys --------------------------------------------------------------------------------------------------------------


def test_where_a_key_comes_from(rules: Callable[[str], Rules], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is named, the environment, the project's file; else nobody has it."""
    monkeypatch.delenv("LAMBDA_EVENTS_REDACT_KEY", raising=False)
    monkeypatch.delenv("MY_KEY", raising=False)
    one, other = tmp_path / "one.key", tmp_path.parent / f"{tmp_path.name}-other.key"
    one.write_bytes(b"a key that is named, long\n")
    other.write_bytes(b"a key of the project, long")
    plain = Rules()
    assert found_key(plain)[1] is False
    assert found_key(plain) != found_key(plain)
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "a key of the environment")
    assert found_key(plain) == (b"a key of the environment", True)
    assert found_key(plain, one) == (b"a key that is named, long", True)
    project = rules(f"key_env = 'MY_KEY'\nkey_file = '../{other.name}'")
    assert found_key(project) == (b"a key of the project, long", True)
    monkeypatch.setenv("MY_KEY", "short")
    with pytest.raises(UsageError, match="MY_KEY has a key of 5 bytes, which could be guessed"):
        found_key(project)
    with pytest.raises(UsageError, match="cannot be read"):
        found_key(plain, tmp_path / "none.key")


def test_two_redactors_of_one_key_agree() -> None:
    """Across cassettes."""
    event = sqs_event({"mail": "jane@corp.com"})
    assert Redactor(key=KEY).event(event, "sqs") == Redactor(key=KEY).event(event, "sqs")
    assert Redactor(key=KEY).key_name == Redactor(key=KEY).key_name != Redactor(key=KEY + b"x").key_name


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("clientSecret", "secret"),
        ("CLIENT-SECRETS", "secret"),
        ("x-api-key", "secret"),
        ("nextToken", "secret"),
        ("Set-Cookie", "secret"),
        ("accountId", "account"),
        ("aws_account_ids", "account"),
        ("x-amzn-RequestId", "request"),
        ("Signature", "opaque"),
        ("principalId", "principal"),
        ("customer", None),
        ("key", None),
        ("", None),
    ],
)
def test_names_say_what_a_value_is(name: str, meaning: str | None) -> None:
    """Whatever their case and marks."""
    assert meaning_of(name) == meaning


def test_names_of_hashes_and_ids_are_harmless() -> None:
    """Long and random, and no secret."""
    assert is_harmless("eTag")
    assert is_harmless("versionId")
    assert not is_harmless("cursor")
    assert not is_harmless("session-id")
