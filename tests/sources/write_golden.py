"""Write the golden events anew: `python tests/sources/write_golden.py [SOURCE...]`. Read the diff before you commit."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from pytest_lambda_events.events import validate
from pytest_lambda_events.sources import SOURCES

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "data" / "events"


def main(names: list[str]) -> None:
    """Write one file for each variant of each source's case; all sources without a name."""
    for path in sorted((HERE / "cases").glob("*.py")):
        if names and path.stem not in names:
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        case = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(case)
        folder = GOLDEN / path.stem
        folder.mkdir(parents=True, exist_ok=True)
        for variant, make in case.EVENTS.items():
            text = json.dumps(make(), indent=1, ensure_ascii=False) + "\n"
            (folder / f"{variant}.json").write_text(text, encoding="utf-8", newline="\n")
    write_notes()


def write_notes() -> None:
    """What is said of the samples of AWS's documentation."""
    samples = HERE.parent / "data" / "aws-samples"
    notes = {}
    for source in SOURCES:
        sample = samples / f"{source.name.replace('_', '-')}.json"
        notes[source.name] = [str(one) for one in validate(json.loads(sample.read_text(encoding="utf-8")))]
    (samples / "notes.json").write_text(json.dumps(notes, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
