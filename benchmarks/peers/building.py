"""Building events by library: seconds for one event, and for the first with its imports, in processes of their own."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.alone import ROOT
from benchmarks.measure import Peer, in_turns
from benchmarks.peers.environments import ours, python_of, told_by

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS, SAM, CHALICE = "ours", "aws-sam-cli", "chalice"

# each program defines `build`; what is imported by then, and the first call, are the first event
_BUILDERS = {
    ("an SQS event of one message", OURS): """
from pytest_lambda_events.events import sqs_event
build = lambda: sqs_event("order 1")
""",
    ("an SQS event of one message", SAM): """
from samcli.lib.generated_sample_events.events import Events
import json
asked = {"body": "order 1", "account_id": "123456789012", "queue_name": "orders"}
events = Events()
build = lambda: json.loads(events.generate_event("sqs", "receive-message", dict(asked)))
""",
    ("an SQS event of one message", CHALICE): """
from chalice import Chalice
from chalice.test import Client
client = Client(Chalice("orders"))
build = lambda: client.events.generate_sqs_event(["order 1"])
""",
    ("an SQS event of ten messages", OURS): """
from pytest_lambda_events.events import sqs_event
texts = [f"order {number}" for number in range(10)]
build = lambda: sqs_event(*texts)
""",
    ("an SQS event of ten messages", CHALICE): """
from chalice import Chalice
from chalice.test import Client
client = Client(Chalice("orders"))
texts = [f"order {number}" for number in range(10)]
build = lambda: client.events.generate_sqs_event(texts)
""",
    ("a Kinesis event of ten records", OURS): """
from pytest_lambda_events.events import kinesis_event
texts = [f"order {number}" for number in range(10)]
build = lambda: kinesis_event(*texts)
""",
    ("a Kinesis event of ten records", CHALICE): """
from chalice import Chalice
from chalice.test import Client
client = Client(Chalice("orders"))
texts = [b"order %d" % number for number in range(10)]
build = lambda: client.events.generate_kinesis_event(texts)
""",
}
_MEASURED = """
import time
began = time.perf_counter()
{builder}
event = build()
first = time.perf_counter() - began
best = float("inf")
for _ in range(5):
    began = time.perf_counter()
    for _ in range(200):
        build()
    best = min(best, (time.perf_counter() - began) / 200)
import hashlib, json
records = event["Records"]
ids = len({{record.get("messageId") or record["eventID"] for record in records}})
facts = [f"{{len(records)}} records with {{ids}} different ids"] if len(records) > 1 else []
if "md5OfBody" in records[0]:
    right = sum(hashlib.md5(one["body"].encode()).hexdigest() == one["md5OfBody"] for one in records)
    facts.append(f"{{right}} of {{len(records)}} MD5 sums right")
print(json.dumps([first, best, ", ".join(facts)]))
"""


def _built(case: str, who: str) -> tuple[float, float, str]:
    """Seconds of the first event and of a later one, and what is true of it."""
    python = ours() if who == OURS else python_of(who)
    assert python is not None
    path = ROOT if who == OURS else None
    first, later, facts = json.loads(told_by(python, _MEASURED.format(builder=_BUILDERS[case, who]), path=path))
    return first, later, facts


def _figures(case: str, who: str, which: int, facts: dict[str, str]) -> float:
    first, later, facts[who] = _built(case, who)
    return first if which == 0 else later


def run() -> Iterator[Peer]:
    """Each case, then what the first event of one message costs with its imports."""
    cases = list(dict.fromkeys(case for case, _ in _BUILDERS))
    for case in cases:
        yield from _case(case, case, which=1)
    yield from _case(cases[0], f"{cases[0]}, the first with its imports", which=0)


def _case(case: str, called: str, *, which: int) -> Iterator[Peer]:
    there = [who for found, who in _BUILDERS if found == case]
    able = [who for who in there if who == OURS or python_of(who) is not None]
    facts: dict[str, str] = {}
    measures = {who: partial(_figures, case, who, which, facts) for who in able}
    for who, (took, tries) in in_turns(measures).items():
        yield Peer(case=called, who=who, took=took, tries=tries, note=facts[who])
    for who in there:
        if who not in able:
            yield Peer(case=called, who=who, took=None, note="not installed")
    if SAM not in there:
        yield Peer(case=called, who=SAM, took=None, note="its events have one record")
