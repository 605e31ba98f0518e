"""Events of what was taken. The law: as Lambda would batch it: one shard, so many records, and no more than 6 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.json_text import compact
from pytest_lambda_events.cassette.model import Interaction
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.cassette.capture.taps import Taken, Tap

__all__ = ["batched", "interactions"]

_AROUND: Final = 2_048
"""More than what any event has around its records."""


def batched(taken: Sequence[Taken], size: int) -> Iterator[list[Taken]]:
    """Batches of at most `size` records of one lane, in the order in which their first records came."""
    lanes: dict[str, list[list[Taken]]] = {}
    batches: list[list[Taken]] = []
    room: dict[str, int] = {}
    for one in taken:
        length = len(compact(one.shown).encode("utf-8")) + 1
        mine = lanes.setdefault(one.lane, [])
        if not mine or len(mine[-1]) == size or length > room[one.lane]:
            mine.append([])
            batches.append(mine[-1])
            room[one.lane] = PAYLOAD_LIMIT_BYTES - _AROUND
        mine[-1].append(one)
        room[one.lane] -= length
    yield from batches


def interactions(tap: Tap, taken: Sequence[Taken], size: int) -> tuple[Interaction, ...]:
    """An interaction for each batch, with what is invented in it."""
    return tuple(
        Interaction(event=tap.event(batch), at=batch[-1].at, invented=(*tap.invented, *_invented(tap, batch)))
        for batch in batched(taken, size)
    )


def _invented(tap: Tap, batch: Sequence[Taken]) -> Iterator[str]:
    """The paths in the event of what is invented in its records; `[*]` where it is invented in all of them."""
    for path in dict.fromkeys(path for one in batch for path in one.invented):
        places = [place for place, one in enumerate(batch) if path in one.invented]
        if len(places) == len(batch):
            yield f"{tap.records_at}[*].{path}"
        else:
            yield from (f"{tap.records_at}[{place}].{path}" for place in places)
