"""What a client checks, and AWS's sentences: names, shapes and types by themselves, without a mapping's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.parameters import (
    CREATE_MEMBERS,
    SHAPES,
    MapOf,
    Operation,
    checked,
    constraint,
    out_of_range,
    refuse_constraints,
    unknown,
)
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from pytest_lambda_events.model.parameters import Shape

OPERATION = Operation(name="CreatePie", elsewhere={"CreatePie": ("Crust",), "EatFunction": ("Fork", "Crust")})
PIE: Shape = {"Name": "string", "Layers": ({"Fruit": "string", "Grams": "integer"},), "Tags": "structure"}


def test_a_checked_value_is_a_copy_without_nulls() -> None:
    """Structures are in the order of the shape and lists are lists; what is not looked into is copied all the same."""
    tags: dict[str, Any] = {"who": ["me"]}
    layer = {"Grams": 2, "Fruit": None}
    found = checked(OPERATION, "Pie", {"Tags": tags, "Layers": (layer,), "Name": None}, PIE)
    assert found == {"Layers": [{"Grams": 2}], "Tags": tags}
    assert list(found) == ["Layers", "Tags"]
    tags["who"].clear()
    assert found["Tags"] == {"who": ["me"]}


def test_a_map_is_checked_in_its_keys_and_values() -> None:
    """Its names are free, their type is not, and null is no value."""
    assert checked(OPERATION, "Tags", {"who": "me"}, MapOf("string")) == {"who": "me"}
    with pytest.raises(UsageError, match=r"Invalid type for parameter Tags.who, value: 1"):
        checked(OPERATION, "Tags", {"who": 1}, MapOf("string"))
    with pytest.raises(UsageError, match=r"Invalid type for parameter Tags.who, value: None"):
        checked(OPERATION, "Tags", {"who": None}, MapOf("string"))
    with pytest.raises(UsageError, match=r"Invalid type for parameter Tags \(key\), value: 1"):
        checked(OPERATION, "Tags", {1: "me"}, MapOf("string"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "Pie, value: [], type: <class 'list'>, valid types: <class 'dict'>; give a dict"),
        ({"Layers": {}}, "Pie.Layers, value: {}"),
        ({"Layers": [None]}, "Pie.Layers[0], value: None"),
        ({"Layers": [{}, {"Grams": True}]}, "Pie.Layers[1].Grams, value: True"),
    ],
)
def test_another_type_is_refused_where_it_stands(value: Any, words: str) -> None:
    """The path leads to it."""
    with pytest.raises(UsageError) as wrong:
        checked(OPERATION, "Pie", value, PIE)
    assert f"Invalid type for parameter {words}" in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "inside", "words"),
    [
        ("nmae", "", "CreatePie has no parameter 'nmae'; did you mean Name?"),
        ("NAME", "Pie", "CreatePie's Pie has no parameter 'NAME'; did you mean Name?"),
        ("Fork", "", "CreatePie has no parameter 'Fork'; it is a parameter of EatFunction and goes in function={...}"),
        ("Crust", "Pie", "CreatePie's Pie has no parameter 'Crust'; it must be one of: Name, Layers, Tags"),
        (7, "", "CreatePie has no parameter 7; it must be one of: Name, Layers, Tags"),
    ],
)
def test_an_unknown_name_says_what_was_meant(name: object, inside: str, words: str) -> None:
    """The parameter of another operation, a near name, or all there are; what the operation itself has is no advice."""
    with pytest.raises(UsageError) as wrong:
        unknown(OPERATION, name, ["Name", "Layers", "Tags"], inside=inside)
    assert str(wrong.value) == words


def test_sentences_about_values() -> None:
    """A path is written as AWS's sentences write it, a list without quotes, and bounds belong to the range."""
    assert constraint("Pie.Layers", ["a", "b"], "R") == "Value '[a, b]' at 'pie.layers' failed to satisfy constraint: R"
    assert constraint("Pie", {"a": ["b"]}, "R") == "Value '{a=[b]}' at 'pie' failed to satisfy constraint: R"
    assert [list(out_of_range("Grams", value, (1, 3))) for value in (1, 2, 3)] == [[], [], []]
    (low,) = out_of_range("Grams", 0, (1, 3))
    (high,) = out_of_range("Grams", 4, (1, 3))
    assert low == constraint("Grams", 0, "Member must have value greater than or equal to 1")
    assert high == constraint("Grams", 4, "Member must have value less than or equal to 3")


def test_all_sentences_at_once() -> None:
    """They are counted; none is no refusal."""
    refuse_constraints([])
    with pytest.raises(Refusal) as refused:
        refuse_constraints(["one", "two"])
    assert (refused.value.code, refused.value.message) == (
        "ValidationException",
        "2 validation errors detected: one; two",
    )


# -- the table and AWS's model -----------------------------------------------------------------------------------------


def agrees(shape: Any, known: Any) -> bool:
    """Whether a shape of ours is botocore's, all through."""
    if isinstance(known, str):
        return bool(shape.type_name == known)
    if isinstance(known, MapOf):
        return shape.type_name == "map" and shape.key.type_name == "string" and agrees(shape.value, known.value)
    if isinstance(known, tuple):
        return shape.type_name == "list" and agrees(shape.member, known[0])
    return shape.type_name == "structure" and all(
        name in known and agrees(member, known[name]) for name, member in shape.members.items()
    )


def test_every_parameter_of_the_model_is_known() -> None:
    """A parameter that AWS added must be judged by us before users meet it (an older botocore may have fewer)."""
    session = pytest.importorskip("botocore.session").get_session()
    members = session.get_service_model("lambda").operation_model("CreateEventSourceMapping").input_shape.members
    assert list(members) == [name for name in CREATE_MEMBERS if name in members]
    assert [name for name, shape in members.items() if not agrees(shape, SHAPES[name])] == []
