"""The words of a report. The law: plain ASCII on one line, short, and the same for the same thing."""

from __future__ import annotations

import sysconfig
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pytest_lambda_events.model.mq_brokers import queue_name_of

__all__ = [
    "NARROWEST",
    "counted",
    "first_line",
    "is_ours",
    "moment",
    "name_of",
    "ordinal",
    "plain",
    "short_id",
    "shortened",
    "span",
    "where",
]

NARROWEST: Final = 40
"""How many columns a text has at the least: what is narrower cannot be read."""

_LONGEST_MESSAGE: Final = 160
_LONG_MS: Final = 3_600_000
_SHORT_ID: Final = 9
_ARN_FIELDS_BEFORE_RESOURCE: Final = 5


def plain(text: str) -> str:
    """The text on one line, as any terminal and log can show it: everything else as Python escapes it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if " " <= letter <= "~" else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def shortened(text: str, limit: int) -> str:
    """The text, with an ellipsis where it goes on behind `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def first_line(text: str) -> str:
    """The first line that says something: a message may begin with a newline, or be empty after its type's colon."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = " ".join(lines[:2]) if lines and lines[0].endswith(":") else "".join(lines[:1])
    return shortened(plain(first.removesuffix(":")), _LONGEST_MESSAGE)


def short_id(record_id: str) -> str:
    """The beginning of a UUID, which is random; the end of anything else that is long, because it counts up."""
    beginning, dash, _ = record_id.partition("-")
    if dash and len(record_id) == 36 and len(beginning) == 8:  # noqa: PLR2004 - how a UUID is written
        return beginning
    return plain(record_id) if len(record_id) <= 2 * _SHORT_ID else f"...{plain(record_id[-_SHORT_ID:])}"


def name_of(arn: str) -> str:
    """What people call a resource: a queue, topic or bucket by its name, a stream or a table without what it is."""
    if arn.startswith("kafka://"):
        return arn.rpartition("/")[2]
    queue = queue_name_of(arn)
    if queue is not None:
        return queue.removesuffix("::/")  # of RabbitMQ's virtual hosts the usual one goes without saying
    resource = arn.split(":", _ARN_FIELDS_BEFORE_RESOURCE)[-1]
    kind, slash, path = resource.partition("/")
    if slash and kind == "topic":  # arn:aws:kafka:region:account:topic/cluster/uuid/name
        return path.rpartition("/")[2]
    return path.partition("/")[0] if slash and kind in ("stream", "table") else resource.rpartition(":")[2]


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def counted(count: int, one: str, many: str) -> str:
    """A number and the noun that goes with it."""
    return f"{count:,} {one if count == 1 else many}"


def span(ms: int) -> str:
    """Seconds, without needless zeros: `30 s`, `0.25 s`."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds}{f'.{rest:03}'.rstrip('0') if rest else ''} s"


def moment(ms: int) -> str:
    """Seconds, and from an hour on what that is for people: `2 h 30 min (9000 s)`."""
    if ms < _LONG_MS:
        return span(ms)
    parts, rest = [], ms
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {unit}")
    if rest:
        parts.append(span(rest))
    return f"{' '.join(parts)} ({span(ms)})"


# -- whose line it was -------------------------------------------------------------------------------------------------


def where(error: BaseException | None) -> str:
    """` (handler.py:12)`: the innermost line of the user's own code, else of any library's, never of this package's."""
    places: dict[str, str] = {}
    traceback = error.__traceback__ if error is not None else None
    while traceback is not None:
        owner, name = _file(traceback.tb_frame.f_code.co_filename)
        places[owner] = f" ({name}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return places.get("user", places.get("library", ""))


def is_ours(filename: str) -> bool:
    """Whether a file is of this package."""
    return _file(filename)[0] == "us"


@cache
def _file(filename: str) -> tuple[Literal["us", "user", "library"], str]:
    """Whose file it is, and its name without directories."""
    path = Path(filename).resolve()
    if path.is_relative_to(Path(__file__).resolve().parents[1]):
        return "us", path.name
    is_library = (
        filename.startswith("<")  # frozen or generated code
        or not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
        or any(path.is_relative_to(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib"))
    )
    return "library" if is_library else "user", path.name
