"""The topic in memory and a real one, driven with the same operations through the same mapping, deliver the same.

Every event is compared key by key, and so are the group's offsets and what became of each record. In one partition the
batches are the same; among partitions a consumer drains one after the other, so there a batch is one record, and each
partition's deliveries are compared.
"""

from __future__ import annotations

import base64
import importlib.util
from itertools import count
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from pytest_lambda_events.harness.wiring_log import make_clusters
from pytest_lambda_events.sources.kafka.broker import TopicSettings, create_kafka_topic

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("agreement", Path(__file__).with_name("agreement.py"))
agreement = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(agreement)

keys = st.sampled_from([None, b"", b"a", b"b", b"\xff\x00", "ключ".encode()])
headers = st.lists(st.tuples(st.sampled_from(["h", "", "ü"]), st.binary(max_size=3)), max_size=2)
moments = st.integers(1_600_000_000_000, 1_800_000_000_000)
sends = st.tuples(keys, headers, moments, st.integers(0, 2), st.sampled_from(["raise", "report", "report"]))


def values_of(event):
    for name, records in event["records"].items():
        for record in records:
            yield {"partition": name, "offset": record["offset"]}, base64.b64decode(record["value"])


def by_partition(events):
    """The records of all events by partition, each with the event's envelope."""
    found = {}
    for event in events:
        for name, records in event["records"].items():
            rest = {key: value for key, value in event.items() if key != "records"}
            found.setdefault(name, []).extend((rest, record) for record in records)
    return found


class KafkaAgrees(agreement.Agrees):
    """Two topics, two groups, two mappings."""

    quiet = 0.06
    cluster = None
    groups = count(1)

    @initialize(
        partitions=st.sampled_from([1, 1, 2]),
        batch_size=st.integers(1, 3),
        reports=st.booleans(),
        bisects=st.booleans(),
        retries=st.sampled_from([-1, 0, 1]),
    )
    def begin(self, partitions, batch_size, reports, bisects, retries):
        """One configuration for both."""
        name = self.cluster.topic(partitions)
        self.partitions = partitions
        self.parameters = {
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": batch_size if partitions == 1 else 1,
            "MaximumBatchingWindowInSeconds": 0,
            "ProvisionedPollerConfig": {"MinimumPollers": 1},
            "BisectBatchOnFunctionError": bisects,
            "MaximumRetryAttempts": retries,
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if reports else [],
            "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": f"group-{next(self.groups)}"},
        }
        world = self.memory
        clusters = make_clusters(
            world.clock, world.ledger, world.identifiers, region=agreement.REGION, account=agreement.ACCOUNT
        )
        self.ours = create_kafka_topic(
            clusters, name, TopicSettings(partitions, retention_ms=-1), bootstrap_servers=self.cluster.servers
        )
        self.handlers = agreement.Scripted(values_of), agreement.Scripted(values_of)
        self.restart()

    def opened(self):
        """The same topic; the group is the same, too, so that a new mapping goes on where the last one was."""
        return self.live.kafka_topic(self.ours.name, bootstrap_servers=self.cluster.servers)

    @rule(given=st.lists(sends, min_size=1, max_size=4))
    def send(self, given):
        """Some records, to the same places."""
        for key, pairs, moment, fails, how in given:
            payload = {"n": next(self.numbers), "fails": fails, "how": how}
            partition = None if key else payload["n"] % self.partitions
            told = {"key": key, "headers": pairs, "timestamp": moment, "partition": partition}
            (ours,), (theirs,) = self.ours.send(payload, **told), self.theirs.send(payload, **told)
            assert ours == theirs
            assert (ours.key, ours.value, ours.headers) == (theirs.key, theirs.value, theirs.headers)

    def compare(self):
        """What was delivered since the last time, what is committed, and what became of the records."""
        ours, theirs = (handler.taken() for handler in self.handlers)
        if self.partitions == 1:
            assert ours == theirs
        assert by_partition(ours) == by_partition(theirs)
        group = self.parameters["SelfManagedKafkaEventSourceConfig"]["ConsumerGroupId"]
        assert self.ours.group(group).committed == self.theirs.group(group).committed
        assert self.ours.group(group).lag == self.theirs.group(group).lag
        our_run, their_run = self.our_mapping.view(), self.their_mapping.view()
        fates = ["processed", "discarded", "filtered", "expired"]
        if self.our_mapping.enabled:  # while it does not poll, nobody looks at what a real topic has
            fates.append("pending")
        for fate in fates:
            assert set(getattr(our_run, fate)) == set(getattr(their_run, fate)), fate
        for record in their_run.records:
            assert len(our_run.attempts(record)) == len(their_run.attempts(record)), record


def test_the_topic_in_memory_is_like_a_real_one(kafka):
    """Same operations, same deliveries."""

    class Machine(KafkaAgrees):
        cluster = kafka

    run_state_machine_as_test(Machine, settings=agreement.SETTINGS)
