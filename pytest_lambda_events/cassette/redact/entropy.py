"""Texts that look as if somebody had drawn them at random. The law: pure; words, hashes and generated names are none.

A key has capitals, small letters and digits, changes between them all the time, and repeats itself little. Hex digits
(hashes, UUIDs) and what CloudFormation appends to names are left out, and base64 that is a text or a picture.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.redact.pseudonyms import is_pseudonym
from pytest_lambda_events.model.looking import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["random_looking"]

_ARN: Final = re.compile(r"arn:aws[^\s\"'<>\\]*")
# what is longer is a document, no key
_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{20,512}(?![A-Za-z0-9+/_=-])")
_PIECE: Final = re.compile(r"[A-Za-z0-9+]{20,512}")
_SECRET_KEY: Final = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])")
_GENERATED: Final = re.compile(r"[0-9A-F]{8}$")  # what the CDK appends to the name of a resource
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"RIFF")
_FEWEST_BITS: Final = 3.75  # for each character
_FEWEST_TURNS: Final = 0.4  # of all pairs of neighbours


def random_looking(text: str) -> bool:
    """Whether there is a part of a text that looks like a key."""
    return any(map(_is_random, _candidates(_ARN.sub(" ", text))))


def _candidates(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if not is_pseudonym(run) and not _is_readable(run):
            yield from _SECRET_KEY.findall(run)
            yield from (_GENERATED.sub("", piece) for piece in _PIECE.findall(run) if not is_pseudonym(piece))


def _is_readable(run: str) -> bool:
    """Whether this is base64 of something that is no key."""
    data = decoded(run.replace("-", "+").replace("_", "/") + "=" * (-len(run) % 4))
    if data is None or data.startswith(_PICTURES):
        return data is not None
    try:
        return _CONTROL.search(data.decode("utf-8")) is None
    except UnicodeDecodeError:
        return False


def _is_random(piece: str) -> bool:
    kinds = [_kind(one) for one in piece]
    if len(piece) < 20 or not {"a", "A", "0"} <= set(kinds):  # noqa: PLR2004 - as in the patterns above
        return False
    turns = sum(one != other for one, other in pairwise(kinds)) / (len(piece) - 1)
    return turns >= _FEWEST_TURNS and _bits(piece) >= _FEWEST_BITS


def _kind(one: str) -> str:
    return "0" if one.isdigit() else "A" if one.isupper() else "a" if one.islower() else "+"


def _bits(piece: str) -> float:
    """Shannon's entropy, for each character."""
    shares = [count / len(piece) for count in Counter(piece).values()]
    return -sum(share * math.log2(share) for share in shares)
