"""From older versions of the format to the present one. The law: one pure step for each version, and nothing is lost.

`STEPS[n]` makes JSON of version n+1 out of that of version n. Version 1 is the first, so there is none yet; whoever
changes the format adds one, and a cassette of the old version to the tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.codec import VERSION, cassette_of, encode, tree_of, whole_tree
from pytest_lambda_events.cassette.store import MAX_BYTES, content_of, lines_beside, write
from pytest_lambda_events.errors import CassetteBroken

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

__all__ = ["STEPS", "migrate", "migrated"]

STEPS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


def migrated(
    tree: dict[str, Any],
    name: str,
    *,
    steps: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = STEPS,
    version: int = VERSION,
) -> dict[str, Any]:
    """The JSON of a cassette in the present version. Errors: `CassetteBroken` for a version that never was."""
    while tree["version"] < version:
        before = tree["version"]
        if before not in steps:
            raise CassetteBroken(f"{name} has version {before} of the format, which never was: capture it anew")
        tree = {**steps[before](tree), "version": before + 1}
    return tree


def migrate(path: str | os.PathLike[str], *, write_back: bool = True, max_bytes: int = MAX_BYTES) -> bool:
    """Bring a file to the present version and to the one way of writing; whether that changes anything.

    A file that somebody edited or formatted by hand is written as it should be. With `write_back=False` the file stays
    as it is. Errors: as `store.load` and `store.write`.
    """
    file = Path(path)
    data = content_of(file, max_bytes)
    beside = lines_beside(file, max_bytes - len(data))
    tree = tree_of(data, str(file))
    if tree["version"] != VERSION:
        tree = migrated(whole_tree(tree, str(file), beside), str(file))
    cassette = cassette_of(tree, str(file), beside)
    text, lines = encode(cassette, file.stem)
    same = text.encode("utf-8") == data and (lines is None or beside(lines[0]) == lines[1].encode("utf-8"))
    if not same and write_back:
        write(cassette, file, overwrite=True, max_bytes=max_bytes)
    return not same
