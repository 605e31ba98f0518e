"""What a test recorded, into its cassette. The law: only what a passing test gave is written, and all of it at once.

Tests that share a cassette, in one process or in several (pytest-xdist), add to one another: each takes a lock, reads
what is there now, and puts its own beside it. What is to begin anew begins anew once in a run of the tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cassette.model import Redacted
from pytest_lambda_events.cassette.redact import Redactor, rules_from
from pytest_lambda_events.cassette.saving import save
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.errors import CassetteError, CassetteMissing, UsageError
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pytest_lambda_events.cassette.model import Cassette, Interaction

__all__ = ["MODES", "Mode", "Recorded", "commit", "event_key", "redactor_for", "source_of"]

Mode = Literal["none", "once", "new", "all", "rewrite"]
MODES: Final[tuple[Mode, ...]] = ("none", "once", "new", "all", "rewrite")

_PAUSE: Final = 0.02
_MOST_PAUSES: Final = 1_500


def event_key(event: Any) -> str:
    """What tells an event from others: all of it, whatever the order of its keys."""
    text = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def source_of(events: Sequence[Any], known: str | None) -> str:
    """The one source of these events. Errors: `UnknownEvent`; `UsageError` for several, or another than is known."""
    names = list(dict.fromkeys([*([known] if known is not None else []), *(identify(event).name for event in events)]))
    if len(names) != 1:
        raise UsageError(f"a cassette has events of one source, and these are of {', '.join(names)}: record two")
    return names[0]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a test has for its cassette: interactions, each with its place there (None for an event that is new)."""

    interactions: tuple[tuple[int | None, Interaction], ...]
    anew: bool = False
    """Nothing that was there before this run of the tests stays."""


def commit(recorded: Recorded, path: Path, notes: Path, redactor: Redactor | None = None) -> bool:
    """Write what a test recorded, redacted by the rules of its project; whether that changed anything.

    `notes` is a folder that this run of the tests has for itself, all its processes together. Errors: as
    `cassette.save`; `UsageError` for events of several sources; `CassetteError` when another process does not give way.
    """
    redactor = redactor or redactor_for(path)
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:24]
    with _alone(notes / f"{name}.lock", path):
        there = _present(path)
        begun = notes / f"{name}.begun"
        if recorded.anew and not begun.exists():
            kept: tuple[Interaction, ...] = ()
            begun.touch()
        else:
            kept = () if there is None else there.interactions
        events = [one.event for _, one in recorded.interactions]
        source = source_of(events, there.source if there is not None and kept else None)
        together = _together(kept, recorded.interactions, lambda event: redactor.event(event, source))
        if there is not None and together == there.interactions:
            return False
        base = there if there is not None and kept else None
        made = new_cassette(source, together, how="test")
        cassette = redactor.redacted(made if base is None else replace(made, captured=base.captured))
        if base is not None and base.redacted is not None and base.redacted != cassette.redacted:
            cassette = replace(cassette, redacted=Redacted(key="random"))  # of two keys: nobody has the one
        save(cassette, path, rules=redactor.rules, overwrite=there is not None)
        return True


def redactor_for(path: Path) -> Redactor:
    """What redacts by the rules of the project that a cassette is in."""
    return Redactor(rules_from(path.resolve().parent))


def _present(path: Path) -> Cassette | None:
    try:
        return load(path)
    except CassetteMissing:
        return None


def _together(
    kept: Sequence[Interaction],
    new: Sequence[tuple[int | None, Interaction]],
    redacted: Callable[[Any], Any],
) -> tuple[Interaction, ...]:
    """What is kept, and what is new: in the place of the same event, which may have been redacted, or behind all."""
    found = list(kept)
    keys = [event_key(one.event) for one in kept]
    for place, one in new:
        own = (event_key(one.event), event_key(redacted(one.event)))
        if place is None or place >= len(kept) or keys[place] not in own:  # another process may have changed the places
            place = next((keys.index(key) for key in own if key in keys), None)
        if place is None:
            found.append(one)
            keys.append(own[0])
        else:
            found[place] = one
    return tuple(found)


@contextmanager
def _alone(lock: Path, path: Path) -> Iterator[None]:
    """Let no other process of this run write the cassette meanwhile."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    pause = threading.Event()  # waits in real time, also while time is frozen
    for _ in range(_MOST_PAUSES):
        try:
            lock.touch(exist_ok=False)
            break
        except (FileExistsError, PermissionError):  # the latter on Windows, while it is being removed
            pause.wait(_PAUSE)
    else:
        raise CassetteError(f"{path} cannot be written: another process of this test run holds {lock}; remove it")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
