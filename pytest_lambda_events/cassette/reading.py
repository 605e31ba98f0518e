"""Taking JSON of a known form apart. The law: every complaint names the path, what is there and what should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pytest_lambda_events.errors import CassetteBroken
from pytest_lambda_events.model.findings import shown
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT, path_text

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from pytest_lambda_events.model.paths import Path

__all__ = ["Part"]


class Part:
    """A value of a cassette and where it is: `name` is the file, `path` the way from its root."""

    __slots__ = ("name", "path", "value")

    def __init__(self, value: Any, name: str, path: Path = ()) -> None:
        self.value = value
        self.name = name
        self.path = path

    def refuse(self, expected: str) -> NoReturn:
        """Say that this is not what it should be. Errors: `CassetteBroken`, always."""
        where = path_text(self.path) if self.path else "the whole file"
        raise CassetteBroken(
            f"{self.name} is no sound cassette: {where} is {shown(self.value)}, expected {expected}. Mend it, take it "
            "from version control, or capture it anew; `lambda-events validate` checks it"
        )

    def has(self, key: str) -> bool:
        """Whether an object has this key."""
        return key in self.value

    def at(self, key: str | int) -> Part:
        """A member or an element; one that is not there is `ABSENT`."""
        there = isinstance(key, int) or key in self.value
        return Part(self.value[key] if there else ABSENT, self.name, (*self.path, key))

    def members(self, known: Sequence[str], what: str) -> Part:
        """Itself, an object with none but these keys."""
        if not isinstance(self.value, dict):
            self.refuse(what)
        for key in self.value:
            if key not in known:
                near = nearest(key, known)
                self.at(key).refuse(f"no such key{near}: {what} has {', '.join(known)}")
        return self

    def elements(self, what: str) -> list[Part]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self.refuse(what)
        return [self.at(place) for place in range(len(self.value))]

    def text(self, what: str, form: re.Pattern[str] | None = None) -> str:
        """A text, of a form."""
        if not isinstance(self.value, str) or (form is not None and form.fullmatch(self.value) is None):
            self.refuse(what)
        text: str = self.value
        return text

    def whole(self, what: str, numbers: range) -> int:
        """A whole number among these."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value not in numbers:
            self.refuse(what)
        number: int = self.value
        return number
