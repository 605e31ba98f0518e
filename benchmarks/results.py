"""`results.md`, from what was measured. Ratios stand first: they mean the same on another machine, seconds do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from benchmarks.claims import claims
from benchmarks.measure import length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.measure import Bar, Peer

NOT_COMPARABLE = """\
- **ministack** is an emulator of many services behind HTTP, on real time. It polls with five batches at once and runs
  the function in a process of its own, as AWS does: what it shows of concurrency and of the network, virtual time
  does not. A retry costs its visibility timeout; a test would be written with shorter ones, and then test others than
  production has. Its start is not counted, nor is ours (a test's set-up is the bar of `per_test`).
- **moto's own mapping** is a push from within each send: one record an invocation with constant attributes, a receive
  count of 1 for ever, no batch, no window, no partial response, and no retry until something is sent. Without Docker
  it calls no handler at all, so here its function was replaced by a call of the same handler; a container would add
  to it.
- **The loop by hand** is ours to write: about 30 lines as here. It knows what its author knew of Lambda, and stock
  moto's receive grows with the backlog, which is most of what it costs. It makes no trace, checks nothing and has no
  limits.
- **aws-sam-cli** fills a template with one record and reads it from disk each time; a body with a quote in it is
  refused. Installed here is its library alone: the command line imports more. **Chalice** fills a literal: one id and
  one sum for all. Neither makes what ours makes (ids, handles, sums, sequence numbers), which is what ours takes its
  time for.
- **vcrpy** keeps HTTP interactions, not events: here it holds each event as the body of a response, so that as many
  bytes are read. Ours checks sizes, depth and types while it reads.
- LocalStack and `sam local` are started with Docker and are not here.
"""


@dataclass(kw_only=True)
class Results:
    """All that a run found out, in order; `failures` are benchmarks that ended early, and how."""

    bars: list[tuple[str, Bar]] = field(default_factory=list)
    peers: list[tuple[str, str, Peer]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def missed(self) -> list[tuple[str, Bar]]:
        """Bars that were measured and do not hold."""
        return [(name, bar) for name, bar in self.bars if bar.measured is not None and not bar.holds]


def page(results: Results, *, machine: dict[str, str], versions: dict[str, str], peer_versions: dict[str, str]) -> str:
    """The text of `results.md`."""
    lines = [*_head(results), *_bars(results), *_claims(), *_peers(results, peer_versions)]
    on = ["## On what", "", *_table(("", ""), [*machine.items(), *versions.items()])]
    return "\n".join([*lines, *on, ""])


def _head(results: Results) -> Iterator[str]:
    measured = [bar for _, bar in results.bars if bar.measured is not None]
    held = sum(bar.holds for bar in measured)
    yield from (
        "# Results",
        "",
        "Written by `python -m benchmarks --with-peers --write`; how things are measured stands in the",
        "[README](README.md).",
        "",
        f"**{held} of {len(measured)} bars hold.** How we stand to what people use today is [below](#side-by-side).",
        "",
    )
    for name, bar in results.missed:
        yield f"- Missed: {bar.what} (`{name}`): {bar.figure}, bar {bar.most:g}{bar.unit}."
    for name, bar in results.bars:
        if bar.measured is None:
            yield f"- Not measured: {bar.what} (`{name}`): {bar.detail}."
    for name, why in results.failures.items():
        yield f"- Ended early: `{name}`: {why}."
    yield ""


def _bars(results: Results) -> Iterator[str]:
    yield from ("## Bars", "", "`of the bar` is how much of what is promised was needed: up to 100 % a bar holds.", "")
    rows = [
        (bar.share, bar.figure, f"{bar.most:g}{bar.unit}", bar.verdict, bar.what, _file(name), bar.detail)
        for name, bar in results.bars
    ]
    yield from _table(("of the bar", "measured", "bar", "", "what", "file", "seen as"), rows)
    yield ""


def _claims() -> Iterator[str]:
    yield from ("## Claims that are no times", "")
    rows = [(claim.what, claim.counted, f"`{claim.command}`") for claim in claims()]
    yield from _table(("claim", "counted", "seen by"), rows)
    yield ""


def _peers(results: Results, versions: dict[str, str]) -> Iterator[str]:
    yield from ("## Side by side", "")
    if not results.peers:
        yield from ("Not run: `--with-peers` was not given.", "")
        return
    yield from (
        "The same handler and the same messages, in turn, after a round to warm up. What took more than ten seconds",
        "was not measured twice. Installed were "
        + ", ".join(f"{name} {found}" for name, found in versions.items())
        + ".",
        "",
    )
    for (name, case), found in groupby(results.peers, key=lambda row: (row[0], row[1])):
        rows = [peer for _, _, peer in found]
        yield from (f"### {case[0].upper()}{case[1:]}", "", f"{_file(name)}", "")
        cells = [
            (
                peer.times(rows[0]),
                peer.who,
                "" if peer.took is None else length(peer.took),
                str(peer.tries or ""),
                peer.note,
            )
            for peer in rows
        ]
        yield from _table(("against ours", "who", "time", "best of", ""), cells)
        yield ""
    yield from ("### What cannot be compared", "", *NOT_COMPARABLE.splitlines(), "")


def _file(name: str) -> str:
    path = name.replace(".", "/")
    return f"[{name}]({path}.py)"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
