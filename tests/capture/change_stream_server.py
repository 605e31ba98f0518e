"""As much of MongoDB's wire protocol as a change stream needs: pymongo's own driver talks to it over TCP.

No MongoDB or DocumentDB can be had for tests. This answers hello, aggregate with $changeStream, getMore and
killCursors, in OP_MSG; what a change looks like is the test's business.
"""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
import time

import bson

OP_MSG, OP_QUERY, OP_REPLY = 2013, 2004, 1
HELLO = {
    "isWritablePrimary": True,
    "ismaster": True,
    "setName": "rs0",
    "maxBsonObjectSize": 16 * 1024 * 1024,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "helloOk": True,
    "ok": 1.0,
}


class Changes:
    """What happened, in order."""

    def __init__(self) -> None:
        self.all: list[dict] = []
        self.asked: list[dict] = []
        self.refused: dict[str, str] = {}
        self._changed = threading.Condition()

    def happen(self, operation: str, namespace: str, **content) -> None:
        """A change; its time counts seconds from the first one on."""
        with self._changed:
            number = len(self.all) + 1
            moment = bson.Timestamp(1_700_000_000 + number, 1)
            database, _, collection = namespace.partition(".")
            token = f"01{moment.time:08x}{moment.inc:08x}01{moment.inc:08x}0000{number:04x}"
            self.all.append(
                {
                    "_id": {"_data": token},
                    "operationType": operation,
                    "clusterTime": moment,
                    "wallTime": bson.datetime_ms.DatetimeMS(0),  # MongoDB's own, which DocumentDB does not have
                    "ns": {"db": database, "coll": collection},
                    **content,
                }
            )
            self._changed.notify_all()

    def after(self, place: int, seconds: float) -> list[dict]:
        """What came behind a place, waited for so long."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: len(self.all) > place, max(deadline - time.monotonic(), 0))
            return self.all[place:]


class Handler(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                length, number, _, code = struct.unpack("<iiii", self._read(16))
                body = self._read(length - 16)
                if code == OP_QUERY:
                    start = body.index(b"\0", 4) + 9
                    answer = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(self._answer(bson.decode(body[start:])))
                    self._send(number, OP_REPLY, answer)
                elif code == OP_MSG:
                    asked = bson.decode(body[5 : 5 + struct.unpack("<i", body[5:9])[0]])
                    self._send(number, OP_MSG, b"\0\0\0\0\0" + bson.encode(self._answer(asked)))

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = self.request.recv(length - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _send(self, number: int, code: int, body: bytes) -> None:
        self.request.sendall(struct.pack("<iiii", 16 + len(body), 0, number, code) + body)

    def _answer(self, asked: dict) -> dict:
        changes, name = self.server.changes, next(iter(asked))
        if name in changes.refused:
            return {"ok": 0.0, "errmsg": changes.refused[name], "code": 303, "codeName": "FeatureNotSupported"}
        if name == "aggregate":
            stage = asked["pipeline"][0]["$changeStream"]
            changes.asked.append(stage)
            return self._cursor(asked, asked["aggregate"], self._begin(stage), "firstBatch", 0)
        if name == "getMore":
            place = self.server.places[asked["getMore"]]
            return self._cursor(asked, asked["collection"], place, "nextBatch", asked.get("maxTimeMS", 100) / 1000)
        me = "{}:{}".format(*self.server.server_address)
        return {**HELLO, "hosts": [me], "me": me, "primary": me}

    def _begin(self, stage: dict) -> int:
        known = self.server.changes.all
        if "startAtOperationTime" in stage:
            earlier = [one for one in known if one["clusterTime"] < stage["startAtOperationTime"]]
            return len(earlier)
        token = stage.get("resumeAfter")
        return len(known) if token is None else [one["_id"] for one in known].index(token) + 1

    def _cursor(self, asked: dict, collection, place: int, key: str, seconds: float) -> dict:
        found = self.server.changes.after(place, seconds)
        mine = [
            one
            for one in found
            if one["ns"]["db"] == asked["$db"] and collection in (1, "$cmd.aggregate", one["ns"]["coll"])
        ]
        self.server.places[77] = place + len(found)
        cursor = {"id": bson.Int64(77), "ns": f"{asked['$db']}.{collection}", key: mine}
        return {"cursor": cursor, "operationTime": bson.Timestamp(1_700_000_000 + place, 1), "ok": 1.0}


class Server(socketserver.ThreadingTCPServer):
    """A replica set of one, on a free port."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.changes = Changes()
        self.places: dict[int, int] = {}
        self.uri = "mongodb://{}:{}/?replicaSet=rs0".format(*self.server_address)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
