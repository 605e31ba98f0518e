"""What holds of a DocumentDB collection and of a mapping of it, whatever is written and whatever the function does.

The judge of documents is mongomock, which knows nothing of change streams; the judge of events is a collection that is
built up of them alone. `LAMBDA_EVENTS_EXAMPLES=5000` tries so many plans.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import mongomock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.sources.documentdb.broker import DocumentDbClusters

if TYPE_CHECKING:
    from pytest_lambda_events.sources.documentdb.broker import DocumentDbDatabase

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))

thorough = settings(max_examples=EXAMPLES, database=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(thorough, max_examples=max(EXAMPLES // 3, 20))

# its clock for TTL indexes, which there are none of here, is deprecated since Python 3.12
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

IDS = st.sampled_from((1, 2, 3, "x", "y"))
NUMBERS = st.integers(-3, 3) | st.sampled_from((0.5, -1.5))
TAGS = st.sampled_from(("a", "b", "c"))
FIELDS = {
    "n": NUMBERS,
    "tags": st.lists(TAGS, max_size=3),
    "sub": st.fixed_dictionaries({}, optional={"x": NUMBERS, "y": st.none() | TAGS}),
    "note": st.none() | st.text(max_size=3) | st.booleans(),
}
BODIES = st.fixed_dictionaries({}, optional=FIELDS)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda key, body: {"_id": key, **body}, IDS, BODIES)


def filters() -> st.SearchStrategy[dict[str, Any]]:
    comparisons = st.sampled_from(("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"))
    return st.one_of(
        st.just({}),
        st.builds(lambda key: {"_id": key}, IDS),
        st.builds(lambda name, number: {"n": {name: number}}, comparisons, NUMBERS),
        st.builds(lambda tag: {"tags": tag}, TAGS),
        st.builds(lambda some: {"tags": {"$in": some}}, st.lists(TAGS, max_size=2)),
        st.builds(lambda some: {"n": {"$nin": some}}, st.lists(NUMBERS, max_size=2)),
        st.builds(lambda value: {"sub.y": value}, st.none() | TAGS),
        st.builds(lambda is_there: {"sub.x": {"$exists": is_there}}, st.booleans()),
    )


def updates() -> st.SearchStrategy[dict[str, Any]]:
    """Each field is changed by one operator at most, of those that fit it."""
    of_numbers = st.one_of(
        st.builds(lambda value: ("$set", value), NUMBERS),
        st.builds(lambda value: ("$inc", value), NUMBERS),
        st.just(("$unset", "")),
    )
    of_tags = st.one_of(
        st.builds(lambda value: ("$set", value), st.lists(TAGS, max_size=3)),
        st.builds(lambda name, value: (name, value), st.sampled_from(("$push", "$addToSet", "$pull")), TAGS),
        st.builds(
            lambda name, some: (name, {"$each": some}),
            st.sampled_from(("$push", "$addToSet")),
            st.lists(TAGS, min_size=1, max_size=3, unique=True),  # mongomock adds one that comes twice, twice
        ),
        st.just(("$unset", "")),
    )
    of_notes = st.one_of(
        st.builds(lambda value: ("$set", value), FIELDS["note"]),
        st.just(("$rename", "renamed")),
        st.just(("$unset", "")),
    )
    changes = {"n": of_numbers, "tags": of_tags, "sub.x": of_numbers, "note": of_notes}
    return st.fixed_dictionaries({}, optional=changes).filter(bool).map(_by_operator)


def _by_operator(changes: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    update: dict[str, Any] = {}
    for path, (operator, operand) in changes.items():
        update.setdefault(operator, {})[path] = operand
    return update


@dataclass(frozen=True)
class Deed:
    """A call of a method that pymongo, mongomock and ours have."""

    method: str
    arguments: tuple[Any, ...]
    upsert: bool = False

    def do(self, collection: Any) -> Any:
        """The numbers that it answers; None where it is refused."""
        options = {"upsert": True} if self.upsert else {}
        try:
            made = getattr(collection, self.method)(*copy.deepcopy(self.arguments), **options)
        except (UsageError, mongomock.DuplicateKeyError, mongomock.WriteError):
            return None
        names = ("matched_count", "modified_count", "deleted_count", "upserted_id", "inserted_id")
        return {name: getattr(made, name) for name in names if hasattr(made, name)}


def deeds() -> st.SearchStrategy[Deed]:
    return st.one_of(
        st.builds(lambda one: Deed("insert_one", (one,)), documents()),
        st.builds(lambda one, two: Deed("update_one", (one, two)), filters(), updates()),
        st.builds(lambda one, two: Deed("update_many", (one, two)), filters(), updates()),
        st.builds(lambda key, two: Deed("update_one", ({"_id": key}, two), upsert=True), IDS, updates()),
        st.builds(lambda one, two: Deed("replace_one", (one, two)), filters(), BODIES),
        st.builds(lambda key, two: Deed("replace_one", ({"_id": key}, two), upsert=True), IDS, BODIES),
        st.builds(lambda one: Deed("delete_one", (one,)), filters()),
        st.builds(lambda one: Deed("delete_many", (one,)), filters()),
    )


# -- the collection ----------------------------------------------------------------------------------------------------


@thorough
@given(plan=st.lists(deeds(), max_size=12), found=st.lists(filters(), max_size=4))
def test_a_collection_is_what_mongomock_says(plan: list[Deed], found: list[dict[str, Any]]) -> None:
    """The same answers, the same documents, the same finds."""
    theirs = mongomock.MongoClient().shop.orders
    ours = shop()["orders"]
    for deed in plan:
        before = len(ours.records)
        expected, answered = deed.do(theirs), deed.do(ours)
        assert answered == expected, deed
        assert by_id(ours.find()) == by_id(theirs.find()), deed
        assert len(ours.records) - before == written(answered or {})
    for one in found:
        assert by_id(ours.find(one)) == by_id(theirs.find(one)), one
        assert ours.count_documents(one) == theirs.count_documents(one)


def shop() -> DocumentDbDatabase:
    """A database without a harness, for what needs neither a poller nor moto."""
    clock = VirtualClock(1_735_689_600_000)
    clusters = DocumentDbClusters(clock, Ledger(), Identifiers(0), region="us-east-1", account="123456789012")
    return clusters.database("shop", "orders", change_streams=True, retention_s=None)


def written(answer: dict[str, Any]) -> int:
    """How many documents a call says that it has changed, put or taken away."""
    new = sum(answer.get(name) is not None for name in ("upserted_id", "inserted_id"))
    return int(answer.get("modified_count", 0) + answer.get("deleted_count", 0) + new)


def by_id(documents: Any) -> dict[Any, Any]:
    return {document["_id"]: document for document in documents}


@thorough
@given(plan=st.lists(deeds(), max_size=15), ends=st.lists(st.sampled_from(("drop", "rename")), max_size=2))
def test_events_replayed_onto_nothing_give_the_same_collection(plan: list[Deed], ends: list[str]) -> None:
    """Whoever follows the stream knows the documents: nothing is missing, nothing too much, and the order is right."""
    database = shop()
    orders = database["orders"]
    for number, deed in enumerate(plan):
        deed.do(orders)
        if number < len(ends) and orders.find():
            orders.drop() if ends[number] == "drop" else orders.rename(f"old-{number}")
    copies = replayed(database.records)
    tokens = [record.id for record in database.records]
    assert tokens == sorted(set(tokens))
    for name in ("orders", "old-0", "old-1"):
        assert copies.get(name, {}) == by_id(database[name].find())
    if not ends:
        assert replayed(orders.records) == copies


def replayed(records: Any) -> dict[str, dict[Any, Any]]:
    """Collections by name, built of change events alone."""
    collections: dict[str, dict[Any, Any]] = {}
    for record in records:
        change = record.change
        kind, name = change["operationType"], change.get("ns", {}).get("coll")
        key = change.get("documentKey", {}).get("_id")
        if kind in ("insert", "replace"):
            collections.setdefault(name, {})[key] = change["fullDocument"]
        elif kind == "update":
            follow(collections[name][key], change["updateDescription"])
        elif kind == "delete":
            del collections[name][key]
        elif kind == "drop":
            del collections[name]
        elif kind == "rename":
            collections[change["to"]["coll"]] = collections.pop(name)
    return {name: documents for name, documents in collections.items() if documents}


def follow(document: dict[str, Any], description: dict[str, Any]) -> None:
    """Do to a document what an update says: new values by path, and fields that go."""
    for path, value in description["updatedFields"].items():
        parent, last = parent_of(document, path)
        if isinstance(parent, list):
            parent[int(last) : int(last) + 1] = [value]
        else:
            parent[last] = value
    for path in description["removedFields"]:
        parent, last = parent_of(document, path)
        del parent[last]


def parent_of(document: dict[str, Any], path: str) -> tuple[Any, str]:
    *way, last = path.split(".")
    parent: Any = document
    for step in way:
        parent = parent.setdefault(step, {})
    return parent, last


# -- the mapping -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Writes, each with the seconds of a run and of an outage before it, and how the mapping is made.

    `failures`: how often the function fails with a change.
    """

    writes: tuple[tuple[Deed, float, float], ...]
    failures: tuple[int, ...]
    batch_size: int
    window: int
    full_document: str
    duration: float
    seed: int


