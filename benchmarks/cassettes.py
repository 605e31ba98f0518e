"""What hostile cassettes cost before they are refused, and what large sound ones cost to load, redact and write.

Each hostile file is read in a process of its own, which says how long it took and how much memory it needed more than
before; one that is not refused by an error of ours does not hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Bar, compared, seconds
from pytest_lambda_events.cassette import Interaction, load, save
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cassette.redact import Redactor
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms
from pytest_lambda_events.cassette.redact.replacing import Replacing
from pytest_lambda_events.cassette.store import MAX_BYTES
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SECONDS = 1.0
MOST_MEGABYTES = 200.0
MEGABYTE = 1_000_000

_READ = '''
import sys, time
from pytest_lambda_events.cassette import load
from pytest_lambda_events.errors import CassetteError

def peak():
    """The most memory that this process had, in bytes. On Linux getrusage would tell the parent's, too."""
    try:
        with open("/proc/self/status", encoding="ascii") as stream:
            return next(int(line.split()[1]) * 1024 for line in stream if line.startswith("VmHWM"))
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

try:  # whatever reading imports late is no part of reading
    load(sys.argv[2])
except CassetteError:
    pass
before, began = peak(), time.perf_counter()
try:
    load(sys.argv[1])
    ended = "read"
except CassetteError as error:
    ended = type(error).__name__
print(time.perf_counter() - began, peak() - before, ended)
'''

_HEAD = (
    b'{"format":"lambda-events-cassette","version":1,"source":"sqs","recorded_at":"2025-01-01T00:00:00Z",'
    b'"recorded_by":"x","captured":{"how":"file"},"interactions":'
)


def _filled(unit: bytes, end: bytes = b"") -> bytes:
    """A head, and so many units as there is room for."""
    room = MAX_BYTES - len(_HEAD) - len(end) - 10
    return _HEAD + unit * (room // len(unit)) + end


def _hostile() -> dict[str, bytes]:
    emoji = "\U0001f600".encode()
    return {
        "lists in lists": _filled(b"["),
        "objects in objects": _filled(b'{"a":'),
        "empty lists side by side": _filled(b"[],", b"0]"),
        "as deep as may be, side by side": _filled(b"[" * 150 + b"]" * 150 + b","),
        "one huge text": _HEAD + b'[{"event":{"Records":"' + b"a" * (MAX_BYTES - 400) + b'"}}]}',
        "one huge text of four bytes a character": _HEAD
        + b'[{"event":{"a":"'
        + emoji * ((MAX_BYTES - 400) // 4)
        + b'"}}]}',
        "many texts": _filled(b'"ab",', b"0]}"),
        "many keys": _HEAD + b'[{"event":{' + b",".join(b'"k%d":1' % n for n in range(299_000)) + b"}}]}",
        "many numbers": _HEAD + b'[{"event":{"a":[' + b",".join(b"1.5" for _ in range(299_000)) + b"]}}]}",
        "one huge number": _filled(b"9"),
        "one key twice": _HEAD + b'[{"event":{"a":1,"a":2}}]}',
        "backslashes": _filled(b"\\"),
        "quotes": _filled(b'"'),
        "wrong types": _HEAD.replace(b'"sqs"', b"[1]") + b"5}",
        "a way out of the folder": _HEAD + b'{"lines":"../../../../etc/passwd","count":1}}',
        "larger than the cap": b" " * (MAX_BYTES + 1),
        "noise": bytes(range(256)) * (MAX_BYTES // 256),
    }


def run() -> Iterator[Bar]:
    """Two bars for each hostile file, then the speed of sound ones."""
    with tempfile.TemporaryDirectory() as folder:
        for what, content in _hostile().items():
            file = Path(folder) / "hostile.json"
            file.write_bytes(content)
            took, more, ended = min(_read(file) for _ in range(3))
            yield Bar(what=f"{what}: time", measured=took, most=MOST_SECONDS, unit=" s", detail=ended)
            yield Bar(what=f"{what}: memory", measured=more / MEGABYTE, most=MOST_MEGABYTES, unit=" MB")
        yield from _sound(Path(folder))
    yield from _worst_texts()


def _read(file: Path) -> tuple[float, float, str]:
    """Seconds, bytes, and how it ended."""
    told = subprocess.run(
        [sys.executable, "-c", _READ, str(file), str(file.with_name("none.json"))],
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        return float("inf"), float("inf"), "a crash"
    took, more, ended = told.stdout.split()
    return float(took), float(more), ended


def _sound(folder: Path) -> Iterator[Bar]:
    bodies = [{"order": number, "mail": f"user{number}@corp.com", "items": ["a", "b"]} for number in range(500)]
    interactions = [Interaction(event=sqs_event(*bodies[place : place + 10])) for place in range(0, 500, 10)]
    cassette = new_cassette("sqs", interactions, how="file")
    redactor = Redactor(key=b"a key of sixteen bytes or more")
    redacted = redactor.redacted(cassette)
    path = folder / "sound.json"
    (file,) = save(redacted, path)
    text = file.read_text(encoding="utf-8")
    size = f"{len(text) / MEGABYTE:.2f} MB, {len(bodies)} records"
    loading, floor = compared(lambda: load(path), lambda: json.loads(text), number=5)
    yield Bar(what="loading, against json.loads", measured=loading / floor, most=10, detail=f"{size}, {loading:.3f} s")
    redacting = seconds(lambda: redactor.redacted(cassette), times=3)
    yield Bar(what="redacting, a record", measured=redacting / len(bodies) * 1000, most=2, unit=" ms")
    saving = seconds(lambda: save(redacted, path, overwrite=True), times=3)
    yield Bar(
        what="looking for secrets and writing, a record", measured=saving / len(bodies) * 1000, most=2, unit=" ms"
    )


def _worst_texts() -> Iterator[Bar]:
    """Texts on which a careless expression needs hours: 200 KB each."""
    replacing = Replacing(Pseudonyms(b"a key"), {})
    worst = 0.0
    for unit in (
        "a",
        "a.",
        "a@",
        "arn:aws:",
        "password",
        "-----BEGIN ",
        "://a:",
        "eyJa.",
        "token=",
        "AQEB",
        "Bearer 1",
    ):
        text = unit * (200_000 // len(unit)) + " jane@corp.com"
        worst = max(worst, seconds(lambda: replacing.text(text), times=1))  # noqa: B023 - called at once
    yield Bar(what="redacting the worst text of 200 KB", measured=worst, most=3, unit=" s")
