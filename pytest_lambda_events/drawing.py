"""What the strategies of all sources draw alike: seeds, moments, regions, payloads. It needs the extra `hypothesis`.

The law: only what AWS would take is drawn.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["json_objects", "moments", "names", "regions", "seeds", "texts"]

_FIRST = dt.datetime(2015, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone to bounds without one
_LAST = dt.datetime(2100, 1, 1)  # noqa: DTZ001


def seeds() -> SearchStrategy[int]:
    """Seeds of identifiers."""
    return st.integers(0, 2**32)


def moments() -> SearchStrategy[dt.datetime]:
    """When records are made: from 2015 on, when Lambda got its first event sources."""
    return st.datetimes(_FIRST, _LAST, timezones=st.just(dt.timezone.utc))


def regions() -> SearchStrategy[str]:
    """Regions of AWS."""
    return st.sampled_from(("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"))


def names(longest: int = 40) -> SearchStrategy[str]:
    """Names of resources: letters, digits, hyphens and underscores."""
    return st.from_regex(rf"[A-Za-z][A-Za-z0-9_-]{{0,{longest - 1}}}", fullmatch=True)


def texts() -> SearchStrategy[str]:
    """Texts of one character or more: those of XML 1.0, which every service takes."""
    return st.text(
        st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"), include_characters="\t\n\r"),
        min_size=1,
    )


def json_objects() -> SearchStrategy[dict[str, Any]]:
    """Flat JSON objects, as payloads."""
    scalar = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts()
    return st.dictionaries(texts(), scalar, max_size=5)
