"""CloudFormation's functions, resolved inside one template. The law: what the template does not decide becomes
`Unresolved`, with the name under which it can be given; nothing is guessed.

CloudFormation User Guide, "Intrinsic function reference", "Condition functions", "Pseudo parameters reference".
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates.declared import Unresolved, names_open_in
from pytest_lambda_events.templates.limits import Effort, Trail
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList, place_in, section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place

__all__ = ["ABSENT", "Resolver", "is_function"]

ABSENT: Final = object()
"""What AWS::NoValue stands for: the property is not there."""

# neither goes past a brace that opens: a text of nothing else would be searched to its end from each
_NAME: Final = re.compile(r"\$\{([^{}]*)\}")
_DYNAMIC: Final = re.compile(r"\{\{(resolve:[^{}]+)\}\}")
_LIST_TYPES: Final = re.compile(r"CommaDelimitedList|.*List<.*")
_INDEX: Final = re.compile(r"\d{1,9}", re.ASCII)
_TRUTH: Final = {"true": True, "false": False}


def is_function(value: Any) -> bool:
    """Whether this is a call of one of CloudFormation's functions."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return name in ("Ref", "Condition") or (isinstance(name, str) and name.startswith("Fn::"))


class Resolver:
    """Resolves values of one template.

    `given` are the caller's values by name; `attribute` says what a resource's Ref (None) or attribute is: a value, or
    None where nobody knows. `trail` is what is being resolved.
    """

    def __init__(
        self,
        root: PlacedDict,
        given: Mapping[str, Any],
        where: Where,
        attribute: Callable[[str, str | None, Place], Any],
    ) -> None:
        self._parameters = section(root, "Parameters")
        self._mappings = section(root, "Mappings")
        self._conditions = section(root, "Conditions")
        self._given = given
        self._attribute = attribute
        self.trail = Trail()
        self._effort = Effort()
        self._known: dict[str, bool | Unresolved] = {}
        self._pseudo = {
            "AWS::AccountId": where.account,
            "AWS::Partition": where.partition,
            "AWS::Region": where.region,
            "AWS::URLSuffix": where.suffix,
            "AWS::NotificationARNs": [],
        }
        self._functions: Mapping[str, Callable[[Any, Place], Any]] = {
            "Condition": self._named_condition,
            "Fn::And": self._and,
            "Fn::Base64": self._base64,
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": self._join,
            "Fn::Length": self._length,
            "Fn::Not": self._not,
            "Fn::Or": self._or,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": self._to_json_string,
            "Ref": self._ref,
        }

    # -- values -----------------------------------------------------------------------------------------------------

    def value(self, raw: Any, place: Place) -> Any:
        """A value with every function in it resolved; `ABSENT`, or with `Unresolved` in the place of what is open.

        Errors: `TemplateError` for a function that is written wrongly.
        """
        self._effort.spend(place)
        if isinstance(raw, str):
            return self._text(raw, place)
        if isinstance(raw, list):
            items = [
                self.value(one, raw.place(number) if isinstance(raw, PlacedList) else place)
                for number, one in enumerate(raw)
            ]
            return [one for one in items if one is not ABSENT]
        if not isinstance(raw, dict):
            return raw
        if is_function(raw):
            ((name, argument),) = raw.items()
            return self._call(name, argument, place_in(raw, place))
        result = {}
        for key, one in raw.items():
            found = self.value(one, raw.place(key) if isinstance(raw, PlacedDict) else place)
            if found is not ABSENT:
                result[key] = found
        return result

    def condition(self, name: object, place: Place) -> bool | Unresolved:
        """Whether a condition of the template holds. Errors: `TemplateError` for one that there is not."""
        if not isinstance(name, str) or name not in self._conditions:
            raise TemplateError(f"{place}: there is no condition {name!r}{nearest(str(name), self._conditions)}")
        if name not in self._known:
            raw = self._conditions[name]
            found = self.trail.follow(f"condition {name}", lambda: self.value(raw, place_in(raw, place)), place)
            self._known[name] = self._truth(found, place)
        return self._known[name]

    def _call(self, name: str, argument: Any, place: Place) -> Any:
        function = self._functions.get(name)
        if function is not None:
            return function(argument, place)
        wanted = f"{name} at {place.path}"
        return self._asked(wanted, place)

    def _asked(self, name: str, place: Place) -> Any:
        """What the caller gave under this name, else that it is open."""
        return self._given[name] if name in self._given else Unresolved((name,), place)

    def _text(self, text: str, place: Place) -> Any:
        """A text; `{{resolve:…}}` in it is what CloudFormation would fetch, and so has to be given."""
        names = [name for name in _DYNAMIC.findall(text) if name not in self._given]
        if names:
            return Unresolved(tuple(names), place)
        return _DYNAMIC.sub(lambda found: str(self._given[found[1]]), text) if "{{resolve:" in text else text

    # -- references -------------------------------------------------------------------------------------------------

    def _ref(self, name: Any, place: Place) -> Any:
        if not isinstance(name, str):
            self._wrong("Ref", "the name of a parameter or resource", place)
        if name == "AWS::NoValue":
            return ABSENT
        if name in self._parameters:
            return self._parameter(name, place)
        if name in self._given:
            return self._given[name]
        if name in self._pseudo:
            return self._pseudo[name]
        found = None if name.startswith("AWS::") else self._attribute(name, None, place)
        return Unresolved((name,), place) if found is None else found

    def _get_att(self, argument: Any, place: Place) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        resource, attribute = (parts[0], self.value(parts[1], place)) if _is_pair(parts) else (None, None)
        if isinstance(attribute, Unresolved):
            return attribute
        if not isinstance(resource, str) or not isinstance(attribute, str):
            self._wrong("Fn::GetAtt", "a resource and one of its attributes", place)
        name = f"{resource}.{attribute}"
        if name in self._given:
            return self._given[name]
        found = self._attribute(resource, attribute, place)
        return Unresolved((name,), place) if found is None else found

    def _parameter(self, name: str, place: Place) -> Any:
        declared = section(self._parameters, name)
        kind = str(declared.get("Type", "String"))
        given = name in self._given
        # a parameter of Systems Manager has the name of a value, not the value
        if not given and ("Default" not in declared or kind.startswith("AWS::SSM::Parameter::Value")):
            return Unresolved((name,), place)
        value = self._given[name] if given else declared["Default"]
        if _LIST_TYPES.fullmatch(kind):
            if not isinstance(value, (str, list, tuple)):
                raise TemplateError(
                    f"{declared.origin}: parameter {name} is {value!r:.60}, and is a list of type {kind}"
                )
            return [one.strip() for one in value.split(",")] if isinstance(value, str) else list(value)
        allowed = declared.get("AllowedValues")
        if isinstance(allowed, list) and _as_text(value) not in [_as_text(one) for one in allowed]:
            raise TemplateError(
                f"{declared.origin}: parameter {name} is {value!r}, and may be one of "
                f"{', '.join(map(_as_text, allowed))}"
            )
        return value if kind == "Number" else _as_text(value)

    def _import_value(self, argument: Any, place: Place) -> Any:
        name = self.value(argument, place)
        missing = names_open_in(name)
        return Unresolved(missing, place) if missing else self._asked(f"Fn::ImportValue:{_as_text(name)}", place)

    def _find_in_map(self, argument: Any, place: Place) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            self._wrong("Fn::FindInMap", "a map's name and two keys", place)
        keys = [self.value(one, place) for one in argument[:3]]
        missing = names_open_in(keys)
        if missing:
            return Unresolved(missing, place)
        found: Any = self._mappings
        for key in keys:
            if not isinstance(found, dict) or _as_text(key) not in found:
                if isinstance(argument[-1], dict) and "DefaultValue" in argument[-1]:
                    return self.value(argument[-1]["DefaultValue"], place)
                raise TemplateError(f"{place}: Mappings has no {'.'.join(map(_as_text, keys))}")
            found = found[_as_text(key)]
        return self.value(found, place)

    # -- texts and lists --------------------------------------------------------------------------------------------

    def _sub(self, argument: Any, place: Place) -> Any:
        text, names = (argument[0], argument[1]) if _is_pair(argument) else (argument, {})
        if not isinstance(text, str) or not isinstance(names, dict):
            self._wrong("Fn::Sub", "a text, or a list of a text and a map", place)
        missing: list[str] = []

        def replaced(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in names:
                value = self.value(names[name], place)
            elif "." in name:
                value = self._get_att(name, place)
            else:
                value = self._ref(name, place)
            unknown = names_open_in(value)
            missing.extend(unknown)
            return "" if unknown else _as_text(value)

        result = self._effort.text(_NAME.sub(replaced, text), place)
        return Unresolved(tuple(dict.fromkeys(missing)), place) if missing else self._text(result, place)

    def _join(self, argument: Any, place: Place) -> Any:
        if not _is_pair(argument) or not isinstance(argument[0], str):
            self._wrong("Fn::Join", "a delimiter and a list", place)
        parts = self.value(argument[1], place)
        missing = names_open_in(parts)
        if missing:
            return Unresolved(missing, place)
        if not isinstance(parts, list):
            self._wrong("Fn::Join", "a delimiter and a list", place)
        return self._effort.text(argument[0].join(map(_as_text, parts)), place)

    def _select(self, argument: Any, place: Place) -> Any:
        number, items = self._pair("Fn::Select", "a number and a list", argument, place)
        if isinstance(number, Unresolved) or isinstance(items, Unresolved):
            return number if isinstance(number, Unresolved) else items
        index = int(number) if _INDEX.fullmatch(_as_text(number)) else -1
        if not isinstance(items, list) or index not in range(len(items)):
            self._wrong("Fn::Select", f"a number and a list that has as many, not {number!r} of {items!r:.60}", place)
        return items[index]

    def _split(self, argument: Any, place: Place) -> Any:
        delimiter, text = self._pair("Fn::Split", "a delimiter and a text", argument, place)
        missing = names_open_in([delimiter, text])
        if missing:
            return Unresolved(missing, place)
        if not delimiter or not isinstance(delimiter, str) or not isinstance(text, str):
            self._wrong("Fn::Split", "a delimiter and a text", place)
        return text.split(delimiter)

    def _length(self, argument: Any, place: Place) -> Any:
        items = self.value(argument, place)
        if isinstance(items, Unresolved):
            return items
        if not isinstance(items, list):
            self._wrong("Fn::Length", "a list", place)
        return len(items)

    def _base64(self, argument: Any, place: Place) -> Any:
        text = self.value(argument, place)
        missing = names_open_in(text)
        if missing:
            return Unresolved(missing, place)
        return base64.b64encode(_as_text(text).encode("utf-8", "surrogatepass")).decode()

    def _to_json_string(self, argument: Any, place: Place) -> Any:
        value = self.value(argument, place)
        if value is ABSENT:
            self._wrong("Fn::ToJsonString", "a mapping or a list", place)
        missing = names_open_in(value)
        return Unresolved(missing, place) if missing else compact(value)

    # -- conditions -------------------------------------------------------------------------------------------------

    def _if(self, argument: Any, place: Place) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004 - a condition and two values
            self._wrong("Fn::If", "a condition and two values", place)
        holds = self.condition(argument[0], place)
        if isinstance(holds, Unresolved):
            return Unresolved(holds.names, place)
        number = 1 if holds else 2
        return self.value(argument[number], argument.place(number) if isinstance(argument, PlacedList) else place)

    def _equals(self, argument: Any, place: Place) -> Any:
        first, second = self._pair("Fn::Equals", "two values", argument, place)
        missing = names_open_in([first, second])
        return Unresolved(missing, place) if missing else _as_text(first) == _as_text(second)

    def _not(self, argument: Any, place: Place) -> Any:
        if not isinstance(argument, list) or len(argument) != 1:
            self._wrong("Fn::Not", "a list of one condition", place)
        holds = self._truth(self.value(argument[0], place), place)
        return holds if isinstance(holds, Unresolved) else not holds

    def _and(self, argument: Any, place: Place) -> Any:
        return self._several("Fn::And", argument, place, decides=False)

    def _or(self, argument: Any, place: Place) -> Any:
        return self._several("Fn::Or", argument, place, decides=True)

    def _several(self, name: str, argument: Any, place: Place, *, decides: bool) -> Any:
        """One that decides is enough, whatever is open beside it."""
        if not isinstance(argument, list) or not argument:
            self._wrong(name, "a list of conditions", place)
        found = [self._truth(self.value(one, place), place) for one in argument]
        if decides in [one for one in found if isinstance(one, bool)]:
            return decides
        missing = names_open_in(found)
        return Unresolved(missing, place) if missing else not decides

    def _named_condition(self, name: Any, place: Place) -> Any:
        return self.condition(name, place)

    def _truth(self, value: Any, place: Place) -> bool | Unresolved:
        if isinstance(value, (bool, Unresolved)):
            return value
        if isinstance(value, str) and value.lower() in _TRUTH:
            return _TRUTH[value.lower()]
        raise TemplateError(f"{place}: this is no condition: {value!r:.60}")

    # -- errors -----------------------------------------------------------------------------------------------------

    def _pair(self, name: str, takes: str, argument: Any, place: Place) -> tuple[Any, Any]:
        if not _is_pair(argument):
            self._wrong(name, takes, place)
        return self.value(argument[0], place), self.value(argument[1], place)

    @staticmethod
    def _wrong(name: str, takes: str, place: Place) -> NoReturn:
        raise TemplateError(f"{place}: {name} takes {takes}")


def _is_pair(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 2  # noqa: PLR2004 - a pair


def _as_text(value: Any) -> str:
    """A value as CloudFormation writes it into a text."""
    if value is ABSENT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)
