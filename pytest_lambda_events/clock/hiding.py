"""A running event loop, out of the handler's sight. The law: afterwards everything is as it was.

In an `async def` test a loop runs already, and `asyncio.run` in the handler would refuse to start another.
"""

from __future__ import annotations

from asyncio import events, tasks
from contextlib import ExitStack
from typing import Any

__all__ = ["hide_loop"]


def hide_loop(running: Any) -> ExitStack:
    """Hide a thread's running loop until what is returned is closed."""
    stack = ExitStack()
    facade: Any = events
    # the public name is deprecated where the private one exists
    policy = getattr(facade, "_get_event_loop_policy", None) or facade.get_event_loop_policy
    local: Any = getattr(policy(), "_local", None)
    if hasattr(local, "_loop"):
        # asyncio.run leaves no current loop behind, and the test has one
        stack.callback(setattr, local, "_loop", local._loop)
    stack.callback(events._set_running_loop, running)
    swap_task: Any = getattr(tasks, "_swap_current_task", None)
    try:
        task = swap_task(running, None) if swap_task is not None else None
    except KeyError:  # 3.12 and 3.13, where no task runs but a plain callback of the loop
        task = None
    events._set_running_loop(None)
    if task is not None:
        # from 3.14 a thread has one current task, whatever the loop; put back last, when its loop is running again
        restore = ExitStack()
        restore.callback(swap_task, running, task)
        restore.callback(stack.close)
        return restore
    return stack