def plans() -> st.SearchStrategy[Plan]:
    runs, outages = st.sampled_from((0, 0, 0.3, 1, 60, 3000)), st.sampled_from((0, 0, 0, 10, 2000, 4000))
    return st.builds(
        Plan,
        writes=st.lists(st.tuples(deeds(), runs, outages), max_size=10).map(tuple),
        failures=st.lists(st.sampled_from((0, 0, 0, 1, 3, 10_000)), min_size=6, max_size=6).map(tuple),
        batch_size=st.integers(1, 4),
        window=st.integers(0, 2),
        full_document=st.sampled_from(("Default", "UpdateLookup")),
        duration=st.sampled_from((0, 0, 0.3, 2)),
        seed=st.integers(0, 3),
    )


class Outcome:
    """What a plan came to."""

    def __init__(self, plan: Plan) -> None:
        with Harness(seed=plan.seed) as aws:
            orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
            self.events: list[Any] = []
            self.failed: Counter[int] = Counter()
            mapping = aws.event_source_mapping(
                orders,
                self._function(plan),
                duration=plan.duration,
                BatchSize=plan.batch_size,
                MaximumBatchingWindowInSeconds=plan.window,
                DocumentDBEventSourceConfig={"FullDocument": plan.full_document},
            )
            for deed, run_s, outage_s in plan.writes:
                aws.run_for(run_s)
                aws.virtual_clock.advance(outage_s)
                deed.do(orders)
            run = mapping.run_until_idle()
            mapping.poller.check()
            self.records = orders.records
            self.run = run
            self.enabled = mapping.enabled
            self.trace = run.trace.to_json()

    def _function(self, plan: Plan) -> Any:
        def function(event: Any, context: Any) -> None:
            self.events.append(event)
            for entry in event["events"]:
                place = int(entry["event"]["_id"]["_data"][-4:], 16)
                if self.failed[place] < plan.failures[place % len(plan.failures)]:
                    self.failed[place] += 1
                    raise ValueError(f"not yet: {self.failed[place]}")

        return function


