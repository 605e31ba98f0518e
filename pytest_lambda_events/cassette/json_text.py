"""JSON as cassettes have it: read within bounds, written in one way. The law: what is read is written again as it was.

Reading is strict (RFC 8259: no NaN, no key twice) and bounded before anything is built: so many bytes, levels and
values, whatever the file is. Numbers keep their spelling, text its characters, objects their order.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MOST_LEVELS",
    "MOST_VALUES",
    "Malformed",
    "TooMuch",
    "WrittenFloat",
    "check_bounds",
    "compact",
    "pretty",
    "read",
]

MOST_LEVELS: Final = 200
"""How deep values may nest: twice MongoDB's 100 levels, which are the most that a source has."""

MOST_VALUES: Final = 300_000
"""How many values there may be: numbers, texts, keys, objects and lists, all together."""

_LONGEST_NUMBER: Final = 400
_STRUCTURE: Final = b'"[]{},'
_NOT_STRUCTURE: Final = bytes(one for one in range(256) if one not in _STRUCTURE)
_LEVELS: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_STRING: Final = re.compile(rb'"[^"]*"')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

# a JSON string, quotes included; what is not ASCII stays as it is
_quoted: Callable[[str], str] = encode_basestring


class Malformed(ValueError):
    """This is no JSON, or not JSON as it should be. The message says what and where."""


class TooMuch(ValueError):
    """This is more than anybody's cassette. The message says of what."""


class WrittenFloat(float):
    """A number that Python would spell otherwise: `1.7E9`. It is a float, and remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> WrittenFloat:  # noqa: PYI034 - nothing derives from it
        """The number of this spelling."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[WrittenFloat], tuple[str]]:
        return WrittenFloat, (self.text,)


# -- reading -----------------------------------------------------------------------------------------------------------


def read(data: bytes | str) -> Any:
    """The value that a text of JSON is. Errors: `Malformed`, `TooMuch`."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    check_bounds(raw)
    try:
        return json.loads(
            raw.decode("utf-8-sig") if isinstance(data, bytes) else data,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:  # the caller's own stack is nearly full, or deeper than could be seen in what is no JSON
        raise TooMuch(f"it nests deeper than {MOST_LEVELS} levels") from None


def check_bounds(raw: bytes) -> None:
    """Count levels and values of a text of JSON without building any. Errors: `TooMuch`.

    All but the last step run at the speed of C.
    """
    if b"\\" in raw:  # within a run of backslashes the first escapes the second
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if raw.count(b'"') > 2 * MOST_VALUES:
        raise TooMuch(f"it holds more than {MOST_VALUES:,} values")
    marks = _STRING.sub(b"", raw.translate(None, _NOT_STRUCTURE))
    if marks.count(b",") + marks.count(b"[") + marks.count(b"{") > MOST_VALUES:
        raise TooMuch(f"it holds more than {MOST_VALUES:,} values")
    levels = accumulate(map(_LEVELS.__getitem__, marks.translate(None, b'",')))
    if any(level > MOST_LEVELS for level in levels):
        raise TooMuch(f"it nests deeper than {MOST_LEVELS} levels")


def _float(text: str) -> float:
    number = float(text)
    return number if repr(number) == text else WrittenFloat(_checked(text))


def _int(text: str) -> int | float:
    if len(text) < 3:  # noqa: PLR2004 - most are
        return int(text) if text != "-0" else WrittenFloat(text)
    return int(_checked(text))


def _checked(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise TooMuch(f"a number of {len(text)} characters, {text[:20]}…: more than {_LONGEST_NUMBER}")
    return text


def _constant(text: str) -> Any:
    raise Malformed(f"not JSON: {text} is no number there")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed(f"the key {json.dumps(twice)[:80]} stands twice in one object: which of the two is meant?")
    return found


# -- writing -----------------------------------------------------------------------------------------------------------


def pretty(value: Any) -> str:
    """The one way in which a value is written for people and their diffs: a key a line, two blanks a level, LF.

    A list of nothing but numbers (bytes, in Kafka's headers) stands on one line. Errors: `TypeError` for what is not
    JSON, `TooMuch` for what nests too deep.
    """
    parts: list[str] = []
    _write(value, parts, "\n", 0)
    return _text(parts)


def compact(value: Any) -> str:
    """A value on one line, as Lambda writes it. Errors: as `pretty`."""
    parts: list[str] = []
    _write(value, parts, "", 0)
    return _text(parts)


def _text(parts: list[str]) -> str:
    text = "".join(parts)
    # half of a surrogate pair has no UTF-8: only its escape can be written
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _write(value: Any, parts: list[str], line: str, level: int) -> None:
    if isinstance(value, str):
        parts.append(_quoted(value))
    elif isinstance(value, dict) and value:
        _write_members(value, parts, line, level)
    elif isinstance(value, (list, tuple)) and value:
        _write_elements(value, parts, line, level)
    else:
        parts.append(_scalar(value))


def _write_members(value: dict[Any, Any], parts: list[str], line: str, level: int) -> None:
    inner, colon = _inner(line, level), ": " if line else ":"
    before = "{"
    for key, one in value.items():
        if not isinstance(key, str):
            raise TypeError(f"a key of JSON is a text, and {key!r:.60} is a {type(key).__name__}")
        parts += (before, inner, _quoted(key), colon)
        _write(one, parts, inner, level + 1)
        before = ","
    parts += (line, "}")


def _write_elements(value: list[Any] | tuple[Any, ...], parts: list[str], line: str, level: int) -> None:
    inner = _inner(line, level)
    if line and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in value):
        parts += ("[", ", ".join(map(_scalar, value)), "]")
        return
    before = "["
    for one in value:
        parts += (before, inner)
        _write(one, parts, inner, level + 1)
        before = ","
    parts += (line, "]")


def _inner(line: str, level: int) -> str:
    if level >= MOST_LEVELS:
        raise TooMuch(f"it nests deeper than {MOST_LEVELS} levels")
    return f"{line}  " if line else ""


def _scalar(value: Any) -> str:
    if isinstance(value, WrittenFloat):
        return value.text
    if value is None or isinstance(value, (bool, int, float, dict, list, tuple)):
        try:
            return json.dumps(value, allow_nan=False)
        except ValueError:
            raise TypeError(f"{value!r} is no number of JSON") from None
    raise TypeError(f"{value!r:.60} is a {type(value).__name__}, which JSON does not have")
