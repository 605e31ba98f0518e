"""Looking into what is wrapped: JSON in texts, base64, gzip, URL encoding. The law: what nobody changes stays as it is.

An `Opening` takes texts and bytes apart, as deep as they go, and hands what is left to a `Reader`: the one who redacts,
the one who looks for secrets. What comes back is wrapped again in the same way.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, unquote

from pytest_lambda_events.cassette.redact.json_tokens import is_json, replaced
from pytest_lambda_events.errors import CassetteTooLarge
from pytest_lambda_events.model.looking import decoded

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.redact.where import Where

__all__ = ["MOST_UNPACKED", "Opened", "Opening", "Reader"]

MOST_UNPACKED: Final = 20 * 1024 * 1024
"""How many bytes something compressed may have: more than any event carries."""

_MOST_LAYERS: Final = 24
_GZIP: Final = b"\x1f\x8b\x08"
_GZIP_HEADER_BYTES: Final = 10
_GZIP_LEVEL: Final = 6
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/_=-])")
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED: Final = "-._~"


class Reader(Protocol):
    """What becomes of what is found."""

    def whole(self, text: str, where: Where) -> str | None:
        """What becomes of a text before anybody looks into it; None: look into it."""
        ...

    def text(self, text: str, where: Where) -> str:
        """What becomes of a text that is nothing but that."""
        ...

    def number(self, text: str, where: Where) -> str:
        """What becomes of a number."""
        ...

    def key(self, name: str, where: Where) -> str:
        """What becomes of a key."""
        ...

    def binary(self, data: bytes, where: Where) -> bytes:
        """What becomes of bytes that are no text; as many must come back."""
        ...


class Opening:
    """Takes one event apart and puts it together, for one reader."""

    __slots__ = ("_left", "reader")

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._left = MOST_UNPACKED

    def text(self, text: str, where: Where) -> str:
        """What becomes of a text, which may be JSON. Errors: `CassetteTooLarge`."""
        _check_depth(where)
        decided = self.reader.whole(text, where)
        if decided is not None:
            return decided
        if is_json(text):
            return replaced(text, where.within(), self)
        lines = text.split("\n") if "\n" in text else ()
        if lines and all(is_json(line) for line in lines if line.strip()):  # a document a line
            return "\n".join(replaced(line, where.within(), self) if line.strip() else line for line in lines)
        return self._plain(text, where)

    def number(self, text: str, where: Where) -> str:
        """What becomes of a number."""
        return self.reader.number(text, where)

    def key(self, name: str, where: Where) -> str:
        """What becomes of a key."""
        return self.reader.key(name, where)

    def data(self, data: bytes, where: Where) -> bytes:
        """What becomes of bytes. Errors: `CassetteTooLarge` for what unpacks to too much."""
        _check_depth(where)
        content = self._unpacked(data, where) if data.startswith(_GZIP) else None
        if content is not None:
            changed = self.data(content, where.within("gzip"))
            return data if changed == content else _packed(changed, data[:_GZIP_HEADER_BYTES])
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return self.reader.binary(data, where)
        changed_text = self.text(text, where)
        return data if changed_text == text else changed_text.encode("utf-8", "surrogatepass")

    def _plain(self, text: str, where: Where) -> str:
        """A text that is no JSON: it may be URL-encoded, and there may be base64 in it."""
        if _ESCAPED.search(text) is not None:
            plain = unquote(text, errors="surrogateescape")
            changed = self.reader.text(plain, where)
            if changed != plain:
                text = _quoted(changed, text)
        return _BASE64.sub(lambda found: self._base64(found.group(), where), self.reader.text(text, where))

    def _base64(self, text: str, where: Where) -> str:
        digits = text.rstrip("=")
        padded = digits + "=" * (-len(digits) % 4)
        data = decoded(padded.replace("-", "+").replace("_", "/"))
        if not data:
            return text
        changed = self.data(data, where.within("base64"))
        if changed == data:
            return text
        url_safe = "-" in text or "_" in text
        encoded = (urlsafe_b64encode if url_safe else b64encode)(changed).decode("ascii")
        return encoded if len(text) % 4 == 0 else encoded.rstrip("=")

    def _unpacked(self, data: bytes, where: Where) -> bytes | None:
        """What is in a gzip; None for what is none. Errors: `CassetteTooLarge`."""
        machine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            content = machine.decompress(data, self._left + 1)
        except zlib.error:
            return None
        if len(content) > self._left:
            raise CassetteTooLarge(
                f"{where}: what is compressed in the event unpacks to more than {MOST_UNPACKED:,} bytes. Capture "
                "another event, or a smaller one"
            )
        if not machine.eof or machine.unused_data:
            return None
        self._left -= len(content)
        return content


def _check_depth(where: Where) -> None:
    if where.depth > _MOST_LAYERS:
        raise CassetteTooLarge(
            f"{str(where)[:200]}…: something is wrapped in more than {_MOST_LAYERS} layers of JSON, base64 and gzip"
        )


class Opened:
    """A place in an event, for the wrappings that a source declares (its `Content`)."""

    __slots__ = ("_opening", "_where")

    def __init__(self, opening: Opening, where: Where) -> None:
        self._opening = opening
        self._where = where

    def text(self, text: str) -> str:
        """See `Content`."""
        return self._opening.text(text, self._where)

    def data(self, data: bytes) -> bytes:
        """See `Content`."""
        return self._opening.data(data, self._where)

    def number(self, text: str) -> str:
        """See `Content`."""
        return self._opening.number(text, self._where)

    def name(self, name: str) -> str:
        """See `Content`."""
        return self._opening.key(name, self._where)

    def at(self, step: str | int) -> Opened:
        """See `Content`."""
        return Opened(self._opening, self._where.at(step))

    def root(self) -> Opened:
        """See `Content`."""
        return Opened(self._opening, self._where.within())


def _packed(content: bytes, header: bytes) -> bytes:
    """A gzip with the header (method, time, system) of the one before, without a file's name."""
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    checked = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return header[:3] + b"\0" + header[4:] + body + checked


def _quoted(text: str, before: str) -> str:
    """URL-encoded as the text before was: what stood there as it is does again."""
    safe = "".join({one for one in before if one.isascii() and not one.isalnum()} - {"%"})
    return quote(text, safe=safe + _UNRESERVED, errors="surrogateescape")
