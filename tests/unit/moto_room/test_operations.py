"""The table of what is replaced: all of it or none, and an unknown moto is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from moto.sqs.models import Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pytest_lambda_events.brokers.moto import operations
from pytest_lambda_events.brokers.moto.operations import OPERATIONS
from pytest_lambda_events.errors import UnsupportedMoto, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.moto.surface import MotoSurface


def test_each_line_of_the_table_is_there_once_and_says_its_rule() -> None:
    keys = [(operation.owner, operation.name) for operation in OPERATIONS]
    assert len(keys) == len(set(keys))
    assert all(operation.replacement.__doc__ for operation in OPERATIONS)
    assert {operation.owner for operation in OPERATIONS} == {Queue, SQSBackend, SQSResponse}


@pytest.mark.parametrize(
    ("owner", "name", "change", "words"),
    [
        (SQSBackend, "purge_queue", None, r"moto\.sqs\.models\.SQSBackend has no purge_queue of its own"),
        (
            SQSBackend,
            "send_message",
            lambda self, queue: None,
            r"SQSBackend\.send_message takes \(queue\), not \(queue_",
        ),
        (SQSBackend, "delete_message", 3, r"SQSBackend\.delete_message is not a method"),
        (Queue, "approximate_number_of_messages", 3, r"approximate_number_of_messages is not a property"),
    ],
)
def test_another_moto_is_refused_by_name(
    idle_surface: MotoSurface, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, change: Any, words: str
) -> None:
    before = {(operation.owner, operation.name): vars(operation.owner).get(operation.name) for operation in OPERATIONS}
    if change is None:
        monkeypatch.delattr(owner, name)
    else:
        monkeypatch.setattr(owner, name, change)
    with pytest.raises(UnsupportedMoto, match=words) as caught:
        idle_surface.start()
    assert "moto 5." in str(caught.value)
    for operation in OPERATIONS:
        if (operation.owner, operation.name) != (owner, name):
            assert vars(operation.owner).get(operation.name) is before[operation.owner, operation.name]


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.delattr(SQSResponse, "_get_queue_name"),
        lambda patch: patch.setattr(operations, "_QUEUE_FIELDS", ("no_such_field",)),
    ],
)
def test_other_internals_are_refused_by_name(
    idle_surface: MotoSurface, monkeypatch: pytest.MonkeyPatch, change: Callable[[pytest.MonkeyPatch], None]
) -> None:
    operations.check_internals.cache_clear()
    change(monkeypatch)
    with pytest.raises(UnsupportedMoto, match=r"has no (_get_queue_name|no_such_field)"):
        idle_surface.start()


def test_moto_in_another_process_is_refused(idle_surface: MotoSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_lambda_events.brokers.moto.surface.mock_aws", object)
    with pytest.raises(UnsupportedMoto, match="server or proxy mode"):
        idle_surface.start()


def test_a_refused_start_can_be_followed_by_another(surface: MotoSurface) -> None:
    with pytest.raises(UsageError):
        surface.start()
    assert surface.queues() == []


def test_what_a_moto_does_not_have_is_put_beside_and_taken_away(idle_surface: MotoSurface) -> None:
    name = "start_message_move_task"
    assert not hasattr(SQSResponse, name)
    idle_surface.start()
    assert vars(SQSResponse)[name].__name__ == name
    idle_surface.stop()
    assert not hasattr(SQSResponse, name)


def test_what_a_newer_moto_has_is_replaced(idle_surface: MotoSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel_message_move_task(self: Any) -> None:
        """A newer moto's own."""

    monkeypatch.setattr(SQSResponse, "cancel_message_move_task", cancel_message_move_task, raising=False)
    idle_surface.start()
    assert SQSResponse.cancel_message_move_task is not cancel_message_move_task
    idle_surface.stop()
    assert SQSResponse.cancel_message_move_task is cancel_message_move_task
