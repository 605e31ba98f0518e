"""Terraform's expressions inside JSON: `"${var.stage}-orders"`. The law: literals, references, operators and a few pure
functions; what else there may be is `Unresolved`, to be given by name.

Terraform, "JSON Configuration Syntax", "Expressions"; HCL, "Native Syntax Specification".
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved, names_open_in
from pytest_lambda_events.templates.hcl_functions import FUNCTIONS, joined, number, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.templates.placed import Place

__all__ = ["Reference", "evaluate"]

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][\w-]*)
      | (?P<mark>==|!=|&&|\|\||=>|\.\.\.|[][(){}.,:?!=+*/%<>-])
      | (?P<quote>")
    )""",
    re.VERBOSE,
)
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 50


class Reference(NamedTuple):
    """What an expression names: as it is written, and step by step, `local.names[0]` as ("local", "names", 0)."""

    path: str
    steps: tuple[str | int, ...]


def evaluate(text: str, lookup: Callable[[Reference, Place], Any], place: Place) -> Any:
    """The value of a text that may have `${…}` in it; `lookup` gives a reference's value or `Unresolved`.

    Errors: `TemplateError` for what is no expression.
    """
    if "${" not in text and "%{" not in text:
        return text
    return _Expression(text, lookup, place).template(end=None)


