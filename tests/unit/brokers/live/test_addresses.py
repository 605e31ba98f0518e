"""URLs of brokers, and what is said of those that are none."""

from __future__ import annotations

import pytest

from pytest_lambda_events.brokers.live.addresses import shown_url, split_url
from pytest_lambda_events.brokers.live.mongodb import MongoConnection
from pytest_lambda_events.errors import UsageError

PORTS = {"stomp": 61613, "stomp+ssl": 61614}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("stomp://u:secret@host:1", "stomp://…@host:1"),
        ("stomp+ssl://u:sec@ret@host", "stomp+ssl://…@host"),
        ("stomp://u:sec/ret@host", "stomp://…@host"),
        ("u:secret@host", "…@host"),
        ("stomp://u:sec\nret@host", "stomp://…@host"),
        ("stomp://host:61613", "stomp://host:61613"),
        ("host", "host"),
    ],
)
def test_a_url_is_shown_without_who_signs_in(url: str, shown: str) -> None:
    """Whatever there is in a password."""
    assert shown == shown_url(url)


@pytest.mark.parametrize(
    ("url", "port"), [("stomp://u:p@host", 61613), ("stomp+ssl://host", 61614), ("stomp://host:1", 1)]
)
def test_a_url_without_a_port_has_its_schemes(url: str, port: int) -> None:
    """The host is the URL's."""
    parts, found = split_url(url, PORTS, "write another")
    assert ("host", port) == (parts.hostname, found)


@pytest.mark.parametrize(
    "url", ["amqp://u:secret@host", "u:secret@host", "stomp://u:secret@", "stomp://u:secret/1@host", "stomp://h:secret"]
)
def test_what_is_no_url_is_refused_without_its_password(url: str) -> None:
    """With an example of one."""
    with pytest.raises(UsageError, match="write another") as caught:
        split_url(url, PORTS, "write another")
    assert "u:secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://u:secret@host", "mongodb://u:secret@host:many"])
def test_mongodb_refuses_without_the_password(url: str) -> None:
    """The words are pymongo's."""
    with pytest.raises(UsageError, match="write one like mongodb://") as caught:
        MongoConnection(url, {})
    assert "secret" not in str(caught.value)
