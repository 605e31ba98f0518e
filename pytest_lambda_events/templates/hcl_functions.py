"""Terraform's functions, those of them that are pure and common. The law: as Terraform has them, of the types that it
takes; what grows asks first how far.

Terraform, "Built-in Functions".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.templates.limits import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS", "joined", "number", "whole"]

_MOST_DIGITS: Final = 4_000
_MOST_BITS: Final = _MOST_DIGITS * 10 // 3
_TOO_LONG: Final = f"a number has {_MOST_DIGITS:,} digits at most"
_VERB: Final = re.compile("%(.?)", re.DOTALL)


def _as_text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError(f"{value!r:.60} is no text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ValueError(_TOO_LONG)
    return value if isinstance(value, str) else "" if value is None else str(value)


def number(text: str) -> int | float:
    """The number that a text writes. Errors: `ValueError`."""
    return float(text) if "." in text else whole(text)


def whole(text: str) -> int:
    """The whole number that a text writes. Errors: `ValueError`."""
    if len(text) > _MOST_DIGITS:  # Python has a limit, too, and other words for it in each version
        raise ValueError(_TOO_LONG)
    return int(text)


def _bounded(size: int) -> None:
    if size > LONGEST_TEXT:
        raise ValueError(f"more than {LONGEST_TEXT:,} characters or values would come of this")


def joined(between: str, items: Any) -> str:
    """The texts of a list as one. Errors: `TypeError` for what is no list or text, `ValueError` for too long a one."""
    texts = [_as_text(one) for one in _list(items)]
    _bounded(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _replaced(text: str, old: str, new: str) -> str:
    _bounded(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.60} is no list")
    return value


def _concatenated(*lists: Any) -> list[Any]:
    _bounded(sum(len(_list(one)) for one in lists))
    return [one for each in lists for one in each]


def _encoded(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    _bounded(len(text))
    return text


def _first(*values: Any) -> Any:
    for one in values:
        if one not in (None, ""):
            return one
    raise ValueError("all of them are null or empty")


def _merged(*maps: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for one in maps for key, value in one.items()}


def _formatted(text: str, *values: Any) -> str:
    """Terraform's verbs for texts, whole numbers and anything; no widths."""
    left = list(values)

    def written(found: re.Match[str]) -> str:
        verb = found[1]
        if verb == "%":
            return "%"
        if verb not in ("d", "s", "v"):
            raise ValueError(f"{found[0]!r} is not evaluated here, only %s, %d, %v and %%")
        if not left:
            raise ValueError(f"there are fewer values than {text!r:.60} has verbs")
        value = left.pop(0)
        if verb == "d" and not str(value).lstrip("-").isdecimal():
            raise ValueError(f"%d takes a whole number, not {value!r:.60}")
        return _as_text(value)

    _bounded(len(text) + sum(len(_as_text(one)) for one in values))
    result = _VERB.sub(written, text)
    if left:
        raise ValueError(f"there are more values than {text!r:.60} has verbs")
    return result


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "coalesce": _first,
    "concat": _concatenated,
    "format": _formatted,
    "join": joined,
    "jsonencode": _encoded,
    "lower": lambda text: text.lower(),
    "merge": _merged,
    "replace": _replaced,
    "split": lambda between, text: text.split(between),
    "tolist": _list,
    "tonumber": lambda value: number(str(value)),
    "toset": _list,
    "tostring": _as_text,
    "trimsuffix": lambda text, end: text.removesuffix(end),
    "upper": lambda text: text.upper(),
}
"""By name. What they cannot take is an `AttributeError`, a `TypeError` or a `ValueError` that says why."""
