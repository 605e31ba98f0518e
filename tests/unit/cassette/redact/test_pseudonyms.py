"""Pseudonyms: equal in, equal out; of the form that the value had; known as ours, and mapped to themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms, is_pseudonym

if TYPE_CHECKING:
    from collections.abc import Callable

ONE, OTHER = Pseudonyms(b"one key"), Pseudonyms(b"another key")
HANDLE = "AQEB" + "Qk1K" * 96
TASK = "AAAAAAAAAAHw" + "Qk1K" * 300

FORMS: list[tuple[str, str, str]] = [
    ("token", "hunter2", r"redacted-[a-z2-7]{16}"),
    ("account", "123456789012", r"000[0-9]{9}"),
    ("number", "123456789012", r"9990[0-9]{11}"),
    ("email", "jane@corp.com", r"user-[a-z2-7]{10}@example\.com"),
    ("name", "jane", r"name-[a-z2-7]{10}"),
    ("host", "broker.corp.internal", r"host-[a-z2-7]{10}\.example\.com"),
    ("uuid", "9bcfa592-423a-4942-879d-eb284b418fc8", r"0{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"),
    ("uuid", "9bcfa592-423a-5942-a79d-eb284b418fc8", r"0{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
    ("uuid", "no uuid", r"redacted-[a-z2-7]{16}"),
    ("hexadecimal", "0123456789abcdef01234567", r"0{8}[0-9a-f]{16}"),
    ("hexadecimal", "f123456789abcdef", r"0{8}[0-9a-f]{8}"),
    ("identity", "AIDAIENQZJOLO23YVJ4VO", r"AIDA[A-Z2-7]{10}EXAMPLE"),
    ("identity", "AKIAIOSFODNN7EXAMPLE", r"AKIA[A-Z2-7]{9}EXAMPLE"),
    ("identity", "somebody", r"redacted-[a-z2-7]{16}"),
    ("request", "C3D13FE58DE4C810", r"[A-Z2-7]{9}EXAMPLE"),
    ("request", "9bcfa592-423a-4942-879d-eb284b418fc8", r"0{8}-.*"),
    ("request", "req-1", r"redacted-.*"),
    ("handle", HANDLE, r"AQEBcHNldWRvbnltIGhhbmRsZ[A-Za-z0-9+/]+=*"),
    ("handle", "no handle", r"AQEBcHNldWRvbnltIGhhbmRsZ[A-Za-z0-9+/]+=*"),
    ("opaque", TASK, r"AAAAAAAAAAFwc2V1ZG9ueW[A-Za-z0-9+/]+=*|cHNldWRvbnlt[A-Za-z0-9+/]+=*"),
    ("opaque", "Qk1K" * 20, r"cHNldWRvbnlt[A-Za-z0-9+/]+"),
    ("opaque", "short", r"redacted-[a-z2-7]{16}"),
]


@pytest.mark.parametrize(("kind", "value", "form"), FORMS)
def test_a_pseudonym_has_the_form_of_the_value(kind: str, value: str, form: str) -> None:
    """It is another value, the same each time, another one with another key, and its own pseudonym with any key."""
    make: Callable[[str], str] = getattr(ONE, kind)
    other: Callable[[str], str] = getattr(OTHER, kind)
    pseudonym = make(value)
    assert re.fullmatch(form, pseudonym)
    assert pseudonym == make(value) != value
    assert other(value) != pseudonym
    assert make(pseudonym) == other(pseudonym) == pseudonym
    assert is_pseudonym(pseudonym)
    assert not is_pseudonym(value)


def test_lengths_are_kept_where_they_say_something() -> None:
    """Of handles and other opaque texts."""
    assert len(ONE.handle(HANDLE)) == len(HANDLE)
    assert len(ONE.opaque(TASK)) == len(TASK)
    assert len(ONE.mask("jane@corp.com")) == len("jane@corp.com")
    assert ONE.label("arylnm")[:3] == "000"
    assert len(ONE.label("arylnm")) == 6
    assert ONE.label(ONE.label("arylnm")) == ONE.label("arylnm")


def test_addresses_are_the_same_whatever_their_capitals() -> None:
    """As mail servers see it."""
    assert ONE.email("Jane@Corp.com") == ONE.email("jane@corp.com")


def test_a_key_has_a_fingerprint() -> None:
    """By which cassettes of one key are known."""
    assert re.fullmatch(r"[0-9a-f]{8}", ONE.fingerprint)
    assert ONE.fingerprint != OTHER.fingerprint


NOT_OURS = [
    "",
    "123456789012",
    "000123456789",
    "999012345678901",
    "redacted-abcdefghijklmnop",
    "user-abcdefghij@example.com",
    "AKIAIOSFODNN7EXAMPLE",
    "AIDACKCEVSQ6C2EXAMPLE",
    "ABCDEFGHIEXAMPLE",
    "EXAMPLE",
    "name-jane",
    "host-abcdefghij.example.com",
    "9bcfa592-423a-4942-879d-eb284b418fc8",
]


@pytest.mark.parametrize("text", NOT_OURS)
def test_what_merely_looks_like_one_is_none(text: str) -> None:
    """The last two characters are computed from the others."""
    assert not is_pseudonym(text)


@given(st.text(min_size=1), st.sampled_from(["token", "email", "name", "host", "handle", "opaque", "request", "uuid"]))
def test_any_text_has_one(text: str, kind: str) -> None:
    """And that is its own."""
    make: Callable[[str], str] = getattr(ONE, kind)
    assert make(make(text)) == make(text)
    assert is_pseudonym(make(text))
