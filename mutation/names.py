"""Who uses a name. The law: pure, and generous: a name is a name, whatever it means where it stands.

What runs when a module is imported (a table, a default, an attribute of a class) is executed by no test. The tests that
see a change of it are those that reach a function in which its name stands, or the name of something made from it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from mutation.mutants import bound_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Names:
    """The uses of every name in so many modules (paths to their text)."""

    def __init__(self, modules: Mapping[str, bytes]) -> None:
        self._lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._makes: dict[str, set[str]] = defaultdict(set)
        for path, data in modules.items():
            for statement in ast.parse(data).body:
                self._add(path, statement, bound_by(statement))

    def users(self, names: Iterable[str]) -> set[tuple[str, int]]:
        """The lines of functions, by path, in which one of the names stands, or one that is made from it."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(self._makes[name])
        return {line for name in seen for line in self._lines[name]}

    def _add(self, path: str, statement: ast.stmt, binds: tuple[str, ...]) -> None:
        for node, in_function in _walk(statement, in_function=False):
            for name in _mentioned(node):
                if in_function:
                    self._lines[name].add((path, node.lineno))  # type: ignore[attr-defined]
                else:
                    self._makes[name].update(binds)
            if isinstance(node, ast.ImportFrom) and not in_function:
                for alias in node.names:
                    self._makes[alias.name].add(alias.asname or alias.name)


def _walk(node: ast.AST, *, in_function: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, in_function
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns"}:
            continue
        inside = in_function or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and field == "body"
        )
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, in_function=inside)


def _mentioned(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return (name,)
    return ()
