"""What an event costs that nobody can tell from a real one, and what importing its builder costs.

The floor of an event is `json.dumps` of the same event. Ids, handles, sums and sequence numbers are made each time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Bar, compared
from pytest_lambda_events import events
from pytest_lambda_events.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS = 10
PAYLOAD = {"order": 1, "customer": "Ada Nowak", "amount": 1_999}
MOST = {"sqs": 6.0}
_NEW_PROCESS = """
import sys, time
began = time.perf_counter()
import base64, binascii, dataclasses, datetime, functools, hashlib, importlib, json, math, random, re, string, types
import collections.abc, copy, typing, bisect, decimal, uuid, difflib, gzip, itertools, struct, urllib.parse, zlib
import contextlib, enum
known = time.perf_counter()
{imports}
print((time.perf_counter() - known) * 1000)
"""


def _maker(name: str) -> Callable[[], Any]:
    build = getattr(events, f"{name}_event")
    if name == "s3_batch":  # exactly one task an event
        return lambda: build("photos/1.jpg")
    if name == "dynamodb":
        items = [{"id": str(number), **PAYLOAD} for number in range(RECORDS)]
        return lambda: build(*items)
    return lambda: build(PAYLOAD, count=RECORDS)


def _import_ms(imports: str) -> float:
    code = _NEW_PROCESS.format(imports=imports)
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
        for _ in range(9)
    ]
    return min(times)


def run() -> Iterator[Bar]:
    """Two bars for each source, and one for the import of the facade."""
    for source in SOURCES:
        make = _maker(source.name)
        event = make()
        made, floor = compared(make, partial(json.dumps, event), number=200)
        what = f"{source.name}: an event of {RECORDS if source.name != 's3_batch' else 1} against json.dumps of it"
        yield Bar(what=what, measured=made / floor, most=MOST.get(source.name, 10.0), detail=f"{made * 1e6:.0f} us")
    facade = "import pytest_lambda_events.events"
    yield Bar(what="importing the facade", measured=_import_ms(facade), most=30, unit=" ms")
    for source in SOURCES:
        builder = f"from pytest_lambda_events.events import {source.name}_event"
        yield Bar(what=f"importing {source.name}_event", measured=_import_ms(builder), most=30, unit=" ms")
