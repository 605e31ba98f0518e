"""Each operator: what it accepts and what it does not."""

from __future__ import annotations

import pytest

from pytest_lambda_events.filtering.advice import ADVICE
from pytest_lambda_events.filtering.pattern import compile_pattern


def accepts(rule, value) -> bool:
    """Whether a rule alone accepts the value of a key."""
    return compile_pattern({"k": [rule]}).matches({"k": value})


# rule, what it accepts, what it does not
TABLE = {
    "a string": ("order", ["order"], ["Order", "order ", "", "orders", None, 1, True]),
    "the empty string": ("", [""], [" ", None, 0, False]),
    "a string of digits": ("300", ["300"], [300, 300.0, "300.0"]),
    "an integer": (300, [300, 300.0, 3e2], ["300", 301, 300.5, True, None]),
    "one": (1, [1, 1.0], [True, "1"]),
    "zero": (0, [0, 0.0, -0.0], [False, "", None, "0"]),
    "a fraction": (0.5, [0.5, 5e-1], [0.25, "0.5"]),
    "an account number": (123456789012, [123456789012], [123456789013, "123456789012"]),
    "true": (True, [True], [1, 1.0, "true", False, None]),
    "false": (False, [False], [0, 0.0, "", "false", True, None]),
    "null": (None, [None], ["", "null", 0, False]),
    "prefix": ({"prefix": "ab"}, ["ab", "abc"], ["Abc", "a", "cab", "", None, 1]),
    "an empty prefix": ({"prefix": ""}, ["", "a"], [None, 0, True]),
    "prefix in any case": ({"prefix": {"equals-ignore-case": "aB"}}, ["ab", "ABc", "aBx"], ["a", "xab", None]),
    "suffix": ({"suffix": ".png"}, [".png", "a.png"], ["a.PNG", "png", "a.png.txt", None, 1]),
    "suffix in any case": ({"suffix": {"equals-ignore-case": ".pNg"}}, ["a.png", "A.PNG"], ["a.png.txt", "png", 1]),
    "equals-ignore-case": ({"equals-ignore-case": "Alice"}, ["alice", "ALICE", "Alice"], ["alice ", "", None, 1]),
    "equals-ignore-case of nothing": ({"equals-ignore-case": ""}, [""], ["a", None]),
    "wildcard": ({"wildcard": "a*z"}, ["az", "abcz", "azz", "a/b/z", "a\nz"], ["a", "z", "Az", "abz.", "xaz", None, 1]),
    "wildcard without a star": ({"wildcard": "abc"}, ["abc"], ["abcd", "ab", ""]),
    "wildcard, the empty one": ({"wildcard": ""}, [""], ["a", None]),
    "wildcard of everything": ({"wildcard": "*"}, ["", "a", "*", "a/b\nc"], [None, 1, True]),
    "wildcard around": ({"wildcard": "*/dir/*"}, ["/dir/", "a/dir/b/c"], ["dir", "/dir", "dir/"]),
    "wildcard with pieces in order": ({"wildcard": "*a*b*c"}, ["abc", "xaxbxc", "aabbcc"], ["acb", "cba", "ab", "bac"]),
    "wildcard whose pieces may not overlap": ({"wildcard": "aba*aba"}, ["abaaba", "abaXaba"], ["aba", "ababa"]),
    "wildcard with pieces that may not reach the end": ({"wildcard": "*ab*ab"}, ["abab", "xabxab"], ["ab", "xab"]),
    "wildcard with a star meant": (
        {"wildcard": r"a\*b*"},
        ["a*b", "a*bc"],
        ["ab", "axb", r"a\*b"],
    ),
    "wildcard with a backslash meant": ({"wildcard": r"C:\\*"}, ["C:\\", "C:\\dir"], ["C:", "C:/dir"]),
    "wildcard with a star meant beside one": ({"wildcard": r"*\*"}, ["*", "a*"], ["", "a"]),
    "anything-but a string": ({"anything-but": "x"}, ["y", "X", "", 1, None, True, False], ["x"]),
    "anything-but a number": ({"anything-but": 1}, [2, "1", True, None, 1.5], [1, 1.0]),
    "anything-but zero": ({"anything-but": 0}, [789, False, ""], [0, 0.0, -0.0]),
    "anything-but strings": ({"anything-but": ["x", "y"]}, ["z", None, 1], ["x", "y"]),
    "anything-but numbers": ({"anything-but": [1, 2.5]}, [3, "1", True], [1, 2.5]),
    "anything-but a prefix": (
        {"anything-but": {"prefix": "init"}},
        ["x", "Init", 12, None, False],
        ["init", "initial"],
    ),
    "anything-but prefixes": ({"anything-but": {"prefix": ["init", "test"]}}, ["x", 12], ["initial", "tests"]),
    "anything-but a suffix": ({"anything-but": {"suffix": ".png"}}, ["a.jpg", 1, None], ["a.png"]),
    "anything-but suffixes": ({"anything-but": {"suffix": [".png", ".jpg"]}}, ["a.gif"], ["a.png", "a.jpg"]),
    "anything-but a wildcard": ({"anything-but": {"wildcard": "*/lib/*"}}, ["/bin/x", 123, None], ["/lib/", "a/lib/b"]),
    "anything-but wildcards": ({"anything-but": {"wildcard": ["*.a", "b*"]}}, ["c"], ["x.a", "bx"]),
    "anything-but the empty wildcard": ({"anything-but": {"wildcard": ""}}, ["dir/init", None], [""]),
    "anything-but in any case": ({"anything-but": {"equals-ignore-case": "On"}}, ["off", 1, None], ["on", "ON"]),
    "anything-but several in any case": ({"anything-but": {"equals-ignore-case": ["On", "up"]}}, ["off"], ["oN", "UP"]),
    "numeric =": ({"numeric": ["=", 5]}, [5, 5.0], [5.1, "5", True, None]),
    "numeric = one": ({"numeric": ["=", 1]}, [1], [True, "1"]),
    "numeric <": ({"numeric": ["<", 5]}, [4, -1, 4.999], [5, 6, "4", None, False]),
    "numeric <=": ({"numeric": ["<=", 5]}, [5, 4], [5.1, "5"]),
    "numeric >": ({"numeric": [">", 5]}, [6, 5.5], [5, "6", None, True]),
    "numeric >=": ({"numeric": [">=", 5]}, [5, 5.5], [4.9, "5"]),
    "numeric range": ({"numeric": [">", 0, "<=", 5]}, [0.1, 5], [0, 5.1, -1, "3"]),
    "numeric range, the other ends": ({"numeric": [">=", 0, "<", 5]}, [0, 4.9], [5, -0.1]),
    "numeric where AWS's numbers end": (
        {"numeric": [">", 0]},
        [5_000_000_000],
        [5_000_000_001, 1_700_000_000_000],
    ),
    "numeric where AWS's numbers begin": ({"numeric": ["<", 0]}, [-5_000_000_000], [-5_000_000_001]),
    "exists": ({"exists": True}, ["", "x", 0, False, None], []),
    "exists not": ({"exists": False}, [], ["", "x", 0, False, None]),
    "cidr": ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "10.0.0", "x", "", 10, None, "::1"]),
    "cidr of one address": ({"cidr": "10.0.0.7/32"}, ["10.0.0.7"], ["10.0.0.8"]),
    "cidr with host bits": ({"cidr": "10.0.0.7/24"}, ["10.0.0.0", "10.0.0.9"], ["10.0.1.7"]),
    "cidr of v6": (
        {"cidr": "2001:db8::/32"},
        ["2001:db8::1", "2001:DB8:0:0::1"],
        ["2001:db9::1", "10.0.0.1", "2001:db8::1%eth0", "::ffff:10.0.0.1"],
    ),
    "cidr and what only looks like an address": ({"cidr": "10.0.0.0/8"}, [], ["10.0.0.999", "10.00.0.01", ":", "10/8"]),
}


