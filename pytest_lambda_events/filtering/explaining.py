"""Why a record fits a pattern, or does not. The law: it says what the matcher does, by the same steps, and in words.

A clause is judged in the elements of arrays that the clauses before it left in play. One that holds nowhere there has
failed, and the clauses after it are judged as if it were not in the pattern, so that each failure is told by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.filtering.matching import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.filtering.matching import Elements, Matcher, Step
    from pytest_lambda_events.filtering.reading import Alternative

__all__ = ["Clause", "Explanation", "explain"]

_MOST_VALUES: Final = 5
_MOST_ALTERNATIVES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition of a pattern, and what became of it.

    `path` is the path in the record, `expected` what the pattern wants there, in words; `found` has the values there,
    none when there is none; `remark` says what is there instead. `alternative` names the choices of `$or` that the
    clause belongs to, such as "$or[1]"; it is empty in a pattern without.
    """

    path: str
    expected: str
    found: tuple[Any, ...]
    passed: bool
    alternative: str = ""
    remark: str = ""

    def __str__(self) -> str:
        values = [f"{_json(value):.80}" for value in self.found[:_MOST_VALUES]]
        if len(self.found) > _MOST_VALUES:
            values.append(f"{len(self.found) - _MOST_VALUES} more")
        found = ", ".join(values) or self.remark
        return f"{self.path}: {'holds' if self.passed else 'FAILS'}, expected {self.expected}, found {found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether a record fits a pattern, and each clause; with `$or` those of each alternative, one after another."""

    matched: bool
    clauses: tuple[Clause, ...]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "the record matches" if self.matched else "the record does not match"
        alternatives = list(dict.fromkeys(clause.alternative for clause in self.clauses))
        for alternative in alternatives[:_MOST_ALTERNATIVES]:
            clauses = [clause for clause in self.clauses if clause.alternative == alternative]
            if alternative:
                yield f"  {alternative}: {'holds' if all(clause.passed for clause in clauses) else 'FAILS'}"
            indent = "    " if alternative else "  "
            yield from (f"{indent}{clause}" for clause in clauses)
        if len(alternatives) > _MOST_ALTERNATIVES:
            yield f"  and {len(alternatives) - _MOST_ALTERNATIVES} more alternatives"


def explain(alternatives: Sequence[Alternative], matchers: Sequence[Matcher], record: Any) -> Explanation:
    """Explain a record against all alternatives of a pattern; `matchers` are theirs, in the same order."""
    clauses: list[Clause] = []
    matched = False
    for alternative, matcher in zip(alternatives, matchers, strict=True):
        told = _clauses(" and ".join(alternative.choices), matcher, record)
        clauses += told
        matched = matched or (isinstance(record, dict) and all(clause.passed for clause in told))
    return Explanation(matched=matched, clauses=tuple(clauses))


def _clauses(name: str, matcher: Matcher, record: Any) -> list[Clause]:
    clauses: list[Clause] = []
    chosen: set[Elements] = {ANYWHERE}
    for number, step in enumerate(matcher.steps):
        following = matcher.after(number, record, chosen) if isinstance(record, dict) else set()
        found = _found(step, record, chosen)
        clauses.append(
            Clause(
                path=step.condition.name,
                expected=" or ".join([rule.expected for rule in step.condition.rules]),
                found=found,
                passed=bool(following),
                alternative=name,
                remark="" if found else _remark(step, record),
            )
        )
        chosen = following or chosen
    return clauses


def _found(step: Step, record: Any, chosen: set[Elements]) -> tuple[Any, ...]:
    """Each value once, by its JSON: 1 and true are equal in Python."""
    if not isinstance(record, dict):
        return ()
    values = {_json(field.value): field.value for elements in chosen for field in step.fields(record, elements)}
    return tuple([values[text] for text in sorted(values)])


def _remark(step: Step, record: Any) -> str:
    """What is at the path, when it is no value."""
    if not isinstance(record, dict):
        return "nothing: the record is no JSON object"
    value: Any = record
    for segment in step.segments:
        if not isinstance(value, dict) or segment not in value:
            return "nothing"
        value = value[segment]
    return "an object, which is no value" if isinstance(value, dict) else "an array without values"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
