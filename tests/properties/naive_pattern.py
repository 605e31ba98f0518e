"""Event patterns by brute force, from the rules alone: an independent model of `pytest_lambda_events.filtering`.

A record is flattened into fields: the path with dots, the value, and for each array around it the element that it is
in. A pattern is written out as alternatives, each a list of (path, array of the pattern). An alternative matches when
for each path a field can be picked so that no two of them are in different elements of one array; a path that allows
absence needs no field when none fits the picked ones. Everything is tried.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from itertools import product


def matches(pattern, record) -> bool:
    """Whether a record, a dict, matches a valid pattern, a dict."""
    fields = list(flattened(record, "", {}))
    return any(fits(alternative, fields) for alternative in alternatives(pattern, ""))


def flattened(value, path, elements):
    """All fields at and below a path; `elements` maps the place of an array to an index."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from flattened(
                below, f"{path}.{key}" if path else key, {**elements, "": f"{elements.get('', '')}/{key}"}
            )
    elif isinstance(value, list):
        place = elements.get("", "")
        for index, below in enumerate(value):
            inside = {**elements, "": f"{place}/{index}"}
            if isinstance(below, (dict, list)):
                inside[place] = index
            yield from flattened(below, path, inside)
    else:
        yield path, value, {place: index for place, index in elements.items() if place}


def alternatives(pattern, path):
    """All ways to choose from the `$or`s below a path, each as a list of conditions."""
    parts = []
    for key, below in pattern.items():
        inside = f"{path}.{key}" if path else key
        if key == "$or":
            parts.append([one for choice in below for one in alternatives(choice, path)])
        elif isinstance(below, dict):
            parts.append(alternatives(below, inside))
        else:
            parts.append([[(inside, below)]])
    return [[one for part in choice for one in part] for choice in product(*parts)]


def fits(conditions, fields) -> bool:
    """Whether fields can be picked for all conditions of an alternative."""
    picks = []
    for path, rules in conditions:
        there = [(value, elements) for name, value, elements in fields if name == path]
        good = [elements for value, elements in there if any(accepts(rule, value) for rule in rules)]
        absence = [("absent", [elements for _, elements in there])] if {"exists": False} in rules else []
        picks.append([("picked", [elements]) for elements in good] + absence)
    return any(consistent(pick) for pick in product(*picks))


def consistent(pick) -> bool:
    """Whether what was picked is in the same elements, and what is absent is absent there."""
    chosen: dict = {}
    for kind, (*places,) in pick:
        if kind == "picked":
            for place, index in places[0].items():
                if chosen.setdefault(place, index) != index:
                    return False
    return not any(
        kind == "absent"
        and any(all(chosen.get(place, index) == index for place, index in one.items()) for one in places)
        for kind, places in pick
    )


def accepts(rule, value) -> bool:
    """Whether one element of an array of a pattern accepts a value."""
    if not isinstance(rule, dict):
        return kind(rule) == kind(value) and rule == value
    ((name, operand),) = rule.items()
    if name == "exists":
        return operand
    if name == "anything-but":
        return not any(accepts(excluded, value) for excluded in excluded_by(operand))
    if name == "numeric":
        symbols = {"=": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
        terms = [f"value {symbols[sign]} {bound!r}" for sign, bound in zip(operand[::2], operand[1::2], strict=True)]
        return kind(value) == "number" and abs(value) <= 5e9 and eval(" and ".join(terms), {"value": value})  # noqa: S307
    return kind(value) == "string" and accepts_text(name, operand, value)


def excluded_by(operand) -> list:
    """The rules that `anything-but` turns around."""
    if not isinstance(operand, dict):
        return operand if isinstance(operand, list) else [operand]
    ((name, texts),) = operand.items()
    return [{name: text} for text in (texts if isinstance(texts, list) else [texts])]


def accepts_text(name, operand, value) -> bool:
    """Whether an operator for strings accepts one."""
    if isinstance(operand, dict):
        return accepts_text(name, operand["equals-ignore-case"].lower(), value.lower())
    if name == "cidr":
        return is_address(value) and ipaddress.ip_address(value) in ipaddress.ip_network(operand, strict=False)
    shapes = {
        "prefix": lambda: glob(operand) + "*",
        "suffix": lambda: "*" + glob(operand),
        "equals-ignore-case": lambda: glob(operand.lower()),
        "wildcard": lambda: re.sub(r"\\(.)|([?[])", lambda found: f"[{found[1] or found[2]}]", operand),
    }
    return fnmatch.fnmatchcase(value.lower() if name == "equals-ignore-case" else value, shapes[name]())


def glob(text) -> str:
    """A text as a shell would have to quote it."""
    return re.sub(r"([*?[])", r"[\1]", text)


def is_address(text) -> bool:
    """Whether it is an address at all."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def kind(value) -> str:
    """The JSON type of a value."""
    return {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}[type(value)]
