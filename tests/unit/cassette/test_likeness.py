"""What a pseudonym stands for in what was recorded, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.likeness import alike
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms

ONE, TWO = Pseudonyms(b"one" * 8), Pseudonyms(b"two" * 8)
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

FORMS = {
    "email": (ONE.email("ada@shop.com"), "noreply@shop.com", "not an address"),
    "account": (ONE.account("210987654321"), "123456789012", "12345"),
    "token": (ONE.token("s3cret"), "Bearer abc", ""),
    "name": (ONE.name("ada"), "admin", ""),
    "host": (ONE.host("db.internal.shop"), "db-1.shop.internal", "localhost"),
    "uuid": (ONE.uuid(UUID), UUID, "none"),
    "identity": (ONE.identity("AIDAW2KLTIBWSYABCDEFG"), "AKIAIOSFODNN7ABCDEFG", "small letters"),
    "number": (int(ONE.number("210987654321")), 123456789012, "text"),
}


@pytest.mark.parametrize(("recorded", "real", "unlike"), FORMS.values(), ids=FORMS.keys())
def test_a_pseudonym_stands_for_a_value_of_its_form(recorded: Any, real: Any, unlike: Any) -> None:
    """It is equal to itself, alike a real value, and unlike what has another form."""
    assert alike(recorded, recorded)
    assert alike(recorded, real)
    assert not alike(recorded, unlike)
    assert not alike(real, recorded)


@pytest.mark.parametrize("kind", ["email", "account", "token", "name", "host", "uuid"])
def test_two_pseudonyms_are_never_alike(kind: str) -> None:
    """A handler that takes another record's value does otherwise."""
    value = UUID if kind == "uuid" else "210987654321" if kind == "account" else "ada@shop.com"
    other = UUID.replace("3", "4") if kind == "uuid" else "210987654322" if kind == "account" else "bela@shop.com"
    assert not alike(getattr(ONE, kind)(value), getattr(ONE, kind)(other))
    assert not alike(getattr(ONE, kind)(value), getattr(TWO, kind)(value))


def test_within_a_text_all_else_counts() -> None:
    """An ARN with an account, a sentence with an address."""
    arn = f"arn:aws:sns:us-east-1:{ONE.account('210987654321')}:orders"
    assert alike(arn, "arn:aws:sns:us-east-1:123456789012:orders")
    assert not alike(arn, "arn:aws:sns:us-east-1:123456789012:others")
    assert not alike(arn, "arn:aws:sns:us-east-1:12345678901:orders")
    both = f"from {ONE.email('a@b.com')} to {ONE.email('c@d.com')}"
    assert alike(both, f"from x@y.com to {ONE.email('c@d.com')}")
    assert not alike(both, f"from {ONE.email('c@d.com')} to {ONE.email('a@b.com')}")


@pytest.mark.parametrize("text", ["user-aaaaaaaaaa@example.com", "redacted-aaaaaaaaaaaaaaaa", "000123456789"])
def test_what_only_looks_like_a_pseudonym_is_none(text: str) -> None:
    """Its check does not fit, so that it is a value like any other."""
    assert alike(text, text)
    assert not alike(text, "x@y.com")


def test_a_text_full_of_pseudonyms_is_compared_as_it_is() -> None:
    """A pattern with hundreds of gaps would take its time."""
    text = " ".join(ONE.token(str(number)) for number in range(150))
    assert alike(text, text)
    assert not alike(text, "x " * 150)


def test_a_list_of_pseudonyms_is_told_from_a_longer_one_at_once() -> None:
    """There are more ways to divide it among them than could be tried."""
    names = ", ".join(ONE.name(str(number)) for number in range(20))
    recorded = f"{names}, account {ONE.account('210987654321')}"
    now = ", ".join(["ada"] * 60)
    assert alike(recorded, f"{now}, account 123456789012")
    assert not alike(recorded, f"{now}, account none")
    assert not alike(recorded, f"{now}, 123456789012")


@pytest.mark.parametrize("real", ["a, b", ", ", "a and b"])
def test_a_value_may_hold_what_stands_beside_it(real: str) -> None:
    """What follows a pseudonym is looked for behind the longest value first."""
    recorded = f"{ONE.name('a')}, {ONE.email('a@b.com')} and {ONE.token('b')}"
    assert alike(recorded, f"{real}, x@y.com and {real}")
    assert not alike(recorded, f"{real}, x and {real}")


@given(st.none() | st.booleans() | st.integers() | st.text(), st.none() | st.booleans() | st.integers() | st.text())
def test_without_pseudonyms_alike_is_equal(one: Any, other: Any) -> None:
    """And true is not 1."""
    assert alike(one, other) == (type(one) is type(other) and one == other)
