"""Ids that are in texts. The law: what a seed, a process or a broker made up is no difference between two runs."""

from __future__ import annotations

import re
from typing import Final

from pytest_lambda_events.cassette.redact.pseudonyms import is_pseudonym
from pytest_lambda_events.report.words import name_of

__all__ = ["masked", "place_of"]

_MASK: Final = "<id>"

# message and request ids, MQ's message ids, addresses of Python objects, receipt handles and task ids, ids of S3 and
# IAM, sequence numbers and ObjectIds; each part is bounded, or begins where a word does, so that a
# long text is read once
_ID: Final = re.compile(
    r"""(?P<word>(?:user|redacted|name|host)-[a-z2-7]{10,16}(?:@example\.com|\.example\.com)?|9990[0-9]{11})
    | ID:[\w.:-]{1,200}
    | [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}
    | 0x[0-9a-fA-F]{4,}
    | (?<![A-Za-z0-9+/]) (?=[A-Za-z+/]*[0-9]) [A-Za-z0-9+/]{60,} ={0,2}
    | (?<![A-Za-z0-9]) [A-Z0-9]{14,} (?![A-Za-z0-9])
    | (?<![A-Za-z0-9]) (?=[A-Za-z]*[0-9]) [A-Za-z0-9]{16,}""",
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text with one and the same word in the place of each id, and of each pseudonym, whose key may be random."""
    return _ID.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    return found[0] if found["word"] and not is_pseudonym(found[0]) else _MASK


def place_of(text: str) -> str:
    """What an ARN is of, `sqs:orders`, whichever account, region and broker; other text as it is, unless it is an id.

    An id within other text, such as a filter's pattern, was written by somebody.
    """
    if not text.startswith("arn:"):
        return _MASK if masked(text) == _MASK else text
    return masked(f"{text.split(':')[2]}:{name_of(text)}")
