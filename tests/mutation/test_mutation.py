"""`python -m mutation` finds the changes, tries them, and tells those that a test notices from those that none does."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MODULE = '''"""Doc, about == and True."""

from __future__ import annotations

__all__ = ["LIMIT"]
LIMIT: int = 10
"""Of what is small."""
UNUSED = 7


def is_small(n: int, more: int = 0) -> bool:
    """Say so."""
    return n + more < LIMIT


def count_down(n: int) -> int:
    """Come to nothing."""
    while n > 0:
        n -= 1
    return n


def nobody_calls() -> list[int]:
    """Say f"nothing"."""
    return []
'''

TESTS = """from toy.numbers import count_down, is_small

def test_small():
    assert is_small(3)
    assert is_small(9)
    assert not is_small(11)

def test_down():
    assert count_down(5) == 0
"""

SURVIVORS = [
    "survived: toy/numbers.py:13: return n + more < LIMIT  =>  return n + more <= LIMIT",
    "survived: toy/numbers.py:13: return n + more < LIMIT  =>  return n - more < LIMIT",
    "survived: toy/numbers.py:6: LIMIT: int = 10  =>  LIMIT: int = 11",
    "unreached: toy/numbers.py:25: return []  =>  return None",
    "unreached: toy/numbers.py:8: UNUSED = 7  =>  UNUSED = 8",
]


@pytest.fixture
def tool(monkeypatch):
    """Imports a module of the tool."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"mutation.{name}")


def changed(tool, text):
    """Each change of a text: the line that it becomes."""
    return [mutant.becomes for mutant in tool("mutants").mutants_of("m.py", text.encode())]


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        pytest.param("a < b", ["a <= b"], id="a limit"),
        pytest.param("a < b <= c", ["a <= b <= c", "a < b < c"], id="two limits"),
        pytest.param("a not in b", ["a in b"], id="no member"),
        pytest.param("a is b", ["a is not b"], id="identity"),
        pytest.param("a and b and c", ["a or b or c"], id="and"),
        pytest.param("not a", ["a"], id="not"),
        pytest.param("a * b", ["a // b"], id="product"),
        pytest.param("x = a if b else c", ["x = a if not (b) else c"], id="condition"),
        pytest.param("[a for a in b if a]", ["[a for a in b if not (a)]"], id="filter"),
        pytest.param("min(a, b)", ["max(a, b)", "pass"], id="least"),
        pytest.param("x = 1", ["x = 2"], id="number"),
        pytest.param("x = False", ["x = True"], id="truth"),
        pytest.param("x = 'name'", ["x = 'XXnameXX'"], id="a name is data"),
        pytest.param(
            "x += 'é' 'ß'; y = 1", ["x -= 'é' 'ß'; y = 1", "x += 'XXéßXX'; y = 1", "x += 'é' 'ß'; y = 2"], id="é"
        ),
        pytest.param("x.a = b", ["pass"], id="an effect"),
        pytest.param("del x[a]", ["pass"], id="a deletion"),
        pytest.param("del x", [], id="a parameter that is not used"),
        pytest.param("raise E", ["pass"], id="a refusal"),
        pytest.param("x = 'to be read'", [], id="a message"),
        pytest.param("x = f'{a + 1}'", [], id="a message put together"),
        pytest.param("'''About 1.'''", [], id="a docstring"),
        pytest.param("x: TypeAlias = 'int'", [], id="an alias of a type"),
        pytest.param("x = cast('int', a)", [], id="a type"),
        pytest.param("isinstance(a, int | None)", ["pass"], id="a union of types"),
        pytest.param(
            "def f(a=1, _=2, *, b=3, c): ...",
            ["def f(a=2, _=2, *, b=3, c): ...", "def f(a=1, _=2, *, b=4, c): ..."],
            id="defaults",
        ),
        pytest.param("def f(): return False", ["def f(): return True"], id="no"),
        pytest.param("def f(): return 0", ["def f(): return 1", "def f(): return None"], id="nothing"),
        pytest.param("def __repr__(self): return 1", [], id="for people"),
        pytest.param("__slots__ = ('a',)", [], id="names"),
        pytest.param("@f(1)\ndef g(a: 'b') -> 'c': ...", [], id="decorator, annotation"),
        pytest.param("if TYPE_CHECKING:\n    x = 1", [], id="for type checkers"),
    ],
)
def test_what_is_changed(tool, line, becomes):
    """Behaviour is; what is for people or for type checkers is not."""
    assert becomes == changed(tool, line)


def test_a_change_keeps_the_number_of_lines(tool):
    """What is left out leaves its lines, so that all others are found where they were."""
    text = b"def f():\n    g(\n        a,\n    )\n    return b\n"
    (mutant, _) = tool("mutants").mutants_of("m.py", text)

    assert (2, "g(", "pass") == (mutant.line, mutant.was, mutant.becomes)
    assert b"def f():\n    pass\n\n\n    return b\n" == mutant.applied(text)


def test_who_uses_a_name(tool):
    """The functions in which it stands, or something that is made from it."""
    names = tool("names").Names(
        {
            "a.py": b"A = 1\nB = {A: 2}\ndef f(): return 3\n",
            "b.py": b"from a import B as C\ndef g(): return C\ndef h(x: B): return 4\n",
        }
    )

    assert {("b.py", 2)} == names.users(["A"])


def test_a_judgement_stays_with_its_change(tool):
    """However the lines move; what is new has none."""
    survivors = tool("survivors")
    (mutant,) = tool("mutants").mutants_of("m.py", b"if a | b < c: ...\n"[3:-6])[:1]
    moved = mutant._replace(line=7)
    text = survivors.list_of([mutant], {}, "summary")
    judged = survivors.judgements_in(text.replace("| ? |", "| equivalent: a is 0 |"))

    assert "| 7 | `a \\| b < c` | `a & b < c` | equivalent: a is 0 |" in survivors.list_of([moved], judged, "summary")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are tried in forks")
def test_survivors_are_told(tmp_path):
    """An endless loop is stopped, a changed table is imported anew, and what no test reaches is said to be so."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "numbers.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "test_toy.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "mutation", "--toy", "toy"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )

    assert SURVIVORS == sorted(line for line in ran.stdout.splitlines() if line.startswith(("survived", "unreached")))
    assert "| all | 6 | 1 | 3 | 2 | 58.3 % |" == ran.stdout.splitlines()[-1]
    assert 1 == ran.returncode
