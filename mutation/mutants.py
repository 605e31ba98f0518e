"""Every mutant of a file. The law: pure; the same text gives the same mutants in the same order.

Left alone is what has no behaviour: annotations, docstrings, decorators and the bases of classes, `__all__`,
`__slots__`, `__repr__`, what is only for type checkers, and messages (see `changes`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mutation.changes import Source, changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutation.changes import Edit

NAMES_ONLY = ("__all__", "__slots__", "__match_args__")
FOR_TYPES = ("TypeVar", "NewType", "ParamSpec", "cast")
ALIASES = ("Literal", "Union", "Optional", "Callable")


class Mutant(NamedTuple):
    """One change. `path` from the root, with slashes; `line` is where the change is; `first` to `last` are the lines
    of the statement that it is in (of a block, its head); `at_import` says that it runs when the module is imported,
    and `binds` names what the statement defines there.
    """

    path: str
    line: int
    kind: str
    was: str
    becomes: str
    first: int
    last: int
    at_import: bool
    binds: tuple[str, ...]
    edits: tuple[Edit, ...]

    def __str__(self) -> str:
        """In one line, for the terminal."""
        return f"{self.path}:{self.line}: {self.was}  =>  {self.becomes}"

    def applied(self, data: bytes) -> bytes:
        """The module's text with the change in it."""
        return Source(data).edited(self.edits)


class _Place(NamedTuple):
    """Where the walk is."""

    statement: ast.stmt
    in_function: bool
    binds: tuple[str, ...]


def mutants_of(path: str, data: bytes) -> list[Mutant]:
    """Every mutant of a module, in the order of its text."""
    source = Source(data)
    found = []
    for node, place in _nodes(ast.parse(data)):
        for kind, edits in changes(node, source):
            mutant = _mutant(path, source, kind, edits, place)
            if mutant is not None:
                found.append(mutant)
    return sorted(found, key=lambda mutant: (mutant.edits, mutant.kind))


def _mutant(path: str, source: Source, kind: str, edits: tuple[Edit, ...], place: _Place) -> Mutant | None:
    data = source.edited(edits)
    try:
        compile(data, path, "exec")
    except SyntaxError:  # `break` in a `match` that stands in no loop, and the like
        return None
    before, after = source.data.decode().splitlines(), data.decode().splitlines()
    line = next(n for n, (was, becomes) in enumerate(zip(before, after, strict=False)) if was != becomes)
    first, last = _lines(place.statement)
    was, becomes = before[line].strip(), after[line].strip()
    return Mutant(path, line + 1, kind, was, becomes, first, last, not place.in_function, place.binds, edits)


def _lines(statement: ast.stmt) -> tuple[int, int]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):  # a default: whoever runs the function has it
        return statement.lineno, statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return statement.lineno, statement.end_lineno or statement.lineno
    following = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
    return statement.lineno, max(statement.lineno, following - 1)


def _nodes(module: ast.Module) -> Iterator[tuple[ast.AST, _Place]]:
    """Every node with behaviour, with its place."""
    for statement in module.body:
        yield from _statement(statement, _Place(statement, in_function=False, binds=bound_by(statement)))


def _statement(statement: ast.stmt, outer: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    place = outer._replace(statement=statement)
    match statement:
        case ast.FunctionDef(name="__repr__"):  # for people
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            for default in _defaults(statement.args):
                yield from _inside(default, place)
            for inner in statement.body:
                yield from _statement(inner, place._replace(in_function=True))
        case ast.ClassDef():
            for inner in statement.body:
                binds = place.binds if place.in_function else (*place.binds, *bound_by(inner))
                yield from _statement(inner, place._replace(binds=binds))
        case _ if not _says_nothing(statement):
            yield statement, place
            for field, value in ast.iter_fields(statement):
                if field != "annotation":
                    yield from _field(value, place)


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    """What parameters are when they are not given; of one that is never read, named `_`, it does not matter."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    for argument, default in (
        *zip(positional[first:], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        if default is not None and argument.arg != "_":
            yield default


def _field(value: object, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, ast.stmt):
            yield from _statement(item, place)
        elif isinstance(item, ast.AST):
            yield from _inside(item, place)


def _inside(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    """An expression (a handler, a case of `match`) and what is in it."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Lambda):
        yield from _inside(node.body, place._replace(in_function=True))
        return
    yield node, place
    for _, value in ast.iter_fields(node):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FOR_TYPES):
            yield from _field(value, place)


def bound_by(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a statement outside of functions defines."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            return tuple(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
    return ()


def _says_nothing(statement: ast.stmt) -> bool:
    """It is a docstring, or only for type checkers, or a list of names."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.AnnAssign() if "TypeAlias" in ast.unparse(statement.annotation):
            return True
        case ast.Assign(value=ast.Subscript(value=ast.Name(id=name))) if name in ALIASES:
            return True
    return any(name in NAMES_ONLY for name in bound_by(statement))
