"""The source distribution and the wheel hold what they should, and nothing else."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pytest_lambda_events"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
DIST_INFO = f"pytest_lambda_events-{PROJECT['version']}.dist-info"
LEFT_BEHIND = re.compile(r"(^|/)(__pycache__|\.[a-z]+_cache|\.hypothesis|\.coverage.*|\.git|\.tox)(/|$)|\.py[co]$")
"""What tools leave behind in a tree."""

# a folder of the project, as tests reach for it from their own
REACHED_FOR = re.compile(r"""\b(?:ROOT|parents\[\d\]) / "([\w.-]+)\"""")


def files_of(folder: Path) -> set[str]:
    """Every file under a folder but what Python compiled, by its name from the root."""
    found = (path.relative_to(ROOT).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not LEFT_BEHIND.search(name)}


def names_in(sdist: Path) -> set[str]:
    """The files of a source distribution, without the folder that they are all in."""
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}


def contents_of(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(built) -> Message:
    """The wheel's metadata."""
    return message_from_bytes(contents_of(built.wheel)[f"{DIST_INFO}/METADATA"])


# -- the wheel ---------------------------------------------------------------------------------------------------------


def test_they_are_named_after_the_version(built):
    """One wheel for every Python 3 and every system."""
    stem = f"pytest_lambda_events-{PROJECT['version']}"

    assert (f"{stem}.tar.gz", f"{stem}-py3-none-any.whl") == (built.sdist.name, built.wheel.name)


def test_the_wheel_holds_the_package_and_nothing_else(built):
    """Every file under the package's folder is in it: modules, schemas, pages, py.typed; no test, no cache."""
    about = {f"{DIST_INFO}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}

    assert files_of(PACKAGE) | about == set(contents_of(built.wheel))


def test_what_is_read_at_run_time_is_in_the_wheel(built):
    """The marker for type checkers, and each file that is no module, with the bytes that it has here."""
    contents = contents_of(built.wheel)
    beside = {name for name in files_of(PACKAGE) if not name.endswith(".py")}

    assert {"pytest_lambda_events/py.typed", "pytest_lambda_events/cassette/schema.json"} <= beside
    assert [] == [name for name in sorted(beside) if contents[name] != (ROOT / name).read_bytes()]


def test_the_licence_is_in_both(built):
    """Whole, as it is here."""
    text = (ROOT / "LICENSE").read_bytes()

    assert text == contents_of(built.wheel)[f"{DIST_INFO}/licenses/LICENSE"]
    assert text == (built.unpacked / "LICENSE").read_bytes()


# -- the source distribution -------------------------------------------------------------------------------------------


def test_the_source_distribution_holds_what_its_list_says(built):
    """Whole folders and single files, and what every build needs; nothing that tools left behind."""
    listed = [ROOT / name.lstrip("/") for name in PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]]
    expected = {path.name for path in listed if path.is_file()}.union(*(files_of(path) for path in listed))

    assert expected | {"PKG-INFO", "pyproject.toml"} == names_in(built.sdist) - {".gitignore"}


def test_its_own_tests_could_run_from_it(built):
    """What a test reaches for, from the root of the project, is there; so are the tests' own data, whole."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    reached = {name for path in paths for name in REACHED_FOR.findall(path.read_text(encoding="utf-8"))}
    wanted = {name for name in reached if (ROOT / name).exists()}

    assert {"README.md", "cassettes", "docs", "examples", "pyproject.toml", "tests"} <= wanted
    assert [] == sorted(name for name in wanted if not (built.unpacked / name).exists())


# -- the metadata ------------------------------------------------------------------------------------------------------


def test_the_metadata_says_what_the_project_says(metadata):
    """Name, version, summary, licence, Pythons, keywords and classifiers."""
    assert {
        "Name": "pytest-lambda-events",
        "Version": PROJECT["version"],
        "Summary": PROJECT["description"],
        "License-Expression": "Apache-2.0",
        "License-File": "LICENSE",
        "Requires-Python": ">=3.10",
        "Description-Content-Type": "text/markdown",
    }.items() <= dict(metadata.items()).items()
    assert PROJECT["keywords"] == metadata["Keywords"].split(",")
    assert PROJECT["classifiers"] == metadata.get_all("Classifier")


def test_the_description_is_the_readme(metadata):
    """An index shows what the project shows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert readme.strip() == metadata.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n").strip()


def test_the_metadata_is_valid(built, metadata):
    """By the judge that the index uses itself: each field, and no classifier that the index does not have."""
    judge = pytest.importorskip("packaging.metadata")
    known = pytest.importorskip("trove_classifiers")
    judge.Metadata.from_email(contents_of(built.wheel)[f"{DIST_INFO}/METADATA"], validate=True)

    assert [] == [name for name in metadata.get_all("Classifier") if name not in known.classifiers]


def test_twine_would_upload_both(built):
    """Its check, strictly."""
    pytest.importorskip("twine", reason="twine is in the tox environment `package`")
    command = [sys.executable, "-m", "twine", "check", "--strict", str(built.sdist), str(built.wheel)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    assert (0, 2) == (result.returncode, result.stdout.count("PASSED")), result.stdout + result.stderr


def test_the_classifiers_name_the_pythons_that_are_tested(metadata):
    """From the oldest that is admitted on, each has an environment of tox."""
    named = re.findall(r"Python :: 3\.(\d+)$", "\n".join(metadata.get_all("Classifier")), re.MULTILINE)
    (environments,) = re.findall(r"^env_list = (.*)$", (ROOT / "tox.ini").read_text(encoding="utf-8"), re.MULTILINE)
    tested = re.findall(r"\bpy3(\d+)", environments)

    assert sorted(tested) == sorted(named)
    assert f">=3.{named[0]}" == metadata["Requires-Python"]


def test_extras_and_requirements_are_the_projects(metadata):
    """Each extra, by its name, with what it requires; and what everybody needs."""
    requirement = pytest.importorskip("packaging.requirements").Requirement

    def normal(text: str) -> str:
        one = requirement(text)
        return f"{re.sub(r'[-_.]+', '-', one.name.lower())}{one.specifier}"

    shown: dict[str, set[str]] = {}
    for text in metadata.get_all("Requires-Dist"):
        extra = re.search(r"extra == [\"'](\w+)[\"']", text)
        shown.setdefault(extra[1] if extra else "", set()).add(normal(text))
    written = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}

    assert {name: set(map(normal, texts)) for name, texts in written.items()} == shown
    assert sorted(PROJECT["optional-dependencies"]) == sorted(metadata.get_all("Provides-Extra"))


def test_the_entry_points_are_the_projects(built):
    """The plugin, by which pytest finds it, and the command."""
    found = configparser.ConfigParser()
    found.read_string(contents_of(built.wheel)[f"{DIST_INFO}/entry_points.txt"].decode("utf-8"))

    assert {
        "console_scripts": PROJECT["scripts"],
        **PROJECT["entry-points"],
    } == {section: dict(found[section]) for section in found.sections()}


# -- the version -------------------------------------------------------------------------------------------------------


def test_the_version_is_semantic_and_the_first_in_the_changelog():
    """Three numbers, and a heading with a date or `unreleased`; the README shows the same version."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## \[?([^\]\s]+)\]? - (unreleased|\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    shown = re.search(r"^plugins: lambda-events-(\S+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert re.fullmatch(r"\d+\.\d+\.\d+", PROJECT["version"])
    assert (PROJECT["version"], PROJECT["version"]) == (first and first[1], shown and shown[1])
