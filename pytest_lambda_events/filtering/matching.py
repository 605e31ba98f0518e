"""Whether a record fits an alternative of a pattern. The law: a record is walked along the names that the pattern has,
and nothing else of it is looked at.

The rules, for a condition at `a.b`:

- Its *fields* are the strings, numbers, booleans and nulls at `a.b`, as the keys `a` and `b` or as the one key `a.b`.
- Arrays are not steps: what is in one, or in arrays of arrays, is at the array's own path. Any field may match.
- Objects are no fields, and an empty array has none: there `exists: true` fails and `exists: false` holds (recorded).
- Fields in objects of one array fit together only when they are in the same element, for all conditions of an
  alternative. Values that stand in an array themselves, `[1, 2]`, fit together with everything.
- An absence is judged in the elements that the other conditions chose. Where none of them chose one, no element may
  have the field. (AWS's open matching engine judges it in the order of names, before later conditions chose.)

Records without arrays of objects on the way and without dots in keys, which are nearly all, are decided by one pass of
dictionary look-ups; the others by keeping all sets of elements that still fit, condition by condition. The number of
these sets stays small, because an array that no later condition goes through is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from pytest_lambda_events.filtering.rules import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_lambda_events.filtering.reading import Condition
    from pytest_lambda_events.filtering.rules import Rule

__all__ = ["ANYWHERE", "Array", "Elements", "Field", "Matcher", "Step", "is_leaf"]

_MISSING: Final = object()

Ask: TypeAlias = "Callable[[Any], bool]"
"""A decision on a field."""

Quick: TypeAlias = "Callable[[Any], bool | None]"
"""A decision on a value; None where only the whole walk can tell."""


class Array(NamedTuple):
    """An array of a record: the `name` of its path, and the keys and indices of the `place` where it stands."""

    name: str
    place: tuple[str | int, ...]


Elements: TypeAlias = "frozenset[tuple[Array, int]]"
"""The elements of arrays that were chosen so far."""

ANYWHERE: Final[Elements] = frozenset()


class Field(NamedTuple):
    """A value at a condition's path, and the elements that it and what was chosen before are in."""

    value: Any
    elements: Elements


def is_leaf(value: Any) -> bool:
    """Whether it is a field: a string, a number, a boolean or null."""
    return not isinstance(value, (dict, list))


class Step:
    """A condition, ready to be applied: `segments` of its path, and what its rules `accept` of one value.

    `prefixes` are all paths above it, and its own. `rank` is 0 for a condition that needs a value, 1 for one that a
    missing leaf fulfils too (`absent`), 2 for one that only a missing leaf fulfils.
    """

    __slots__ = ("absent", "by_type", "condition", "prefixes", "rank", "segments")

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.segments = condition.name.split(".")
        self.prefixes = tuple([".".join(self.segments[:end]) for end in range(1, len(self.segments) + 1)])
        absences = [rule.absent for rule in condition.rules]
        self.absent = any(absences)
        self.rank = self.absent + all(absences)
        self.by_type = _acceptors(condition.rules)

    def accept(self, value: Any) -> bool:
        """Whether any rule accepts a field."""
        ask = self.by_type.get(type(value))
        if ask is None:  # a subclass of a JSON type
            ask = self.by_type[str if isinstance(value, str) else float]
        return ask(value)

    def fields(self, record: Any, chosen: Elements) -> list[Field]:
        """All fields at this path that fit together with the elements that were chosen."""
        found: list[Field] = []
        known = dict(chosen)
        end = len(self.segments)
        open_: list[tuple[Any, int, tuple[str | int, ...], Elements]] = [(record, 0, (), chosen)]
        while open_:
            value, depth, place, elements = open_.pop()
            if isinstance(value, dict):
                for after in range(end, depth, -1):
                    key = ".".join(self.segments[depth:after])
                    if key in value:
                        open_.append((value[key], after, (*place, key), elements))
            elif not isinstance(value, list):
                if depth == end:
                    found.append(Field(value, elements))
            else:
                array = Array(self.prefixes[depth - 1], place)
                if depth == end:
                    found += [Field(one, elements) for one in value if is_leaf(one)]
                indices = (known[array],) if array in known else range(len(value) - 1, -1, -1)
                open_ += [
                    (value[index], depth, (*place, index), elements | {(array, index)})
                    for index in indices
                    if not is_leaf(value[index])
                ]
        return found