class _Expression:
    """Reads and evaluates at once, from `_at` on."""

    def __init__(self, text: str, lookup: Callable[[Reference, Place], Any], place: Place) -> None:
        self._text = text
        self._lookup = lookup
        self._place = place
        self._at = 0
        self._depth = 0

    # -- texts ------------------------------------------------------------------------------------------------------

    def template(self, end: str | None) -> Any:
        """A text up to `end` (None: the end of all); one that is a single `${…}` is that value, whatever its type."""
        parts: list[Any] = []
        plain: list[str] = []
        while True:
            if self._at >= len(self._text):
                if end is not None:
                    self._wrong("a text has no end")
                break
            rest = self._text[self._at : self._at + 3]
            if end is not None and rest[0] == end:
                self._at += 1
                break
            if rest in ("$${", "%%{"):
                plain.append(rest[1:])
                self._at += 3
            elif rest.startswith("%{"):
                self._wrong("directives (%{ if … }) are not evaluated here")
            elif rest.startswith("${"):
                self._at += 2
                if plain:
                    parts.append("".join(plain))
                    plain = []
                parts.append((self._ternary(),))
                self._expect("}")
            elif rest[0] == "\\" and end is not None:
                plain.append(self._escaped())
            else:
                plain.append(rest[0])
                self._at += 1
        if not plain and len(parts) == 1 and isinstance(parts[0], tuple):
            return parts[0][0]
        values = [*(one[0] if isinstance(one, tuple) else one for one in parts), "".join(plain)]
        missing = names_open_in(values)
        return Unresolved(missing, self._place) if missing else self._computed(lambda: joined("", values))

    def _escaped(self) -> str:
        code = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if code == "u":
            digits = self._text[self._at : self._at + 4]
            self._at += 4
            return chr(int(digits, 16)) if re.fullmatch("[0-9a-fA-F]{4}", digits) else self._wrong("\\u takes 4 digits")
        return {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)

    # -- operators --------------------------------------------------------------------------------------------------

    def _ternary(self) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._wrong("the expression is nested too deep")
        try:
            condition = self._either()
            if not self._take("?"):
                return condition
            first = self._ternary()
            self._expect(":")
            second = self._ternary()
            return condition if isinstance(condition, Unresolved) else first if condition else second
        finally:
            self._depth -= 1

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            value = self._combined(value, self._both(), lambda first, second: bool(first or second))
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._take("&&"):
            value = self._combined(value, self._equal(), lambda first, second: bool(first and second))
        return value

    def _equal(self) -> Any:
        value = self._sum()
        while True:
            if self._take("=="):
                value = self._combined(value, self._sum(), lambda first, second: first == second)
            elif self._take("!="):
                value = self._combined(value, self._sum(), lambda first, second: first != second)
            else:
                return value

    def _sum(self) -> Any:
        value = self._product()
        while True:
            if self._take("+"):
                value = self._counted(value, self._product(), lambda first, second: first + second)
            elif self._take("-"):
                value = self._counted(value, self._product(), lambda first, second: first - second)
            else:
                return value

    def _product(self) -> Any:
        value = self._unary()
        while self._take("*"):
            value = self._counted(value, self._unary(), lambda first, second: first * second)
        return value

    def _combined(self, first: Any, second: Any, operate: Callable[[Any, Any], Any]) -> Any:
        missing = names_open_in([first, second])
        if missing:
            return Unresolved(missing, self._place)
        return operate(first, second)

    def _counted(self, first: Any, second: Any, operate: Callable[[Any, Any], Any]) -> Any:
        """Only numbers: Python would add texts, and make a list a thousand times as long."""
        for one in (first, second):
            if not isinstance(one, (int, float, Unresolved)) or isinstance(one, bool):
                self._wrong(f"{first!r:.60} and {second!r:.60} do not go together")
        return self._combined(first, second, lambda *numbers: self._computed(lambda: operate(*numbers)))

    def _computed(self, compute: Callable[[], Any]) -> Any:
        """Errors: `TemplateError` for what cannot be computed, or would be too large."""
        try:
            return compute()
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            return self._wrong(str(error))

    def _unary(self) -> Any:
        if self._take("!"):
            value = self._unary()
            return value if isinstance(value, Unresolved) else not value
        if self._take("-"):
            value = self._unary()
            return self._counted(0, value, lambda zero, one: zero - one)
        return self._primary()

    # -- values -----------------------------------------------------------------------------------------------------

    def _primary(self) -> Any:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            return self._wrong("a value should stand here")
        self._at = found.end()
        if found["number"] is not None:
            return self._computed(lambda: number(found["number"]))
        if found["quote"] is not None:
            return self.template(end='"')
        if found["name"] is not None:
            return self._named(found["name"])
        if found["mark"] == "(":
            value = self._ternary()
            self._expect(")")
            return value
        if found["mark"] == "[":
            return self._items("]")
        if found["mark"] == "{":
            return self._object()
        return self._wrong(f"{found['mark']!r} stands where a value should")

    def _items(self, end: str) -> list[Any]:
        found: list[Any] = []
        while not self._take(end):
            found.append(self._ternary())
            if not self._take(","):
                self._expect(end)
                break
        return found

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._take("}"):
            key = self._key()
            if not self._take("="):
                self._expect(":")
            found[key] = self._ternary()
            self._take(",")
        return found

    def _key(self) -> str:
        token = _TOKEN.match(self._text, self._at)
        if token is not None and token["name"] is not None:
            self._at = token.end()
            return token["name"]
        value = self._primary()
        return value if isinstance(value, str) else self._wrong("a key is a name or a text")

    def _named(self, name: str) -> Any:
        if name in _WORDS:
            return _WORDS[name]
        if name == "for":
            self._wrong("for expressions are not evaluated here")
        if self._take("("):
            return self._called(name, self._items(")"))
        path, steps, missing = name, [name], []  # type: tuple[str, list[str | int], list[str]]
        while True:
            if self._take("."):
                token = _TOKEN.match(self._text, self._at)
                if token is None or (token["name"] is None and token["number"] is None):
                    self._wrong("a name should follow the dot")
                self._at = token.end()
                path += f".{token[0].strip()}"
                steps += self._computed(partial(_steps, token))
            elif self._take("["):
                key = self._ternary()
                self._expect("]")
                unknown = names_open_in(key)
                missing += unknown
                if unknown:
                    continue
                if not isinstance(key, (int, str)) or isinstance(key, bool):
                    self._wrong(f"an index is a number or a text, not {key!r:.60}")
                path += f"[{json.dumps(key)}]"
                steps.append(key)
            elif missing:
                return Unresolved(tuple(dict.fromkeys(missing)), self._place)
            else:
                return self._lookup(Reference(path, tuple(steps)), self._place)

    def _called(self, name: str, arguments: list[Any]) -> Any:
        function = FUNCTIONS.get(name)
        if function is None:
            wanted = f"{name}() at {self._place.path}"
            return self._lookup(Reference(wanted, (wanted,)), self._place)
        missing = names_open_in(arguments)
        if missing:
            return Unresolved(missing, self._place)
        try:
            return function(*arguments)
        except (AttributeError, TypeError, ValueError) as error:
            return self._wrong(f"{name}() cannot take these arguments: {error}")

    # -- marks ------------------------------------------------------------------------------------------------------

    def _take(self, mark: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["mark"] != mark:
            return False
        self._at = found.end()
        return True

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            self._wrong(f"{mark!r} should stand here")

    def _wrong(self, why: str) -> NoReturn:
        raise TemplateError(f"{self._place}: {why}: {self._text[max(0, self._at - 20) : self._at + 20]!r}")


def _steps(token: re.Match[str]) -> list[str | int]:
    """Behind a dot stands a name or, as in old files, an index; two of them look like a number with a point."""
    return [token["name"]] if token["name"] is not None else [whole(one) for one in token["number"].split(".")]
