"""How a stream goes on after an invocation. The law: pure, from numbers to a `Course`; one table says all.

=================================================  =========================================================
the batch                                          goes on
=================================================  =========================================================
succeeded                                          done: the checkpoint moves past it
failed from a later record on (reported)           suffix: from there, a new batch; the checkpoint moves to it
failed from the first on, bisect, 2 or more        split: floor(n/2), then the rest; no retry is used
failed from the first on, attempts used up         discard: all of it, also what was never tried alone
failed from the first on                           retry: unchanged, with the same request id
=================================================  =========================================================

A new batch (a suffix, a half) has a request id and a retry budget of its own, and goes out at once. Halves are worked
off depth first, the lower one first.

Rules: Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and Lambda", and
recordings. MaximumRetryAttempts counts tries after the first. That a batch is also split when no retries are allowed,
or any number of them, is our choice.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Course", "CourseKind", "go_on"]

CourseKind = Literal["done", "suffix", "split", "discard", "retry", "again"]
"""`again` is no decision of this module: a poller that was gone before it moved the checkpoint begins anew."""


class Course(NamedTuple):
    """What comes next. `at` is how many records end before a suffix, or belong to the lower half."""

    kind: CourseKind
    at: int = 0


_DONE = Course("done")
_DISCARD = Course("discard")
_RETRY = Course("retry")


def go_on(*, size: int, failed_from: int | None, attempts: int, retry_attempts: int | None, bisects: bool) -> Course:
    """How a batch of `size` records goes on after its `attempts`-th attempt.

    `failed_from` is the index of the first record that failed, None when none did; `retry_attempts` None is no end.
    The final invocation of a window has no records: it fails as a whole, from 0 on.
    """
    if failed_from is None:
        return _DONE
    if failed_from > 0:
        return Course("suffix", failed_from)
    if bisects and size > 1:
        return Course("split", size // 2)
    if retry_attempts is not None and attempts > retry_attempts:
        return _DISCARD
    return _RETRY