class Matcher:
    """An alternative, ready to be applied; its steps may be part of others too."""

    __slots__ = ("_last", "_quick", "steps")

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = _in_order(tuple(steps))
        # the last step at or below each path: after it, an array there can be forgotten
        self._last = {prefix: number for number, step in enumerate(self.steps) for prefix in step.prefixes}
        self._quick = _quick_walk([(step.segments, step) for step in self.steps])

    def matches(self, record: Any) -> bool:
        """Whether all conditions hold for a record."""
        if not isinstance(record, dict):
            return False
        quick = self._quick(record)
        return self._walk(record) if quick is None else quick

    def _walk(self, record: Any) -> bool:
        chosen: set[Elements] = {ANYWHERE}
        for number in range(len(self.steps)):
            chosen = self.after(number, record, chosen)
            if not chosen:
                return False
        return True

    def after(self, number: int, record: Any, chosen: Iterable[Elements]) -> set[Elements]:
        """What may be chosen after a step, for each choice before it; nothing when its condition holds nowhere."""
        step = self.steps[number]
        following: set[Elements] = set()
        for elements in chosen:
            fields = step.fields(record, elements)
            if not fields and step.absent:
                following.add(self._kept(number, elements))
            following.update(self._kept(number, field.elements) for field in fields if step.accept(field.value))
        return following

    def _kept(self, number: int, elements: Elements) -> Elements:
        if not elements:
            return elements
        return frozenset([(array, index) for array, index in elements if self._last[array.name] > number])


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Below each path those first that need a value, then those that also take none, last those that want none.

    Steps below one path stay together, so that an array there can be forgotten after the last of them.
    """
    ranks: dict[str, int] = {}
    for step in steps:
        for prefix in step.prefixes:
            ranks[prefix] = min(step.rank, ranks.get(prefix, step.rank))

    def key(step: Step) -> tuple[tuple[int, str], ...]:
        below = [(ranks[prefix], segment) for prefix, segment in zip(step.prefixes, step.segments, strict=True)]
        return (*below, (step.rank, ""))

    return tuple(sorted(steps, key=key))


# -- one value --------------------------------------------------------------------------------------------------------


def _acceptors(rules: Sequence[Rule]) -> Mapping[type, Ask]:
    """What to ask of a field, by its type; values as they stand are looked up, however many there are."""
    exact = [rule.value for rule in rules if rule.exact]
    constant = _either([value for value in exact if _is_constant(value)], [rule.constant for rule in rules])
    number = _either([value for value in exact if is_number(value)], [rule.number for rule in rules])
    string = _either([value for value in exact if isinstance(value, str)], [rule.string for rule in rules])
    return {str: string, int: number, float: number, bool: constant, type(None): constant}


def _either(values: Iterable[Any], tests: Iterable[Ask | None]) -> Ask:
    known = frozenset(values)
    asked = tuple([test for test in tests if test is not None])
    if not asked:
        return known.__contains__
    if len(asked) == 1 and not known:
        return asked[0]
    return lambda value: value in known or any(test(value) for test in asked)


def _is_constant(value: Any) -> bool:
    # not `in (None, True, False)`: that holds for 1 and 0 too
    return value is None or isinstance(value, bool)


# -- the quick walk ---------------------------------------------------------------------------------------------------


def _quick_walk(below: Sequence[tuple[list[str], Step]]) -> Quick:
    """What to ask of an object in which these paths begin: all conditions, in one pass."""
    children: dict[str, list[tuple[list[str], Step]]] = {}
    for segments, step in below:
        children.setdefault(segments[0], []).append((segments[1:], step))
    members = tuple([(key, *_member(paths)) for key, paths in children.items()])
    # the same steps, written as one key
    dotted = frozenset([".".join(segments[:end]) for segments, _ in below for end in range(2, len(segments) + 1)])

    def quick(value: dict[str, Any]) -> bool | None:
        if dotted and not value.keys().isdisjoint(dotted):
            return None
        for key, by_type, otherwise in members:
            found = value.get(key, _MISSING)
            outcome = by_type.get(type(found), otherwise)(found)
            if outcome is not True:
                return outcome
        return True

    return quick


def _member(paths: Sequence[tuple[list[str], Step]]) -> tuple[Mapping[type, Quick], Quick]:
    """What to ask of the value of one key, by its type, and what of any other."""
    further = [(segments, step) for segments, step in paths if segments]
    members = [_leaf(step) for segments, step in paths if not segments]
    if further:
        members.append(_inside(further))
    if len(members) == 1:
        return members[0]

    def quick(value: Any) -> bool | None:
        for by_type, otherwise in members:
            outcome = by_type.get(type(value), otherwise)(value)
            if outcome is not True:
                return outcome
        return True

    return {}, quick


def _inside(paths: Sequence[tuple[list[str], Step]]) -> tuple[Mapping[type, Quick], Quick]:
    walk = _quick_walk(paths)
    without = all(step.absent for _, step in paths)

    def otherwise(value: Any) -> bool | None:
        if isinstance(value, dict):
            return walk(value)
        return None if isinstance(value, list) else without

    return {dict: walk}, otherwise


def _leaf(step: Step) -> tuple[Mapping[type, Quick], Quick]:
    def otherwise(value: Any) -> bool | None:
        if value is _MISSING or isinstance(value, dict):
            return step.absent
        if not isinstance(value, list):
            return step.accept(value)
        if any(isinstance(one, list) for one in value):
            return None
        fields = [one for one in value if not isinstance(one, dict)]
        return any(step.accept(one) for one in fields) if fields else step.absent

    return step.by_type, otherwise
