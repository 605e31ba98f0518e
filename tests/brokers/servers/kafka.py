"""Kafka without a server: librdkafka brings a cluster that lives in the process, and speaks the real protocol over TCP.

It is made for librdkafka's own tests and not part of confluent-kafka's Python interface: hence ctypes, on the very
library that confluent-kafka has loaded. What it does not know: offsets by timestamp, creating topics, signing in.
"""

from __future__ import annotations

import ctypes
import importlib.util
from itertools import count
from pathlib import Path

HANDLE = ctypes.c_void_p
SIGNATURES = {
    "rd_kafka_conf_new": (HANDLE, []),
    "rd_kafka_new": (HANDLE, [ctypes.c_int, HANDLE, ctypes.c_char_p, ctypes.c_size_t]),
    "rd_kafka_destroy": (None, [HANDLE]),
    "rd_kafka_mock_cluster_new": (HANDLE, [HANDLE, ctypes.c_int]),
    "rd_kafka_mock_cluster_destroy": (None, [HANDLE]),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, [HANDLE]),
    "rd_kafka_mock_topic_create": (ctypes.c_int, [HANDLE, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]),
    "rd_kafka_mock_broker_set_down": (ctypes.c_int, [HANDLE, ctypes.c_int32]),
    "rd_kafka_mock_broker_set_up": (ctypes.c_int, [HANDLE, ctypes.c_int32]),
    "rd_kafka_mock_push_request_errors_array": (
        None,
        [HANDLE, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)],
    ),
}


def _library() -> ctypes.CDLL:
    package = Path(importlib.util.find_spec("confluent_kafka").origin).parent
    beside = [package.parent / "confluent_kafka.libs", package / ".dylibs", package]  # Linux and Windows, macOS
    path = next(path for folder in beside for path in sorted(folder.glob("*rdkafka*")) if path.is_file())
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class MockCluster:
    """One broker on a free port. `servers` is its address."""

    def __init__(self) -> None:
        self._library = _library()
        words = ctypes.create_string_buffer(256)
        self._client = self._library.rd_kafka_new(0, self._library.rd_kafka_conf_new(), words, len(words))
        assert self._client, words.value
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, 1)
        self.servers: str = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        self._numbers = count(1)

    def topic(self, partitions: int = 1, name: str | None = None) -> str:
        """Make a topic, with a name that no other has unless it is given."""
        name = name or f"topic-{next(self._numbers)}"
        assert not self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1)
        return name

    def go_down(self) -> None:
        """Refuse and drop every connection."""
        self._library.rd_kafka_mock_broker_set_down(self._cluster, 1)

    def come_up(self) -> None:
        """Be there again."""
        self._library.rd_kafka_mock_broker_set_up(self._cluster, 1)

    def answer(self, api: int, *codes: int) -> None:
        """Answer the next requests of a kind with these errors of Kafka's protocol."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, api, len(codes), array)

    def close(self) -> None:
        """Be gone."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)
