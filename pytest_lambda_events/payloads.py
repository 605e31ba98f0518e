"""Payloads that people recognise: orders, users, clicks. The law: seeded; Faker's where it is installed, else our own.

Faker is imported when the first such payload is made: it is an extra, and slow to load.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import random

__all__ = ["PayloadKind", "Subject", "payload"]

PayloadKind = Literal["order", "user", "click"]
"""What a made-up payload is about."""

_NAMES = (
    "Ada Nowak",
    "Bela Okafor",
    "Chen Wei",
    "Dana Ruiz",
    "Emil Larsen",
    "Fatma Demir",
    "Goran Petrov",
    "Hana Sato",
)
_CITIES = ("Lisbon", "Nairobi", "Osaka", "Porto Alegre", "Quebec", "Riga", "Sydney", "Toronto")
_STREETS = ("Mill Lane", "Harbour Street", "Station Road", "Orchard Way")
_PAGES = ("/", "/basket", "/checkout", "/products/anchor", "/products/compass", "/search")
_SKUS = ("ANCHOR-01", "BUOY-12", "COMPASS-07", "LANTERN-03", "ROPE-25")
_BROWSERS = ("Chrome", "Edge", "Firefox", "Safari")


class Subject(Protocol):
    """Who a payload is about: what Faker's providers and our own set both make."""

    def name(self) -> str: ...  # noqa: D102 - a name says it
    def email(self) -> str: ...  # noqa: D102
    def city(self) -> str: ...  # noqa: D102
    def street_address(self) -> str: ...  # noqa: D102
    def ipv4_public(self) -> str: ...  # noqa: D102


class _OwnSubject:
    """Ours, for where Faker is not installed."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def name(self) -> str:
        return self._dice.choice(_NAMES)

    def email(self) -> str:
        first, _, last = self._dice.choice(_NAMES).lower().partition(" ")
        return f"{first}.{last}@example.com"

    def city(self) -> str:
        return self._dice.choice(_CITIES)

    def street_address(self) -> str:
        return f"{self._dice.randint(1, 199)} {self._dice.choice(_STREETS)}"

    def ipv4_public(self) -> str:
        return f"203.0.113.{self._dice.randint(1, 254)}"  # RFC 5737: nobody's


@cache
def _faker() -> Any | None:
    try:
        from faker import Faker
    except ImportError:
        return None
    return Faker()


def _subject(dice: random.Random) -> Subject:
    faker = _faker()
    if faker is None:
        return _OwnSubject(dice)
    faker.seed_instance(dice.getrandbits(64))
    subject: Subject = faker
    return subject


def payload(kind: PayloadKind, number: int, dice: random.Random) -> dict[str, Any]:
    """The `number`-th made-up payload of its kind, with its number under the kind's own name (`{"order": 1, …}`)."""
    subject = _subject(dice)
    return {kind: number, **_FIELDS[kind](subject, dice)}


def _order(subject: Subject, dice: random.Random) -> dict[str, Any]:
    quantity = dice.randint(1, 5)
    return {
        "customer": subject.name(),
        "email": subject.email(),
        "city": subject.city(),
        "items": [{"sku": dice.choice(_SKUS), "quantity": quantity}],
        "amount": quantity * dice.randint(5, 500) * 100,
        "currency": "EUR",
    }


def _user(subject: Subject, dice: random.Random) -> dict[str, Any]:
    return {
        "name": subject.name(),
        "email": subject.email(),
        "address": subject.street_address(),
        "city": subject.city(),
        "active": dice.random() < 0.9,  # noqa: PLR2004 - nine in ten
    }


def _click(subject: Subject, dice: random.Random) -> dict[str, Any]:
    return {
        "user": dice.randint(1, 9_999),
        "page": dice.choice(_PAGES),
        "browser": dice.choice(_BROWSERS),
        "ip": subject.ipv4_public(),
        "milliseconds": dice.randint(20, 4_000),
    }


_FIELDS = {"order": _order, "user": _user, "click": _click}
