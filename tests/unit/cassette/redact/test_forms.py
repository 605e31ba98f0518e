"""What has a form, and what merely looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.redact.forms import all_forms
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms, is_pseudonym
from pytest_lambda_events.cassette.redact.replacing import Replacing

REPLACING = Replacing(Pseudonyms(b"a key"), {})


def names_in(text: str) -> list[str]:
    found: list[str] = []

    def note(name: str, one: str) -> str:
        found.append(name)
        return one

    assert all_forms().replaced(text, note) == text
    return found


FOUND = [
    ("arn:aws-cn:sqs:cn-north-1:601427279990:orders", ["ARN"]),
    ("arn:aws:s3:::bucket/key", ["ARN"]),
    ("Authorization: Basic amFuZTpodW50ZXIyMg==", ["basic credentials"]),
    ('{\\"api_key\\": \\"abcd1234\\"}', ["secret by its name"]),
    ("DB_PASSWORD=hunter2;x", ["secret by its name"]),
    ("token: Bearer abcdef", ["secret by its name"]),
    ("?X-Amz-Signature=0123abcd&X-Amz-Expires=60", ["secret by its name"]),
    ("mysql://root:toor@localhost/x", ["password in a URL"]),
    ("mail jane@corp.co.uk and joe@a.io.", ["e-mail address", "e-mail address"]),
    ("ASIAIOSFODNN7EXAMPLE", ["id of an access key"]),
    ("https://sqs.eu-west-1.amazonaws.com/601427279990/orders", ["account in a URL"]),
    ("boot-z3majaui.c3.kafka-serverless.eu-west-1.amazonaws.com:9098", ["broker"]),
    ("Root=1-67749f80-0123456789abcdef01234567;Parent=0123456789abcdef", ["trace id", "trace id"]),
    ('"requestId": "79104efb-640b-4b3a-9b1b-1d2b5f2f2b3a"', ["request id"]),
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_a_form_is_found(text: str, names: list[str]) -> None:
    """By its name."""
    assert names_in(text) == names


NOTHING = [
    "the secret of success: work",
    "token",
    "password: null",
    "passwords=[]",
    "a basic question about bearer bonds",
    "d41d8cd98f00b204e9800998ecf8427e",
    "79104efb-640b-4b3a-9b1b-1d2b5f2f2b3a",
    "49590338271490256608559692538361571095921575989136588898",
    "18904851514307823619",
    "shardId-000000000006",
    "2025-01-01T00:00:00.000Z",
    "https://example.com/a?b=c",
    "orders@v2",
    "@jane",
    "x@y",
    "123456789012",
    "arn:aws:sqs",
    "AKIASHORT",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_form_stays(text: str) -> None:
    """Words, hashes, numbers of the format."""
    assert REPLACING.text(text) == text or text.startswith("the secret")
    assert [name for name in names_in(text) if name != "secret by its name"] in ([], ["basic credentials"])


REPLACED = [
    ("arn:aws:sts::601427279990:assumed-role/Admin/jane", r"arn:aws:sts::000"),
    ("arn:aws:iam::601427279990:role/lambda-role", r":role/lambda-role"),
    ("arn:aws:cognito-idp:eu-west-1:601427279990:userpool/eu-west-1_x", r":userpool/eu-west-1_x"),
    ("Bearer mF_9.B5f-4.1JqMsE7kd92", r"Bearer redacted-"),
    ("mysql://root:toor@localhost/x", r"mysql://root:redacted-"),
    ("Root=1-67749f80-0123456789abcdef01234567", r"Root=1-67749f80-00000000"),
]


@pytest.mark.parametrize(("text", "part"), REPLACED)
def test_what_names_nobody_stays(text: str, part: str) -> None:
    """Services, roles, resources, schemes, times."""
    assert part in REPLACING.text(text)
    assert "jane" not in REPLACING.text(text)


def test_known_values_are_replaced_wherever_they_stand() -> None:
    """In names of buckets, and not within longer numbers."""
    replacing = Replacing(Pseudonyms(b"a key"), {"601427279990": "known account", "kafka.corp": "known host"})
    text = replacing.text("bucket logs-601427279990-eu, account 601427279990, kafka.corp:9092, 6014272799901")
    assert text.count("601427279990") == 1
    assert "kafka.corp" not in text
    assert replacing.text(text) == text


pieces = st.sampled_from(
    [
        *(text for text, _ in FOUND),
        *NOTHING,
        "Bearer ",
        "Basic ",
        "token=",
        "password: ",
        "://",
        "@",
        ":",
        "/",
        ".",
        " ",
        "=",
        '"',
        "arn:aws:iam::601427279990:user/",
        "user-",
        "redacted-",
        "AKIA",
        "%40",
        "é",
    ]
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_twice_is_once(text: str) -> None:
    """Whatever stands beside whatever, with any key."""
    once = REPLACING.text(text)
    assert REPLACING.text(once) == once
    assert Replacing(Pseudonyms(b"another"), {}).text(once) == once
    assert REPLACING.secrets_in(once) == []


def test_a_pseudonym_is_no_secret() -> None:
    """Whatever form it has."""
    for text, _ in FOUND:
        changed = REPLACING.text(text)
        assert REPLACING.secrets_in(changed) == []
    assert is_pseudonym(REPLACING.any("anything"))
    assert REPLACING.any("") == ""
    assert REPLACING.any("jane@corp.com").endswith("@example.com")
