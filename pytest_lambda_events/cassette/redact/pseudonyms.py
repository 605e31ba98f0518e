"""What stands in a private value's place. The law: equal in, equal out; not reversible without the key; known as ours.

A pseudonym is an HMAC-SHA256 of the value, cut and written in the form that the value had, so that an event is still
one. Each form begins with something that real values do not begin with, and ends with two characters computed from the
rest without the key: so anybody can tell a pseudonym, and it is mapped to itself. A real value that looks like one by
chance is one in ten million account ids, and rarer for everything else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from typing import Final

from pytest_lambda_events.model.looking import decoded

__all__ = ["Pseudonyms", "is_pseudonym"]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_CHECK: Final = 2
_ACCOUNT_DIGITS: Final = 7
_NUMBER: Final = "9990"
_NUMBER_DIGITS: Final = 9
_EMPTY: Final = "00000000"

_HANDLE: Final = b"\x01\x01\x01pseudonym handle"
_BLOCK: Final = 16
_FEWEST_BLOCKS, _MOST_BLOCKS = 13, 23  # as long as receipt handles that were recorded on AWS
_TASK: Final = (1).to_bytes(8, "big")  # what the ids of S3 Batch Operations begin with
_OPAQUE: Final = b"pseudonym"

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}")
_OWN_UUID: Final = re.compile(r"0{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OWN_WORD: Final = re.compile(
    r"(?:user-(?P<user>[a-z2-7]{10})@example\.com|(?:redacted-(?P<token>[a-z2-7]{16}))"
    r"|name-(?P<name>[a-z2-7]{10})|host-(?P<host>[a-z2-7]{10})\.example\.com)"
)
_ID: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{13,28}")
_REQUEST: Final = re.compile(r"[A-Z0-9]{16}")
_END: Final = "EXAMPLE"
"""As AWS's documentation has it, so that scanners for leaked keys leave it alone."""


def is_pseudonym(text: str) -> bool:
    """Whether a text is a pseudonym, of whatever key."""
    found = _OWN_WORD.fullmatch(text)
    if found is not None:
        return _is_checked(next(word for word in found.groups() if word is not None))
    if text.isascii() and text.isdigit():
        return _is_account(text) or _is_number(text)
    return (
        _OWN_UUID.fullmatch(text) is not None
        or _is_id(text)
        or (len(text) > len(_OPAQUE) and _is_opaque(text))
        or _is_hex(text)
    )


