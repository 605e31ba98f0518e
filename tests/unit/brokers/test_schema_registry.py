"""Registries in memory: ids, versions, and where they are found."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.type_pb2 import EnumValue, Field

from pytest_lambda_events.brokers.schema_registry import SchemaRegistries
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers

ARN = "arn:aws:glue:us-east-1:123456789012:registry/shop"


class Glue:
    """What is in moto's Glue: the registries of these ARNs, without schemas."""

    def __init__(self, *arns: str) -> None:
        self.arns = arns
        self.asked: list[tuple[str, str]] = []

    def has(self, registry_arn: str) -> bool:
        return registry_arn in self.arns

    def schema(self, registry_arn: str, version_id: str) -> Any:
        self.asked.append((registry_arn, version_id))


def registries(glue: Glue | None = None, seed: int = 0) -> SchemaRegistries:
    return SchemaRegistries(Identifiers(seed), region="us-east-1", account="123456789012", in_glue=glue or Glue())


def test_confluent_counts_schemas_over_all_subjects() -> None:
    """The same schema has the same id under another subject; versions are the subject's own."""
    registry = registries().confluent("https://r")
    first = registry.register("a", "string", "AVRO")
    again = registry.register("a", '"string"', "AVRO")
    other = registry.register("a", "int", "AVRO")
    elsewhere = registry.register("b", "int", "AVRO")
    as_json = registry.register("a", True, "JSON")
    assert [one.schema_id for one in (first, again, other, elsewhere, as_json)] == ["1", "1", "2", "2", "3"]
    assert [one.version for one in (first, again, other, elsewhere, as_json)] == [1, 1, 2, 1, 3]
    assert (elsewhere.subject, elsewhere.registry_uri, elsewhere.registry) == ("b", "https://r", "confluent")
    assert [one.schema_id for one in registry.schemas] == ["1", "2", "3"]


def test_glue_gives_each_version_of_each_schema_a_uuid() -> None:
    """The same definition again is the same version; under another name it is another."""
    registry = registries().glue("shop")
    first = registry.register("a", "string", "AVRO")
    again = registry.register("a", "string", "AVRO")
    elsewhere = registry.register("b", "string", "AVRO")
    assert first == again
    assert len({first.schema_id, elsewhere.schema_id}) == 2
    assert len(first.schema_id) == 36
    assert registries().glue("shop").register("a", "string", "AVRO").schema_id == first.schema_id  # same seed
    assert registries(seed=1).glue("shop").register("a", "string", "AVRO").schema_id != first.schema_id


def test_messages_of_one_file_are_one_schema_of_confluents() -> None:
    """What tells them apart is the index."""
    registry = registries().confluent("https://r")
    field, value = registry.register("f", Field, "PROTOBUF"), registry.register("v", EnumValue, "PROTOBUF")
    assert field.schema_id == value.schema_id
    assert (field.message_indexes, value.message_indexes) == ((1,), (3,))


def test_a_deleted_schema_is_not_found_and_comes_back_under_another_id() -> None:
    """Ids are not given twice."""
    registry = registries().confluent("https://r")
    schema = registry.register("a", "string", "AVRO")
    assert registry.find("1") == schema
    registry.delete(schema)
    registry.delete(schema)
    assert (registry.find("1"), registry.schemas) == (None, [])
    assert registry.register("a", "string", "AVRO").schema_id == "2"


def test_a_registry_is_one_by_its_address_or_arn() -> None:
    """A slash at the end makes no other one; a name stands for the ARN."""
    all_ = registries()
    confluent, glue = all_.confluent("https://r/"), all_.glue("shop")
    assert all_.confluent("https://r") is all_.find("https://r/") is confluent
    assert all_.glue(ARN) is all_.find(ARN) is glue
    assert (confluent.uri, glue.uri) == ("https://r", ARN)
    assert all_.find("https://other") is None
    assert repr(confluent) == "<SchemaRegistry https://r: 0 schemas>"


def test_a_registry_of_the_users_own_code_is_found() -> None:
    """And asked for what was not registered here."""
    glue = Glue(ARN)
    all_ = registries(glue)
    found = all_.find(ARN)
    assert found is not None
    assert found is all_.glue("shop")
    mine = found.register("a", "string", "AVRO")
    assert found.find(mine.schema_id) == mine
    assert found.find("x") is None
    assert glue.asked == [(ARN, "x")]
    assert all_.find(ARN.replace("shop", "other")) is None


def test_bytes_are_taken_for_what_a_serializer_wrote() -> None:
    """Everything else is encoded."""
    schema = registries().confluent("https://r").register("a", "string", "AVRO")
    assert [schema.encode(one) for one in ("a", b"\xff", bytearray(b"\xff"))] == [b"\x02a", b"\xff", b"\xff"]


@pytest.mark.parametrize("url", ["http://r", "registry.example.com", "https://", ARN])
def test_no_address(url: str) -> None:
    with pytest.raises(UsageError, match=r"has an address such as https://registry\.example\.com"):
        registries().confluent(url)


@pytest.mark.parametrize(
    "name", ["", "a b", "arn:aws:glue:us-east-1:1:registry/x", "arn:aws:sqs:us-east-1:123456789012:q"]
)
def test_no_name(name: str) -> None:
    with pytest.raises(UsageError, match="give a registry's name"):
        registries().glue(name)


def test_a_subject_has_a_name() -> None:
    with pytest.raises(UsageError, match="name it, such as orders-value"):
        registries().confluent("https://r").register("", "string", "AVRO")
