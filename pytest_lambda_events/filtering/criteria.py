"""FilterCriteria: the filters of a mapping together. The law: a record passes if any filter lets it pass.

Refusals here are about the patterns; what AWS says when a mapping cannot be created is the caller's business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.filtering.explaining import Clause, Explanation
from pytest_lambda_events.filtering.formats import PAYLOADS, family_of, verdict
from pytest_lambda_events.filtering.pattern import compile_pattern
from pytest_lambda_events.filtering.refusing import InvalidPattern, refuse
from pytest_lambda_events.filtering.seeing import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.filtering.pattern import Pattern, PatternKind
    from pytest_lambda_events.filtering.seeing import Seen

__all__ = ["MAX_FILTERS", "Criteria", "read_criteria"]

MAX_FILTERS: Final = 10
"""Filters of one mapping: 5, or up to 10 on request (Lambda Developer Guide, "Control which events Lambda sends")."""


class Criteria:
    """The compiled filters of a mapping, in `patterns`. Made by `read_criteria`; never changes."""

    __slots__ = ("_plans", "patterns")

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self.patterns = patterns
        self._plans: dict[str, _Plan] = {}

    def passes(self, source_name: str, record: Mapping[str, Any]) -> bool:
        """Whether a record of this source's event passes; the record is not changed.

        Rules: what a pattern sees is `seeing.seen`, what becomes of payloads of another format `formats.verdict`. A
        pattern that AWS refuses for this source (`formats.check_against`) lets nothing pass.

        Errors: `ValueError` for a source that has no filters.
        """
        return self._plan(source_name).passes(record)

    def _plan(self, source_name: str) -> _Plan:
        plan = self._plans.get(source_name)
        if plan is None:
            plan = self._plans[source_name] = _Plan(source_name, self.patterns)
        return plan

    def explain(self, source_name: str, record: Mapping[str, Any]) -> Explanation:
        """Whether a record of this source's event passes, and which clause of which filter held or failed on what.

        Errors: `ValueError` for a source that has no filters.
        """
        found = self._plan(source_name).explained(record)
        return Explanation(
            matched=any(matched for matched, _ in found), clauses=tuple(one for _, all_ in found for one in all_)
        )

    @property
    def advice(self) -> frozenset[str]:
        """The codes of `advice.ADVICE` that these patterns deserve."""
        return frozenset[str]().union(*(pattern.advice for pattern in self.patterns))


def read_criteria(value: Any) -> Criteria | None:
    """Compile FilterCriteria as the API has it, `{"Filters": [{"Pattern": "..."}]}`; None when there are no filters.

    Errors: `InvalidPattern` for what is no such structure, for too many filters, and for a pattern that AWS would not
    take; its path begins with the filter, such as `Filters[1].Pattern`.
    """
    if value is None:
        return None
    filters = value.get("Filters") if isinstance(value, dict) else value
    if filters is None:
        return None
    if not isinstance(filters, (list, tuple)):
        refuse("Filters", f'give {{"Filters": [{{"Pattern": "..."}}]}}, not {value!r:.80}')
    if len(filters) > MAX_FILTERS:
        refuse("Filters", f"there are {len(filters)} filters, and a mapping has at most {MAX_FILTERS}")
    patterns = tuple([_compiled(one, f"Filters[{number}].Pattern") for number, one in enumerate(filters)])
    return Criteria(patterns) if patterns else None


def _compiled(one: Any, path: str) -> Pattern:
    text = one.get("Pattern") if isinstance(one, dict) else None
    if not isinstance(text, str):
        refuse(path, f"a filter is {{'Pattern': <JSON text>}}, not {one!r:.80}; for a dict, give json.dumps of it")
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        place = f"{path}: {error.path}" if error.path else path
        raise InvalidPattern(error.reason, place) from None


class _Alternative:
    """One alternative of a pattern, and with it what is left when conditions on a payload are left out."""

    __slots__ = ("_left", "kinds", "pattern")

    def __init__(self, pattern: Pattern, names: tuple[str, ...]) -> None:
        self.pattern = pattern
        kinds: dict[str, PatternKind] = {name: pattern.kind_of(name) for name in names}
        self.kinds = {name: kind for name, kind in kinds.items() if kind != "none"}
        self._left: dict[frozenset[str], Pattern] = {frozenset(): pattern}

    def without(self, names: frozenset[str]) -> Pattern:
        """The pattern without conditions on these payloads."""
        if names not in self._left:
            self._left[names] = self.pattern.without(names)
        return self._left[names]


class _Plan:
    """How one source's records are filtered: only payloads that a pattern names are decoded, each once."""

    __slots__ = ("_alternatives", "_family", "_source_name", "_wanted")

    def __init__(self, source_name: str, patterns: tuple[Pattern, ...]) -> None:
        self._family = family_of(source_name)
        self._source_name = source_name
        names = PAYLOADS[source_name][1]
        self._alternatives = tuple(
            [_Alternative(alternative, names) for pattern in patterns for alternative in pattern.alternatives]
        )
        self._wanted = tuple([name for name in names if any(name in one.kinds for one in self._alternatives)])

    def passes(self, record: Mapping[str, Any]) -> bool:
        view = seen(self._source_name, record, self._wanted)
        return any(self._lets_pass(one, view) for one in self._alternatives)

    def _lets_pass(self, alternative: _Alternative, view: Seen) -> bool:
        left_out = []
        for name, kind in alternative.kinds.items():
            outcome = verdict(view.payloads[name], kind, self._family)
            if outcome in {"dropped", "refused"}:
                return False
            if outcome == "metadata_only":
                left_out.append(name)
        return alternative.without(frozenset(left_out)).matches(view.value)

    def explained(self, record: Mapping[str, Any]) -> list[tuple[bool, list[Clause]]]:
        """For each alternative, whether it lets the record pass, and its clauses."""
        view = seen(self._source_name, record, self._wanted)
        return [self._explained(number, one, view) for number, one in enumerate(self._alternatives)]

    def _explained(self, number: int, alternative: _Alternative, view: Seen) -> tuple[bool, list[Clause]]:
        label = f"alternative {number + 1}" if len(self._alternatives) > 1 else ""
        left_out, clauses = [], []
        for name, kind in alternative.kinds.items():
            payload = view.payloads[name]
            outcome = verdict(payload, kind, self._family)
            if outcome == "evaluated":
                continue
            left_out.append(name)
            wanted = "JSON" if kind == "object" else "a plain text"
            effect = "the record is dropped" if outcome != "metadata_only" else "conditions on it are left out"
            clauses.append(
                Clause(
                    path=name,
                    expected=f"{wanted}, as the pattern has it (otherwise {effect})",
                    found=(),
                    passed=outcome == "metadata_only",
                    alternative=label,
                    remark=_FORMAT_NAMES[payload],
                )
            )
        rest = alternative.without(frozenset(left_out)).explain(view.value)
        clauses += [replace(clause, alternative=label) for clause in rest.clauses]
        return all(clause.passed for clause in clauses), clauses


_FORMAT_NAMES: Final = {"json": "JSON", "text": "a text that is no JSON", "binary": "bytes that are no UTF-8"}