@pytest.mark.parametrize(("rule", "value"), [(rule, value) for rule, yes, _ in TABLE.values() for value in yes])
def test_a_rule_accepts_what_it_describes(rule, value):
    """Whatever the operator describes matches."""
    assert accepts(rule, value)


@pytest.mark.parametrize(("rule", "value"), [(rule, value) for rule, _, no in TABLE.values() for value in no])
def test_a_rule_accepts_nothing_else(rule, value):
    """What the operator does not describe does not match, of whatever type it is."""
    assert not accepts(rule, value)


@pytest.mark.parametrize(
    "rule",
    [rule for rule, *_ in TABLE.values() if rule != {"exists": False}],
    ids=[name for name in TABLE if name != "exists not"],
)
def test_a_rule_needs_a_value(rule):
    """A key that is absent, and an object, an empty object or an empty array in its place, match nothing."""
    pattern = compile_pattern({"k": [rule]})

    assert [pattern.matches(record) for record in ({}, {"k": {}}, {"k": {"k": "x"}}, {"k": []}, {"k": [[], {}]})] == [
        False
    ] * 5


@pytest.mark.parametrize("record", [{}, {"k": {}}, {"k": {"k": "x"}}, {"k": []}, {"k": [[], {}]}])
def test_exists_looks_at_leaves_only(record):
    """An object, an empty object and an empty array are no leaf: for `exists` there is nothing."""
    assert compile_pattern({"k": [{"exists": False}]}).matches(record)


