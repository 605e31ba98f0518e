"""A message of RabbitMQ: its fields, and what is equal."""

from __future__ import annotations

from dataclasses import fields

from pytest_lambda_events.model.rabbitmq_message import PROPERTIES, RabbitMqMessage

OURS = ("id", "data", "queue", "vhost", "sent_ms")


def test_every_property_of_amqp_is_a_field():
    """In AMQP's order, behind what is ours."""
    assert (*OURS, *PROPERTIES) == tuple(field.name for field in fields(RabbitMqMessage))


def test_messages_are_equal_by_their_id():
    """Whatever they carry."""
    one, same, other = (
        RabbitMqMessage(id=name, data=data, queue="q", vhost="/", sent_ms=0)
        for name, data in (("q::/#1", b"a"), ("q::/#1", b"b"), ("q::/#2", b"a"))
    )

    assert one == same
    assert 1 == len({one, same})
    assert one != other
    assert one != "q::/#1"
