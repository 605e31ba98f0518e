"""Loading a cassette: seconds for each megabyte of file, of ours and of vcrpy's that hold the same events."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.alone import ROOT
from benchmarks.measure import Peer, in_turns
from benchmarks.peers.environments import ours, python_of, told_by
from pytest_lambda_events.cassette import Interaction, save
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = 200
CASE = f"loading a cassette of {EVENTS} events of ten messages, a megabyte"
NOTES = {
    "ours": "depth, size and types checked against the format; duplicate keys refused",
    "vcrpy, YAML": "its default; with libyaml",
    "vcrpy, JSON": "its other serializer",
}

_TIMED = """
import sys, time
best = float("inf")
for _ in range(3):
    began = time.perf_counter()
    load(sys.argv[1])
    best = min(best, time.perf_counter() - began)
print(best)
"""
_OURS = "from pytest_lambda_events.cassette import load\n" + _TIMED
_VCR = """
import sys
from vcr.cassette import Cassette
from vcr.serializers import {serializer} as serializer
def load(path):
    cassette = Cassette.load(path=path, serializer=serializer)
    assert len(cassette) == {events}
"""
_WRITTEN = """
import json, sys
from vcr.cassette import Cassette
from vcr.request import Request
from vcr.serializers import {serializer} as serializer
cassette = Cassette(path=sys.argv[2], serializer=serializer)
for number, event in enumerate(json.load(open(sys.argv[1], encoding="utf-8"))):
    request = Request("POST", f"https://example.com/{{number}}", b"", {{"Accept": "*/*"}})
    body = {{"string": json.dumps(event).encode()}}
    cassette.append(request, {{"status": {{"code": 200, "message": "OK"}}, "headers": {{}}, "body": body}})
cassette._save(force=True)
"""


def _events() -> list[dict[str, object]]:
    return [
        sqs_event(*[{"order": place * 10 + number, "items": ["a", "b"], "paid": True} for number in range(10)])
        for place in range(EVENTS)
    ]


def _by_vcr(python: Path, code: str, path: Path) -> float:
    return float(told_by(python, code, str(path))) / path.stat().st_size * 1e6


def run() -> Iterator[Peer]:
    """Ours, and vcrpy with both of its serializers."""
    with tempfile.TemporaryDirectory() as name:
        folder, events = Path(name), _events()
        file = folder / "ours.json"
        files = save(new_cassette("sqs", [Interaction(event=event) for event in events], how="file"), file)
        sizes = {"ours": sum(path.stat().st_size for path in files)}
        measures = {"ours": lambda: float(told_by(ours(), _OURS, str(file), path=ROOT)) / sizes["ours"] * 1e6}
        if (python := python_of("vcrpy")) is not None:
            given = folder / "events.json"
            given.write_text(json.dumps(events), encoding="utf-8")
            for kind in ("yaml", "json"):
                who, serializer = f"vcrpy, {kind.upper()}", f"{kind}serializer"
                path = folder / f"vcr.{kind}"
                told_by(python, _WRITTEN.format(serializer=serializer), str(given), str(path))
                sizes[who] = path.stat().st_size
                code = _VCR.format(serializer=serializer, events=EVENTS) + _TIMED
                measures[who] = partial(_by_vcr, python, code, path)
        for who, (took, tries) in in_turns(measures, rounds=3).items():
            note = f"{sizes[who] / 1e6:.2f} MB; {NOTES[who]}"
            yield Peer(case=CASE, who=who, took=took, tries=tries, note=note)
        if python is None:
            yield Peer(case=CASE, who="vcrpy", took=None, note="not installed")
