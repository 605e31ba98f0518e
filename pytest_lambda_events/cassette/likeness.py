"""What was recorded and redacted, and what a handler does now. The law: a pseudonym also stands for what it was.

A handler that is handed a redacted event does with pseudonyms what it did with the real values, so most of what is
recorded is simply equal. What it does not take from the event (its own sender's address, the account in its topic's
ARN, a token out of its environment) was redacted in the recording and is real now: such a value is alike, if it has the
form of what the pseudonym stands for. Two different pseudonyms are never alike.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pytest_lambda_events.cassette.redact.pseudonyms import is_pseudonym

__all__ = ["alike"]

_WORD: Final = r"[a-z2-7]"
_FORMS: Final = (
    (rf"user-{_WORD}{{10}}@example\.com", r"[^\s@]+@[^\s@]+"),
    (rf"host-{_WORD}{{10}}\.example\.com", r"[\w-]+(?:\.[\w-]+)+"),
    (rf"redacted-{_WORD}{{16}}", r".+"),
    (rf"name-{_WORD}{{10}}", r".+"),
    (r"(?<![0-9a-f-])0{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])", r"[0-9a-fA-F-]{36}"),
    (r"(?<![A-Z0-9])[A-Z0-9]{9,25}EXAMPLE(?![A-Z0-9])", r"[A-Z0-9]+"),
    (r"(?<![0-9])000[0-9]{9}(?![0-9])", r"[0-9]{12}"),
    (r"(?<![0-9])9990[0-9]{11}(?![0-9])", r"[0-9.eE+-]+"),
)
_PSEUDONYM: Final = re.compile("|".join(f"({form})" for form, _ in _FORMS))
_VALUES: Final = tuple(re.compile(value, re.DOTALL) for _, value in _FORMS)
_MOST: Final = 100
"""So many pseudonyms in one text are looked at: more of them would take their time."""


def alike(recorded: Any, now: Any) -> bool:
    """Whether a scalar of JSON is what was recorded, or what was recorded stands for it."""
    if isinstance(recorded, bool) or isinstance(now, bool) or recorded is None or now is None:
        return recorded is now
    if recorded == now:
        return True
    if isinstance(recorded, str) and isinstance(now, str):
        return _texts_alike(recorded, now)
    if isinstance(recorded, (int, float)) and isinstance(now, (int, float)):
        return is_pseudonym(str(recorded)) and not is_pseudonym(str(now))
    return False


def _texts_alike(recorded: str, now: str) -> bool:
    found = [one for one in _PSEUDONYM.finditer(recorded) if is_pseudonym(one.group())]
    if not 0 < len(found) <= _MOST:
        return False
    values = _in_their_places(found, recorded, now)
    if values is None:
        return False
    return all(real == one.group() or not is_pseudonym(real) for real, one in zip(values, found, strict=True))


def _in_their_places(found: list[re.Match[str]], recorded: str, now: str) -> list[str] | None:
    """What now stands in the place of each pseudonym, the longest first; None where something beside them differs.

    One pattern for all of them would say the same, and take time that grows with the power of their number: here no
    place is tried twice.
    """
    stops = [*(one.start() for one in found[1:]), len(recorded)]
    behind = [recorded[one.end() : stop] for one, stop in zip(found, stops, strict=True)]
    vain: set[tuple[int, int]] = set()

    def from_there(number: int, at: int) -> list[str] | None:
        if number == len(found):
            return [] if at == len(now) else None
        if (number, at) in vain:
            return None
        value, text = _VALUES[(found[number].lastindex or 1) - 1], behind[number]
        end = now.rfind(text, at)
        while end > at:
            if value.fullmatch(now, at, end) is not None:
                rest = from_there(number + 1, end + len(text))
                if rest is not None:
                    return [now[at:end], *rest]
            end = now.rfind(text, at, end + len(text) - 1)
        vain.add((number, at))
        return None

    first = found[0].start()
    fits = now.startswith(recorded[:first]) and now.endswith(behind[-1])
    return from_there(0, first) if fits else None