class Pseudonyms:
    """Pseudonyms of one key. Every method gives a pseudonym back as it is."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def fingerprint(self) -> str:
        """Eight hex digits by which two cassettes of the same key are known."""
        return self._digest("fingerprint", "").hex()[:8]

    def token(self, text: str) -> str:
        """A secret, or any text of no form: `redacted-` and a word."""
        return text if is_pseudonym(text) else f"redacted-{self._word('token', text, 16)}"

    def account(self, text: str) -> str:
        """The 12 digits of an account: they begin with 000."""
        if _is_account(text):
            return text
        core = f"000{self._digits('account', text, _ACCOUNT_DIGITS)}"
        return core + _check_digits(core, _CHECK)

    def number(self, text: str) -> str:
        """A number of any size: 15 digits that begin with 9990, so that no float rounds it."""
        if _is_number(text):
            return text
        core = _NUMBER + self._digits("number", text, _NUMBER_DIGITS)
        return core + _check_digits(core, _CHECK)

    def email(self, text: str) -> str:
        """An address at a domain that is nobody's (RFC 2606), whatever its capitals."""
        return text if is_pseudonym(text) else f"user-{self._word('email', text.lower(), 10)}@example.com"

    def name(self, text: str) -> str:
        """The name of a user, or of a session."""
        return text if is_pseudonym(text) else f"name-{self._word('name', text, 10)}"

    def host(self, text: str) -> str:
        """The name of a host."""
        return text if is_pseudonym(text) else f"host-{self._word('host', text.lower(), 10)}.example.com"

    def label(self, text: str) -> str:
        """Letters and digits in the middle of a host's name, as many as there were: they begin with 000."""
        if text.startswith("000"):
            return text
        return f"000{self._letters('label', text, len(text) - 3)}"

    def uuid(self, text: str) -> str:
        """A UUID of the same version and variant: it begins with eight zeros. Errors: none; other texts are tokens."""
        found = _UUID.fullmatch(text.lower())
        if found is None:
            return self.token(text)
        if text.startswith(_EMPTY):
            return text
        digits = self._digest("uuid", text.lower()).hex()
        version, variant = found.groups()
        return f"{_EMPTY}-{digits[:4]}-{version}{digits[4:7]}-{variant}{digits[7:10]}-{digits[10:22]}"

    def hexadecimal(self, text: str) -> str:
        """Hex digits, as many as there were: the first eight are zeros."""
        if text.startswith(_EMPTY):
            return text
        return _EMPTY + self._digest("hex", text.lower()).hex()[: len(text) - len(_EMPTY)]

    def identity(self, text: str) -> str:
        """A unique id of IAM, or the id of an access key: the same four letters, and EXAMPLE at the end."""
        if _ID.fullmatch(text) is None:
            return self.token(text)
        if _is_id(text):
            return text
        size = len(text) - len(_END) - 4
        return f"{text[:4]}{self._word('identity', text, size).upper()}{_END}"

    def request(self, text: str) -> str:
        """The id of a request: a UUID, S3's 16 capitals, an opaque text in base64, or anything else."""
        if _UUID.fullmatch(text.lower()) is not None:
            return self.uuid(text)
        if _REQUEST.fullmatch(text) is not None:
            return text if _is_id(text) else f"{self._word('request', text, 16 - len(_END)).upper()}{_END}"
        return self.opaque(text)

    def handle(self, text: str) -> str:
        """A receipt handle: base64 of 01 01 01 and blocks of 16 bytes, as many as there were."""
        raw = decoded(text) or b""
        if raw.startswith(_HANDLE):
            return text
        blocks = min(max(len(raw) // _BLOCK, _FEWEST_BLOCKS), _MOST_BLOCKS)
        size = 3 + blocks * _BLOCK
        return b64encode(_HANDLE + self._bytes("handle", text, size - len(_HANDLE))).decode("ascii")

    def opaque(self, text: str) -> str:
        """Bytes in base64 that mean something to one service only, as many as there were; else a token."""
        raw = decoded(text) or b""
        start = _TASK if raw.startswith(_TASK) else b""
        if raw.startswith(start + _OPAQUE):
            return text
        size = len(raw) - len(start) - len(_OPAQUE)
        if size < _BLOCK:
            return self.token(text)
        return b64encode(start + _OPAQUE + self._bytes("opaque", text, size)).decode("ascii")

    def mask(self, text: str) -> str:
        """As many letters as there were characters, where a length must not change."""
        return self._letters("mask", text, len(text))

    # -- of what they are made -----------------------------------------------------------------------------------------

    def _digest(self, kind: str, text: str) -> bytes:
        message = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).digest()

    def _bytes(self, kind: str, text: str, size: int) -> bytes:
        seed, found = self._digest(kind, text), b""
        for number in range(-(-size // 32)):
            found += hashlib.sha256(seed + number.to_bytes(4, "big")).digest()
        return found[:size]

    def _letters(self, kind: str, text: str, size: int) -> str:
        return "".join(_LETTERS[byte & 31] for byte in self._bytes(kind, text, size))

    def _word(self, kind: str, text: str, size: int) -> str:
        core = self._letters(kind, text, size - _CHECK)
        return core + _check_letters(core)

    def _digits(self, kind: str, text: str, size: int) -> str:
        return f"{int.from_bytes(self._digest(kind, text)[:8], 'big') % 10**size:0{size}}"


def _sum(core: str) -> bytes:
    return hashlib.sha256(f"a pseudonym of pytest-lambda-events: {core}".encode()).digest()


def _check_letters(core: str) -> str:
    return "".join(_LETTERS[byte & 31] for byte in _sum(core)[:_CHECK])


def _check_digits(core: str, size: int) -> str:
    return f"{int.from_bytes(_sum(core)[:4], 'big') % 10**size:0{size}}"


def _is_checked(word: str) -> bool:
    return _check_letters(word[:-_CHECK]) == word[-_CHECK:]


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.startswith("000") and _check_digits(text[:-_CHECK], _CHECK) == text[-_CHECK:]  # noqa: PLR2004


def _is_number(text: str) -> bool:
    size = len(_NUMBER) + _NUMBER_DIGITS + _CHECK
    return len(text) == size and text.startswith(_NUMBER) and _check_digits(text[:-_CHECK], _CHECK) == text[-_CHECK:]


def _is_id(text: str) -> bool:
    if not text.endswith(_END):
        return False
    if _REQUEST.fullmatch(text) is not None:
        return _is_checked(text[: -len(_END)].lower())
    return _ID.fullmatch(text) is not None and _is_checked(text[4 : -len(_END)].lower())


def _is_opaque(text: str) -> bool:
    start = text[:40]
    raw = decoded(start[: len(start) // 4 * 4]) or b""
    return raw.startswith((_HANDLE, _OPAQUE, _TASK + _OPAQUE))


def _is_hex(text: str) -> bool:
    return text.startswith(_EMPTY) and re.fullmatch(r"[0-9a-f]{16,24}", text) is not None
