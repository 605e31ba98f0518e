"""Payloads that bring something along. The law: what travels beside a payload is carried, never guessed from it.

An envelope (SNS, an extended client, a log subscription) decides not only on a body but also on what stands beside it:
message attributes, a sender, a partition key. It makes a text or bytes with an `aside`; an event builder takes from
there what it is not told otherwise.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DeliveredBytes", "DeliveredText", "aside_of"]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class DeliveredText(str):
    """A text, and the builder's arguments that go with it."""

    __slots__ = ("aside",)

    aside: Mapping[str, Any]

    def __new__(cls, text: str, **aside: Any) -> DeliveredText:  # noqa: PYI034 - Self came with Python 3.11
        """`aside` has the names of the builder's arguments (`message_attributes`, `sender_id`)."""
        made = super().__new__(cls, text)
        made.aside = {name: value for name, value in aside.items() if value is not None}
        return made


class DeliveredBytes(bytes):
    """Bytes, and the builder's arguments that go with them."""

    aside: Mapping[str, Any]

    def __new__(cls, data: bytes, **aside: Any) -> DeliveredBytes:  # noqa: PYI034 - likewise
        """`aside` has the names of the builder's arguments (`partition_key`)."""
        made = super().__new__(cls, data)
        made.aside = {name: value for name, value in aside.items() if value is not None}
        return made


def aside_of(payload: Any) -> Mapping[str, Any]:
    """What goes with a payload; nothing, for most."""
    return payload.aside if isinstance(payload, (DeliveredText, DeliveredBytes)) else _NOTHING
