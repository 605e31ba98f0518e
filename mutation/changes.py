"""Which changes an expression or a statement admits. The law: pure; a node in, edits of its own text out, and an edit
never changes the number of lines.

A change has to be one that a test of behaviour can see. So what is for people only is left alone: a string with a blank
in it and every f-string are messages, and the tests of messages are few and exact already.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}
COMPUTED = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.Pow: (r"\*\*", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: (r"\|", "&"),
    ast.BitXor: (r"\^", "&"),
}
JOINED = {ast.And: (r"\band\b", "or"), ast.Or: (r"\bor\b", "and")}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Edit(NamedTuple):
    """Bytes from `start` to `end` of a source are replaced by `text`."""

    start: int
    end: int
    text: str


class Source:
    """A file's text, and where its nodes stand in it. Python counts columns in bytes, so everything here does."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._lines = [0]
        for line in data.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Where a node begins."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Where it ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr | ast.stmt) -> str:
        """What is written there."""
        return self.data[self.start(node) : self.end(node)].decode()

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """A node replaced, with as many lines as it had."""
        lost = self.text(node).count("\n") - text.count("\n")
        return Edit(self.start(node), self.end(node), text + "\n" * lost)

    def between(self, left: ast.expr, right: ast.expr, pattern: str, text: str) -> Edit | None:
        """The operator between two nodes replaced; None where it is not found."""
        start = self.end(left)
        gap = re.sub(rb"#[^\n]*", lambda comment: b" " * len(comment[0]), self.data[start : self.start(right)])
        found = re.search(pattern.encode(), gap)
        return Edit(start + found.start(), start + found.end(), text) if found else None

    def edited(self, edits: tuple[Edit, ...]) -> bytes:
        """The whole text with the edits in it."""
        data = self.data
        for edit in sorted(edits, reverse=True):
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        return data


def changes(node: ast.AST, source: Source) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """The kinds of change that a node admits, each with the edits that make it."""
    for kind, edits in _changes(node, source):
        if edits and None not in edits:
            yield kind, tuple(edit for edit in edits if edit is not None)


def is_text(node: ast.AST) -> bool:
    """It is text for people, or text that is put together."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def _changes(node: ast.AST, source: Source) -> Iterator[tuple[str, list[Edit | None]]]:
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            yield from _condition(node.test, source)
        case ast.comprehension():
            for test in node.ifs:
                yield from _condition(test, source)
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            yield "min, max, any, all", [source.replace(node.func, CALLED[name])]
        case ast.Constant():
            yield from _constant(node, source)
        case ast.AugAssign() if type(node.op) in COMPUTED and not is_text(node.value):
            pattern, text = COMPUTED[type(node.op)]
            yield "arithmetic", [source.between(node.target, node.value, pattern + "=", text + "=")]
        case ast.stmt():
            yield from _statement(node, source)
        case ast.expr():
            yield from _operator(node, source)


def _operator(node: ast.expr, source: Source) -> Iterator[tuple[str, list[Edit | None]]]:
    match node:
        case ast.Compare():
            operands = [node.left, *node.comparators]
            for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
                yield "comparison", [source.between(left, right, *COMPARED[type(op)])]
        case ast.BinOp() if not (is_text(node.left) or is_text(node.right) or _is_type(node)):
            if type(node.op) in COMPUTED:
                yield "arithmetic", [source.between(node.left, node.right, *COMPUTED[type(node.op)])]
        case ast.BoolOp():
            pairs = zip(node.values, node.values[1:], strict=False)
            yield "and, or", [source.between(left, right, *JOINED[type(node.op)]) for left, right in pairs]
        case ast.UnaryOp(op=ast.Not()):
            yield "not", [Edit(source.start(node), source.start(node.operand), "")]


def _condition(test: ast.expr, source: Source) -> Iterator[tuple[str, list[Edit | None]]]:
    """A condition turned round, where nothing inside it is by a change of its own."""
    if not isinstance(test, ast.Compare | ast.BoolOp | ast.Constant) and not _is_not(test):
        yield "condition", [source.replace(test, f"not ({source.text(test)})")]


def _constant(node: ast.Constant, source: Source) -> Iterator[tuple[str, list[Edit | None]]]:
    match node.value:
        case bool():
            yield "constant", [source.replace(node, str(not node.value))]
        case int() | float():
            yield "constant", [source.replace(node, repr(node.value + 1))]
        case str() if not is_text(node) and "\n" not in source.text(node):
            yield "constant", [source.replace(node, repr(f"XX{node.value}XX") if node.value else "'XX'")]
        case bytes():
            yield "constant", [source.replace(node, repr(b"XX" + node.value))]


def _statement(node: ast.stmt, source: Source) -> Iterator[tuple[str, list[Edit | None]]]:
    match node:
        case ast.Break():
            yield "break, continue", [source.replace(node, "continue")]
        case ast.Continue():
            yield "break, continue", [source.replace(node, "break")]
        case ast.Return(value=ast.expr() as value) if not _is_false(value):
            yield "return", [source.replace(value, "None")]
        case ast.Raise():
            yield "left out", [source.replace(node, "pass")]
        case ast.Expr(value=ast.Call()) | ast.Delete(targets=[ast.Attribute() | ast.Subscript()]):
            yield "left out", [source.replace(node, "pass")]
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "left out", [source.replace(node, "pass")]


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_false(node: ast.expr) -> bool:
    """Nobody tells these from None, whose callers ask whether something is so."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_type(node: ast.BinOp) -> bool:
    """`int | None` and the like, for `isinstance`."""
    return isinstance(node.op, ast.BitOr) and any(
        (isinstance(side, ast.Name) and (side.id[0].isupper() or side.id in {"int", "str", "bytes", "float", "bool"}))
        or (isinstance(side, ast.Constant) and side.value is None)
        for side in (node.left, node.right)
    )
