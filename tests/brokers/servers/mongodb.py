"""A MongoDB server as far as change streams need one: no server can be installed here that has them.

It speaks the wire protocol (OP_MSG, and OP_QUERY for the first greeting) on a port of loopback, so that a real pymongo
connects, writes and watches. What happens in it is the cluster in memory: this proves the way over the wire, and not
what DocumentDB or MongoDB would do. Real time; one thread for each connection.
"""

from __future__ import annotations

import contextlib
import json
import random
import socketserver
import struct
import threading
import time
from typing import Any

import bson
from bson import Int64, Timestamp, json_util

from pytest_lambda_events.brokers.document_cluster import Cluster
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_making import with_lookup
from pytest_lambda_events.model.document_filters import read_filter
from pytest_lambda_events.model.document_updates import read_update
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.sources.documentdb.writing import Writer, read_replacement

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 2
HEADER = struct.Struct("<iiii")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Cursor:
    """One change stream: what it is about, how far it has come, whether updates are looked up."""

    def __init__(self, namespace: str, position: int, looks_up: bool) -> None:
        self.namespace = namespace
        self.position = position
        self.looks_up = looks_up
        self.is_over = False


class MongoServer(socketserver.ThreadingTCPServer):
    """The server. `url` is where it is; `commands` are the names of all that it was asked."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.cluster = Cluster(
            "arn:aws:rds:us-east-1:123456789012:cluster:stub", journal=Ledger(), dice=random.Random(0)
        )
        self.commands: list[str] = []
        self.failures: list[tuple[str, int, str]] = []  # command, code, words: answered once each
        self.lock = threading.RLock()
        self.cursors: dict[int, _Cursor] = {}
        self.sockets: list[Any] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return "{}:{}".format(*self.server_address)

    @property
    def url(self) -> str:
        return f"mongodb://{self.address}/?replicaSet=rs0&retryWrites=false"

    def stop(self) -> None:
        """Be gone, with every connection."""
        self.shutdown()
        self.server_close()
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.close()

    # -- commands ---------------------------------------------------------------------------------------------------

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """What the server answers."""
        name = next(iter(command))
        self.commands.append(name)
        for failure in self.failures:
            if failure[0] == name:
                self.failures.remove(failure)
                return {"ok": 0.0, "code": failure[1], "codeName": failure[2], "errmsg": failure[2]}
        act = getattr(self, f"_{name.lower()}", None)
        if act is None:
            return {"ok": 0.0, "code": 59, "codeName": "CommandNotFound", "errmsg": f"no such command: '{name}'"}
        with self.lock:
            try:
                return {"ok": 1.0, **act(command)}
            except UsageError as error:
                return {"ok": 1.0, "n": 0, "writeErrors": [{"index": 0, "code": 11000, "errmsg": str(error)}]}

    def _hello(self, _: dict[str, Any]) -> dict[str, Any]:
        here = {"hosts": [self.address], "me": self.address, "primary": self.address}
        sizes = {"maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000}
        return {
            **here,
            **sizes,
            "isWritablePrimary": True,
            "ismaster": True,
            "helloOk": True,
            "setName": "rs0",
            "setVersion": 1,
            "logicalSessionTimeoutMinutes": 30,
            "minWireVersion": 0,
            "maxWireVersion": 21,
        }

    _ismaster = _hello

    def _ping(self, _: dict[str, Any]) -> dict[str, Any]:
        return {}

    _endsessions = _ping

    def _killcursors(self, command: dict[str, Any]) -> dict[str, Any]:
        for number in command["cursors"]:
            self.cursors.pop(number, None)
        return {"cursorsKilled": command["cursors"], "cursorsNotFound": [], "cursorsAlive": [], "cursorsUnknown": []}

    def _writer(self, command: dict[str, Any]) -> Writer:
        name = command[next(iter(command))]
        database = self.cluster.database(command["$db"])
        database.is_recorded = True
        return Writer(database.collection(name), lambda _: extended(bson.ObjectId()))

    def _insert(self, command: dict[str, Any]) -> dict[str, Any]:
        writer, now_ms = self._writer(command), _now_ms()
        made = writer.insert(writer.ready([extended(one) for one in command["documents"]], now_ms), now_ms)
        return {"n": len(made.inserted_ids)}

    def _update(self, command: dict[str, Any]) -> dict[str, Any]:
        writer, matched, modified = self._writer(command), 0, 0
        for one in command["updates"]:
            found = read_filter(one["q"])
            if next(iter(one["u"]), "").startswith("$"):
                result = writer.update(found, read_update(one["u"]), _now_ms())
            else:
                result = writer.replace(found, read_replacement(one["u"]), _now_ms())
            matched, modified = matched + result.matched_count, modified + result.modified_count
        return {"n": matched, "nModified": modified}

    def _delete(self, command: dict[str, Any]) -> dict[str, Any]:
        writer = self._writer(command)
        results = [writer.delete(read_filter(one["q"]), _now_ms()) for one in command["deletes"]]
        return {"n": sum(one.deleted_count for one in results)}

    def _drop(self, command: dict[str, Any]) -> dict[str, Any]:
        collection = self.cluster.database(command["$db"]).collection(command["drop"])
        if not collection.is_there:
            return {}
        collection.drop(_now_ms())
        return {"ns": f"{command['$db']}.{command['drop']}", "nIndexesWas": 1}

    def _renamecollection(self, command: dict[str, Any]) -> dict[str, Any]:
        db, _, coll = command["renameCollection"].partition(".")
        self.cluster.database(db).collection(coll).rename(command["to"].partition(".")[2], _now_ms())
        return {}

    # -- change streams ---------------------------------------------------------------------------------------------

    def _stream(self, namespace: str) -> list[Any]:
        db, _, coll = namespace.partition(".")
        database = self.cluster.database(db)
        return (database.collection(coll) if coll else database).stream.records

    def _aggregate(self, command: dict[str, Any]) -> dict[str, Any]:
        wanted = command["pipeline"][0]["$changeStream"]
        coll = command["aggregate"]
        namespace = command["$db"] if coll == 1 else f"{command['$db']}.{coll}"
        records = self._stream(namespace)
        position = len(records)
        if "resumeAfter" in wanted:
            ids = [one.id for one in records]
            position = ids.index(wanted["resumeAfter"]["_data"]) + 1
        elif "startAtOperationTime" in wanted:
            start = wanted["startAtOperationTime"]
            times = [one.change["clusterTime"]["$timestamp"] for one in records]
            later = [number for number, at in enumerate(times) if (at["t"], at["i"]) >= (start.time, start.inc)]
            position = later[0] if later else len(records)
        number = Int64(1000 + len(self.cursors))
        self.cursors[number] = _Cursor(namespace, position, wanted.get("fullDocument") == "updateLookup")
        now = Timestamp(_now_ms() // 1000, 0)
        return {"cursor": {**self._batch(number), "firstBatch": []}, "operationTime": now}

    def _getmore(self, command: dict[str, Any]) -> dict[str, Any]:
        number = command["getMore"]
        cursor = self.cursors[number]
        records = self._stream(cursor.namespace)[cursor.position :]
        events = []
        for record in records:
            cursor.position += 1
            events.append(self._shown(record, cursor))
            if record.change["operationType"] == "invalidate":
                cursor.is_over = True
                break
        return {"cursor": {**self._batch(number), "nextBatch": events}}

    def _batch(self, number: int) -> dict[str, Any]:
        cursor = self.cursors[number]
        db, _, coll = cursor.namespace.partition(".")
        ended = Int64(0) if cursor.is_over else Int64(number)
        return {"id": ended, "ns": f"{db}.{coll or '$cmd.aggregate'}"}

    def _shown(self, record: Any, cursor: _Cursor) -> Any:
        """A change as bson; keys in another order than ours, as MongoDB has them."""
        change = record.change
        if cursor.looks_up and change["operationType"] == "update":
            documents = self.cluster.database(change["ns"]["db"]).collection(change["ns"]["coll"]).documents
            change = json.loads(with_lookup(change, documents.with_id(change["documentKey"]["_id"])))
        order = ["_id", "operationType", "clusterTime"]
        change = {name: change[name] for name in [*order, *(name for name in change if name not in order)]}
        return json_util.loads(json.dumps(change))


class _Connection(socketserver.BaseRequestHandler):
    server: MongoServer

    def handle(self) -> None:
        self.server.sockets.append(self.request)
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._serve()

    def _serve(self) -> None:
        length, request, _, code = HEADER.unpack(self._read(HEADER.size))
        body = self._read(length - HEADER.size)
        if code == OP_QUERY:  # the greeting of a driver that does not know the server yet
            start = body.index(b"\0", 4) + 9
            answer = self.server.answer(bson.decode(body[start:]))
            self._write(request, OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(answer))
        elif code == OP_MSG:
            (flags,) = struct.unpack_from("<I", body)
            answer = self.server.answer(_command(body[4:]))
            if not flags & MORE_TO_COME:
                self._write(request, OP_MSG, struct.pack("<IB", 0, 0) + bson.encode(answer))

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _write(self, request: int, code: int, body: bytes) -> None:
        self.request.sendall(HEADER.pack(HEADER.size + len(body), 0, request, code) + body)


def _command(sections: bytes) -> dict[str, Any]:
    """The document of a message, with its sequences of documents in their places."""
    command: dict[str, Any] = {}
    while sections:
        kind, rest = sections[0], sections[1:]
        (size,) = struct.unpack_from("<i", rest)
        section, sections = rest[:size], rest[size:]
        if kind == 0:
            command = {**bson.decode(section), **command}
        else:
            name, _, documents = section[4:].partition(b"\0")
            command[name.decode()] = bson.decode_all(documents)
    # the command's name comes first, whatever the order of the sections
    first = [name for name in command if name not in ("documents", "updates", "deletes")]
    return {name: command[name] for name in [*first, *(name for name in command if name not in first)]}