@few
@given(plan=plans())
def test_nothing_is_lost_and_the_order_is_kept(plan: Plan) -> None:
    """Each change has one fate; those that the function saw, it saw in order, and every success was its turn."""
    made = Outcome(plan)
    run, records = made.run, made.records
    assert run.records == records
    processed, expired, pending = run.processed, run.expired, run.pending
    assert len(processed) + len(expired) + len(pending) == len(records)
    assert processed + expired + pending == records  # the mapping stops where something expired, and goes no further
    assert made.enabled is not bool(expired)
    assert not pending or expired
    place = {record.id: number for number, record in enumerate(records)}
    seen = [[place[entry["event"]["_id"]["_data"]] for entry in event["events"]] for event in made.events]
    for batch in seen:
        assert batch == list(range(batch[0], batch[0] + len(batch)))
        assert len(batch) <= plan.batch_size
    passed = 0
    for call, batch in zip(run.invocations, seen, strict=True):
        assert batch[0] == passed  # strictly sequential: nothing is tried before all that is before it has succeeded
        passed += len(batch) if call.outcome == "success" else 0
    assert passed == len(processed)
    for call, later in pairwise(run.invocations):
        assert round(call.at + call.duration, 3) <= later.at


@few
@given(plan=plans())
def test_same_seed_same_trace(plan: Plan) -> None:
    assert Outcome(plan).trace == Outcome(plan).trace
