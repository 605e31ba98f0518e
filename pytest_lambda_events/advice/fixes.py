"""What to do about advice that a template can be given, in one line each. The law: a code that `lambda-events advise`
says has its fix here; what a run says has it in its message.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.advice import (
    MAPPING_REFUSED,
    concurrency_above_reserved,
    dead_letter_retention,
    endless_retries,
    failures_not_reported,
    filter_drops_all,
    latest_loses,
    no_dead_letter_queue,
    receive_count,
    starting_position_defaulted,
    visibility_timeout,
)
from pytest_lambda_events.filtering.advice import NUMBER_SPELLING, PATH_TWICE, UNDOCUMENTED_OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIXES"]

FIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        MAPPING_REFUSED: "Change what AWS's sentence names.",
        NUMBER_SPELLING: "Write the number as the producer does, or use numeric.",
        PATH_TWICE: "Merge the two conditions into one.",
        UNDOCUMENTED_OPERATOR: "Try the mapping on AWS before relying on it.",
        concurrency_above_reserved.CODE: "Lower MaximumConcurrency, or raise ReservedConcurrentExecutions.",
        dead_letter_retention.CODE: "MessageRetentionPeriod of 1209600 (14 days) on the dead-letter queue.",
        endless_retries.CODE: "Limit MaximumRetryAttempts or MaximumRecordAgeInSeconds, and name a DestinationConfig.",
        failures_not_reported.CODE: "FunctionResponseTypes with ReportBatchItemFailures, and a handler that uses it.",
        filter_drops_all.CODE: "Name keys that records of the source have.",
        latest_loses.CODE: "StartingPosition TRIM_HORIZON, or AT_TIMESTAMP.",
        no_dead_letter_queue.CODE: "A RedrivePolicy on the queue.",
        receive_count.CODE: "maxReceiveCount of 5 or more.",
        starting_position_defaulted.CODE: "Say which StartingPosition.",
        visibility_timeout.CODE: "VisibilityTimeout of six times the function's Timeout, plus the batching window.",
    }
)
"""A fix for each code."""
