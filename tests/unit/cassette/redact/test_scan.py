"""The scan for secrets: what opens a door is found and named, what merely looks random in AWS's format is not."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import Captured, Interaction, save
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cassette.redact import Redactor, Rule, Rules
from pytest_lambda_events.cassette.redact.entropy import random_looking
from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.errors import SecretFound
from pytest_lambda_events.events import kafka_event, sqs_event
from pytest_lambda_events.model.paths import parse_path
from pytest_lambda_events.sources import SOURCES, builder

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lambda_events.cassette import Cassette

GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
DRAWN = "wJalr8XUtn7FEMIK7MDENGbPx2RfiCYz9Q4kT1sV"
KEEP = Rules(rules=(Rule(action="keep", path=parse_path("$.cursor")),))


def of(event: Any, source: str = "sqs") -> Cassette:
    return new_cassette(source, [Interaction(event=event)], how="file")


def found(body: Any, rules: Rules | None = None) -> list[str]:
    return [str(one) for one in secrets_in(of(sqs_event(body)), rules)]


def test_a_secret_is_named_by_its_path_and_kind() -> None:
    """Through everything that is wrapped."""
    body = json.dumps({"Message": json.dumps({"auth": GITHUB})})
    assert found(body) == ["Records[0].body → $.Message → $.auth: token of a service"]
    assert found({"password": "x"}) == ["Records[0].body → $.password: secret by its name"]
    assert found({GITHUB: 1}) == [f"Records[0].body → $.{GITHUB}: token of a service"]
    assert found({"cursor": DRAWN}) == ["Records[0].body → $.cursor: text of high entropy"]
    assert found(base64.b64encode(f"the key is {GITHUB}".encode()).decode()) == [
        "Records[0].body → base64: token of a service"
    ]
    binary = kafka_event(b"\xff" + GITHUB.encode() + b"\xff")
    assert [one.what for one in secrets_in(of(binary, "kafka"))] == ["token of a service"]


def test_several_interactions_are_told_apart() -> None:
    """And notes are looked at, too."""
    events = [Interaction(event=sqs_event("a")), Interaction(event=sqs_event(GITHUB))]
    cassette = new_cassette("sqs", events, how="file", notes=(f"with {GITHUB}",))
    assert [one.path for one in secrets_in(cassette)] == ["interactions[1]: Records[0].body", "captured.notes[0]"]


def test_a_rule_lets_entropy_and_names_pass_and_never_a_known_form() -> None:
    """What a project knows better is one thing, a token another."""
    assert found({"cursor": DRAWN}, KEEP) == []
    assert found({"cursor": {"password": "x"}}, KEEP) == []
    assert found({"cursor": "password=hunter22"}, KEEP) == []
    assert found({"cursor": GITHUB}, KEEP) == ["Records[0].body → $.cursor: token of a service"]
    assert found({"other": DRAWN}, KEEP) != []


def test_nothing_is_written(tmp_path: Path) -> None:
    """The error has the paths, and shows no secret."""
    bodies = [{"auth": GITHUB, "number": number} for number in range(30)]
    with pytest.raises(SecretFound) as caught:
        save(of(sqs_event(*bodies)), tmp_path / "orders.json")
    assert len(caught.value.paths) == 30
    assert caught.value.paths[0] == "Records[0].body → $.auth"
    assert "… and 10 more" in str(caught.value)
    assert GITHUB not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


RANDOM = [
    DRAWN,
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    f"key={DRAWN[:24]}",
    "x-" + DRAWN[:22],
]


@pytest.mark.parametrize("text", RANDOM)
def test_what_looks_like_a_key_is_one(text: str) -> None:
    """Capitals, small letters and digits in turn."""
    assert random_looking(text)


HARMLESS = [
    "",
    "the quick brown fox jumps over the lazy dog",
    "d41d8cd98f00b204e9800998ecf8427e",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "9bcfa592-423a-4942-879d-eb284b418fc8",
    "49590338271490256608559692538361571095921575989136588898",
    "MyCompanyOrdersStack-CustomerOrdersQueue9C3F2A1B-1XKJ2M3N4O5P6",
    "arn:aws:lambda:eu-west-1:000123456789:function:a8Bc7De6Fg5Hi4Jk3Lm2No1P",
    "/aws/lambda/MyCompanyOrdersStackCustomerHandler2",
    "2025/11/10/[$LATEST]26b6a7c3d4e5f60718293a4b5c6d7e8f",
    base64.b64encode(b"a text that somebody wrote, of some length").decode(),
    base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(40))).decode(),
    base64.b64encode(random.Random(1).randbytes(900)).decode(),
    "https://example.com/a/path/that/is/long/and/has/VersionTwo2/inIt",
    "thisIsAVeryLongCamelCaseIdentifierWithADigit2",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_words_hashes_and_names_are_none(text: str) -> None:
    """Nor documents in base64."""
    assert not random_looking(text)


def test_random_keys_are_nearly_always_found() -> None:
    """Of 40 letters and digits, as many services have them."""
    dice = random.Random(0)
    drawn = ["".join(dice.choices(string.ascii_letters + string.digits, k=40)) for _ in range(300)]
    assert sum(map(random_looking, drawn)) >= 297


@pytest.mark.parametrize("source", [source.name for source in SOURCES])
def test_what_is_generated_and_redacted_has_no_secret(source: str) -> None:
    """Neither the format's own identifiers nor our pseudonyms are taken for one."""
    redactor = Redactor(key=b"a key of sixteen bytes or more")
    for seed in range(5):
        event = builder(next(one for one in SOURCES if one.name == source))(seed=seed)
        assert secrets_in(of(event, source)) == []
        assert secrets_in(redactor.redacted(of(event, source))) == []
    assert Captured(how="file").notes == ()
