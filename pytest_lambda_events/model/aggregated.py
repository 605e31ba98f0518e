"""Many records in one, as the Kinesis Producer Library (KPL) packs them. The law: pure, and byte for byte its format.

Four bytes that nothing else begins with, a protobuf message, and the message's MD5::

    message AggregatedRecord {
      repeated string partition_key_table     = 1;
      repeated string explicit_hash_key_table = 2;
      repeated Record records                 = 3;
    }
    message Record {
      required uint64 partition_key_index     = 1;
      optional uint64 explicit_hash_key_index = 2;
      required bytes  data                    = 3;
    }

Format: KPL, "KPL Aggregated Record Format". Lambda hands such a record over as it is; consumers take it apart
(Kinesis Developer Guide, "Process serialized data using AWS Lambda with the KPL").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAGIC", "UserRecord", "aggregated", "deaggregated"]

MAGIC: Final = b"\xf3\x89\x9a\xc2"

_SUM_BYTES: Final = 16
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5  # protobuf's wire types
_FIXED_BYTES: Final = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT: Final = 10
_MORE: Final = 0x80  # the bit of a byte that says that another follows


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """One of the records within."""

    data: bytes
    partition_key: str
    explicit_hash_key: str | None = None


def aggregated(records: Sequence[UserRecord]) -> bytes:
    """The data of one Kinesis record that carries these. A key stands in its table once, however often it is used."""
    keys: dict[str, int] = {}
    hash_keys: dict[str, int] = {}
    packed = []
    for record in records:
        place = keys.setdefault(record.partition_key, len(keys))
        message = _integer(1, place)
        if record.explicit_hash_key is not None:
            message += _integer(2, hash_keys.setdefault(record.explicit_hash_key, len(hash_keys)))
        packed.append(_content(3, message + _content(3, record.data)))
    tables = [_content(1, key.encode("utf-8")) for key in keys]
    tables += [_content(2, key.encode("utf-8")) for key in hash_keys]
    whole = b"".join((*tables, *packed))
    return MAGIC + whole + _sum(whole)


def deaggregated(data: bytes) -> list[UserRecord] | None:
    """The records within; None for data that is not aggregated, which is a record of its own.

    What begins like an aggregated record and has a wrong MD5, or no such message, is not one either: so says the
    library for Lambda functions (aws_kinesis_agg), too.
    """
    whole, checked = data[len(MAGIC) : -_SUM_BYTES], data[-_SUM_BYTES:]
    if not data.startswith(MAGIC) or not whole or _sum(whole) != checked:
        return None
    try:
        return _records(whole)
    except (IndexError, ValueError):
        return None


def _records(whole: bytes) -> list[UserRecord]:
    keys: list[str] = []
    hash_keys: list[str] = []
    messages: list[bytes] = []
    for number, value in _fields(whole):
        match number, value:
            case 1, bytes():
                keys.append(value.decode("utf-8"))
            case 2, bytes():
                hash_keys.append(value.decode("utf-8"))
            case 3, bytes():
                messages.append(value)
            case _:  # of a later version: protobuf's rule is to pass over it
                pass
    return [_record(message, keys, hash_keys) for message in messages]


def _record(message: bytes, keys: list[str], hash_keys: list[str]) -> UserRecord:
    data: bytes | None = None
    place: int | None = None
    hash_place: int | None = None
    for number, value in _fields(message):
        match number, value:
            case 1, int():
                place = value
            case 2, int():
                hash_place = value
            case 3, bytes():
                data = value
            case _:
                pass
    if data is None or place is None:
        raise ValueError("a record without data or partition key")
    hash_key = None if hash_place is None else hash_keys[hash_place]
    return UserRecord(data=data, partition_key=keys[place], explicit_hash_key=hash_key)


def _sum(whole: bytes) -> bytes:
    return hashlib.md5(whole, usedforsecurity=False).digest()


# -- protobuf's encoding -------------------------------------------------------------------------------------------


def _varint(number: int) -> bytes:
    written = bytearray()
    while number >= _MORE:
        written.append(number & 0x7F | _MORE)
        number >>= 7
    written.append(number)
    return bytes(written)


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _content(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(content)) + content


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field. Errors: `IndexError`, `ValueError` for what is no message."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _read_varint(message, at)
            yield tag >> 3, value
            continue
        if wire == _LENGTH:
            size, at = _read_varint(message, at)
        else:
            size = _FIXED_BYTES.get(wire, len(message) + 1)
        if at + size > len(message):
            raise ValueError("a field that ends beyond its message, or of an unknown type")
        yield tag >> 3, message[at : at + size]
        at += size


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place, and the place behind it."""
    number = 0
    for place in range(_LONGEST_VARINT):
        byte = message[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < _MORE:
            return number, at + place + 1
    raise ValueError("a number of more than ten bytes")
