"""YAML with the lines of its keys, and CloudFormation's short forms. The law: data only; a tag that is neither YAML's
own nor CloudFormation's is refused, and so is what would grow when aliases are written out.

PyYAML reads the text into events and decides what a plain scalar is; values are put together here, without recursion,
so that neither depth nor aliases can harm. Times stay texts, as in CloudFormation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.limits import Budget
from pytest_lambda_events.templates.placed import Place, PlacedDict, PlacedList

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SHORT_FORMS", "read_yaml"]

SHORT_FORMS: Final = (
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Ref",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
)
"""The tags of CloudFormation's functions."""

_PLAIN: Final = "tag:yaml.org,2002:"
_TYPED: Final = frozenset(("bool", "float", "int", "null"))
_SCALARS: Final = _TYPED | {"merge", "str", "timestamp", "value"}
_MERGE: Final = f"{_PLAIN}merge"
_BARE: Final = ("Condition", "Ref")


def read_yaml(text: str, file: str, what: str = "template") -> Any:
    """The value of a text with one document; `what` is the word for it. Errors: `TemplateError` with the line, also
    without the extra.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise TemplateError(
            f"{file} is YAML, and PyYAML reads it: pip install 'pytest-lambda-events[templates]'"
        ) from None
    try:
        return _Builder(file, what).build(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())
        raise TemplateError(f"{file}: this is not YAML: {told}") from None


class _Open:
    """A mapping or sequence whose end has not come."""

    __slots__ = ("anchor", "key", "key_line", "merged", "size", "tag", "value")

    def __init__(self, value: PlacedDict | PlacedList, tag: str | None, anchor: str | None) -> None:
        self.value = value
        self.tag = tag
        self.anchor = anchor
        self.key: str | None = None
        self.key_line = 0
        self.merged: list[PlacedDict] = []
        self.size = 1


class _Builder:
    def __init__(self, file: str, what: str) -> None:
        import yaml

        self._what = what

        self._root = Place(file=file)
        self._budget = Budget(self._root)
        self._stack: list[_Open] = []
        self._anchors: dict[str | None, tuple[Any, int] | None] = {}
        self._scalars = yaml.SafeLoader("")
        self._result: list[Any] = []

    def build(self, events: Iterator[Any]) -> Any:
        for event in events:
            self._take(event)
        if len(self._result) != 1:
            raise TemplateError(f"{self._root}: one YAML document is a {self._what}, and here are {len(self._result)}")
        return self._result[0]

    def _take(self, event: Any) -> None:
        import yaml

        line = event.start_mark.line + 1
        if isinstance(event, yaml.MappingStartEvent):
            self._open(PlacedDict(self._place(line)), event, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(PlacedList(self._place(line)), event, line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(line)
        elif isinstance(event, yaml.AliasEvent):
            found = self._anchors.get(event.anchor)
            if found is None:
                self._refuse(line, f"the alias *{event.anchor} names nothing that is complete before it")
            self._add(*found, line)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)

    def _place(self, line: int) -> Place:
        """Where the value that begins now stands."""
        if not self._stack:
            return Place(file=self._root.file, line=line)
        top = self._stack[-1]
        if isinstance(top.value, PlacedList):
            return top.value.origin.at(len(top.value), line)
        return top.value.origin.at(top.key, top.key_line) if top.key is not None else top.value.origin

    def _open(self, value: PlacedDict | PlacedList, event: Any, line: int) -> None:
        self._budget.deepen(len(self._stack), line)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        tag = event.tag
        if tag in (f"{_PLAIN}map", f"{_PLAIN}seq"):
            tag = None
        self._stack.append(_Open(value, tag, event.anchor))

    def _close(self, line: int) -> None:
        top = self._stack.pop()
        if isinstance(top.value, PlacedDict):
            for other in top.merged:
                for key in other:
                    if key not in top.value:
                        top.value[key] = other[key]
                        top.value.moved[key] = other.place(key)
        value: Any = top.value
        if top.tag is not None:
            value = self._function(top.tag, top.value, top.value.origin, top.value.origin.line or line)
        if top.anchor is not None:
            self._anchors[top.anchor] = (value, top.size)
        self._add(value, top.size, line)

    def _scalar(self, event: Any, line: int) -> None:
        import yaml

        tag = event.tag
        value: Any
        if tag is not None and tag.startswith("!") and tag != "!":
            value = self._function(tag, event.value, self._place(line), line)
        elif self._is_key() and event.value == "<<" and event.implicit[0]:
            value = _MERGE
        else:
            if tag is None or tag == "!":
                tag = self._scalars.resolve(yaml.ScalarNode, event.value, event.implicit)
            value = self._plain(str(tag), event.value, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, 1, line)

    def _plain(self, tag: str, text: str, line: int) -> Any:
        """A text, a number, a truth or nothing; `<<` and `=` are texts where they are no keys, and so are times."""
        import yaml

        kind = tag.removeprefix(_PLAIN)
        if not tag.startswith(_PLAIN) or kind not in _SCALARS:
            self._refuse_tag(tag, line)
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag if kind in _TYPED else f"{_PLAIN}str", text))
        except (KeyError, ValueError, yaml.YAMLError):
            self._refuse(line, f"{text!r:.80} is no {kind}")

    def _function(self, tag: str, value: Any, place: Place, line: int) -> PlacedDict:
        """`!Sub x` as `{"Fn::Sub": x}`."""
        name = tag[1:]
        if not tag.startswith("!") or name not in SHORT_FORMS:
            self._refuse_tag(tag, line)
        if name == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        result = PlacedDict(place)
        key = name if name in _BARE else f"Fn::{name}"
        result[key] = value
        result.lines[key] = line
        return result

    def _is_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, PlacedDict) and self._stack[-1].key is None

    def _add(self, value: Any, size: int, line: int) -> None:
        if not self._stack:
            self._result.append(value)
            return
        top = self._stack[-1]
        top.size = self._budget.weigh(top.size + size, line)
        if isinstance(top.value, PlacedList):
            top.value.lines.append(line)
            top.value.append(value)
        elif top.key is None:
            top.key, top.key_line = self._key(value, top.value, line), line
        else:
            key, top.key = top.key, None
            if key == _MERGE:
                top.merged += self._merged(value, line)
            else:
                top.value[key] = value
                top.value.lines[key] = top.key_line

    def _key(self, value: Any, there: PlacedDict, line: int) -> str:
        if isinstance(value, (dict, list)):
            self._refuse(line, "a key is a text, not a mapping or a list")
        if isinstance(value, bool) or value is None:
            value = {True: "true", False: "false", None: "null"}[value]
        key = str(value)
        if key in there:
            self._refuse(line, f"the key {key!r} stands here a second time")
        return key

    def _merged(self, value: Any, line: int) -> list[PlacedDict]:
        """What `<<` brings in; of several the first wins."""
        values = value if isinstance(value, PlacedList) else [value]
        if not all(isinstance(one, PlacedDict) for one in values):
            self._refuse(line, "<< takes a mapping, or a list of them")
        return list(values)

    def _refuse_tag(self, tag: str, line: int) -> NoReturn:
        self._refuse(
            line,
            f"the tag {tag} is neither one of YAML's own for data nor a function of CloudFormation's (!Ref, !Sub …)",
        )

    def _refuse(self, line: int, why: str) -> NoReturn:
        raise TemplateError(f"{self._root.file}:{line}: {why}")
