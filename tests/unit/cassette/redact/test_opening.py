"""JSON spliced, base64 and gzip opened and closed: what nobody changes stays byte for byte."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.redact.json_tokens import is_json, replaced
from pytest_lambda_events.cassette.redact.opening import MOST_UNPACKED, Opening
from pytest_lambda_events.cassette.redact.where import Where
from pytest_lambda_events.errors import CassetteTooLarge

PACKED = gzip.compress(b"x", mtime=0)


class Changing:
    """A reader that changes what it is told to, and notes where everything is."""

    def __init__(self, **changes: str) -> None:
        self.changes = changes
        self.seen: list[tuple[str, str]] = []

    def whole(self, text: str, where: Where) -> str | None:
        return None

    def text(self, text: str, where: Where) -> str:
        self.seen.append((str(where), text))
        return self.changes.get(text, text)

    def number(self, text: str, where: Where) -> str:
        self.seen.append((str(where), text))
        return self.changes.get(text, text)

    def key(self, name: str, where: Where) -> str:
        return self.changes.get(name, name)

    def binary(self, data: bytes, where: Where) -> bytes:
        self.seen.append((str(where), repr(data)))
        return data


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_that_nobody_changes_stays(value: Any, indent: Any, ascii_only: bool) -> None:
    """Blanks, escapes, spelling of numbers."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert replaced(text, Where(), Changing()) == text
    assert Opening(Changing()).text(text, Where()) == text


@given(values)
def test_every_text_and_number_is_handed_over_with_its_path(value: Any) -> None:
    """As many as there are."""

    def leaves(one: Any) -> int:
        if isinstance(one, dict):
            return sum(map(leaves, one.values()))
        if isinstance(one, list):
            return sum(map(leaves, one))
        return int(isinstance(one, (str, int, float)) and not isinstance(one, bool))

    reader = Changing()
    replaced(json.dumps(value), Where(), reader)
    assert len(reader.seen) == leaves(value)


def test_only_what_changes_is_written_anew() -> None:
    """In the way in which it was escaped."""
    text = '{ "a" : 1.50, "a": "\\u00e9", "b":["x", {"é":"x"}],\n"c": 1e3 }'
    assert replaced(text, Where(), Changing(x="ü", é="ö")) == (
        '{ "a" : 1.50, "a": "\\u00f6", "b":["\\u00fc", {"ö":"\\u00fc"}],\n"c": 1e3 }'
    )
    assert replaced('"é"', Where(), Changing(é="ö")) == '"ö"'
    assert replaced("[1,2]", Where(), Changing(**{"2": "99"})) == "[1,99]"


def test_a_document_a_line_is_opened_line_by_line() -> None:
    """As Firehose and many producers write it; a line that is none makes it a text."""
    reader = Changing(x="ü")
    text = '{"a": "x"}\n\n[ "x" ]\r\n'
    assert Opening(reader).text(text, Where()) == '{"a": "\\u00fc"}\n\n[ "\\u00fc" ]\r\n'
    assert reader.seen == [("event → $.a", "x"), ("event → $[0]", "x")]
    assert Opening(reader).text(f"{text}no", Where()) == f"{text}no"


def test_paths_go_through_what_is_wrapped() -> None:
    """A layer each."""
    inner = json.dumps({"auth": ["x"]})
    packed = base64.b64encode(gzip.compress(inner.encode(), mtime=0)).decode()
    text = json.dumps({"Message": inner, "blob": packed, "n": 7})
    reader = Changing()
    where = Where().at("Records").at(0).at("body")
    assert Opening(reader).text(text, where) == text
    assert ("Records[0].body → $.Message → $.auth[0]", "x") in reader.seen
    assert ("Records[0].body → $.blob → base64 → gzip → $.auth[0]", "x") in reader.seen
    assert ("Records[0].body → $.n", "7") in reader.seen


def test_what_was_packed_is_packed_again() -> None:
    """With the header's time and system, and the kind of base64 that it had."""
    packed = gzip.compress(b"secret", mtime=1_700_000_000)
    changed = Opening(Changing(secret="open")).data(packed, Where())
    assert gzip.decompress(changed) == b"open"
    assert changed[4:10] == packed[4:10]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(b"??>>~~ a longer secret").decode()
        for given_text in (text, text.rstrip("=")):
            after = Opening(Changing(**{"??>>~~ a longer secret": "??>>~~ all is well"})).text(given_text, Where())
            assert after == (
                encode(b"??>>~~ all is well").decode()
                if len(given_text) % 4 == 0
                else encode(b"??>>~~ all is well").decode().rstrip("=")
            )


def test_url_encoding_is_kept() -> None:
    """What stood there as it is does again."""
    opening = Opening(Changing(**{"a/b?c=d e&x@y.z": "a/b?c=ü e&name"}))
    assert opening.text("a/b?c=d%20e&x%40y.z", Where()) == "a/b?c=%C3%BC%20e&name"


@pytest.mark.parametrize("text", ["{", "[1,]", "plain", "", "  ", "1", "true", "[" * 300 + "]" * 300, '{"a": "\x01"}'])
def test_what_is_no_document_is_a_text(text: str) -> None:
    """Also what is too deep."""
    assert not is_json(text)
    assert Opening(Changing()).text(text, Where()) == text


def test_a_bomb_is_refused() -> None:
    """Before it goes off: what unpacks to too much, alone or together, and what is wrapped without end."""
    half = gzip.compress(b"\0" * (MOST_UNPACKED // 2 + 10))
    with pytest.raises(CassetteTooLarge, match="unpacks to more than"):
        Opening(Changing()).data(gzip.compress(b"\0" * (MOST_UNPACKED + 1)), Where())
    opening = Opening(Changing())
    opening.data(half, Where())
    with pytest.raises(CassetteTooLarge, match="unpacks to more than"):
        opening.data(half, Where())
    nested = b"deep"
    for _ in range(30):
        nested = gzip.compress(nested)
    with pytest.raises(CassetteTooLarge, match="more than 24 layers"):
        Opening(Changing()).data(nested, Where())


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08 no gzip", PACKED[:-5], PACKED + b"more"])
def test_what_begins_like_gzip_and_is_none_is_bytes(data: bytes) -> None:
    """It stays."""
    reader = Changing()
    assert Opening(reader).data(data, Where()) == data
    assert reader.seen == [("event", repr(data))]