def test_a_wildcard_does_not_try_everything():
    """Thirty stars against forty thousand characters are decided at once; by trying all ways it would take years."""
    pattern = compile_pattern({"k": [{"wildcard": "a*" * 30 + "b"}]})

    assert not pattern.matches({"k": "a" * 40_000})
    assert not pattern.matches({"k": "a" * 40_000 + "bc"})
    assert pattern.matches({"k": "a" * 40_000 + "b"})


# operator or value as JSON, and what should be known about it
ADVISED = {
    '{"wildcard": "a*"}': {"filter-undocumented-operator"},
    '{"cidr": "10.0.0.0/8"}': {"filter-undocumented-operator"},
    '{"anything-but": {"prefix": "a"}}': {"filter-undocumented-operator"},
    '{"anything-but": {"equals-ignore-case": ["a"]}}': {"filter-undocumented-operator"},
    '{"anything-but": ["a"]}': set(),
    '{"anything-but": 300.0}': set(),
    '{"prefix": "a"}': set(),
    '{"numeric": ["=", 3e2]}': set(),
    "300": set(),
    "300.0": {"filter-number-spelling"},
    "3e2": {"filter-number-spelling"},
    "3.0E+2": {"filter-number-spelling"},
    "0.50": {"filter-number-spelling"},
    "0.5": set(),
    "-1.25": set(),
    '"300.0"': set(),
}


@pytest.mark.parametrize(("rule", "codes"), ADVISED.items())
def test_advice_goes_to_what_aws_documents_otherwise(rule, codes):
    """Operators that Lambda's page does not list, and numbers of which it says that their spelling counts."""
    assert compile_pattern(f'{{"a": {{"k": [1, {rule}]}}}}').advice == codes


@pytest.mark.parametrize(
    "pattern",
    ['{"a": [1], "$or": [{"a": [1, 2]}, {"b": [3]}]}', '{"a": {"b": [1]}, "a.b": [1]}'],
)
def test_two_conditions_on_one_path_are_advised_against(pattern):
    """Both count, but AWS's open engine keeps the last only."""
    assert compile_pattern(pattern).advice == {"filter-path-twice"}


def test_an_object_is_spelled_as_it_would_be_sent():
    """What json.dumps makes of it is what AWS would get."""
    assert compile_pattern({"k": [300.0]}).advice == {"filter-number-spelling"}
    assert compile_pattern({"k": [0.5, 300]}).advice == frozenset()


def test_every_advice_has_a_meaning():
    """The codes that patterns give are those that are described."""
    everything = '{"k": [3e2, {"wildcard": "a"}], "$or": [{"k": [1]}, {"l": [2]}]}'

    assert compile_pattern(everything).advice == set(ADVICE)
