"""What there is to measure, in the order in which it is run and reported.

The law: one file of this folder for each name, and one question for each file. `measured` have bars; `peers` stand
beside what people use today, and have none. No import of ours, so that anything may read this list.
"""

from __future__ import annotations

BENCHMARKS = (
    "growth",
    "throughput",
    "long_retry",
    "per_test",
    "startup",
    "events",
    "matching",
    "streams",
    "kinesis_put",
    "kafka_log",
    "kafka_put",
    "cassettes",
    "captured",
    "simulated",
    "report",
)
PEERS = (
    "peers.messages",
    "peers.poison",
    "peers.order",
    "peers.building",
    "peers.cassette_load",
)
