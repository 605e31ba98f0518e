"""`python -m benchmarks [NAME…]`: run the benchmarks and say which bars hold.

The law: each runs in a process of its own, and what one of them does to itself hinders no other.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import machine
from benchmarks.alone import BenchmarkFailed, measured
from benchmarks.listed import BENCHMARKS, PEERS
from benchmarks.measure import Bar
from benchmarks.peers.environments import NEEDS, make, version_of
from benchmarks.results import Results, page

RESULTS = Path(__file__).with_name("results.md")


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benchmarks; 1 when a bar is missed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*BENCHMARKS, *PEERS))}")
    parser.add_argument(
        "--with-peers",
        action="store_true",
        help="also run what people use today, installed from PyPI into environments of their own in a cache folder",
    )
    parser.add_argument("--write", action="store_true", help="write what was found to benchmarks/results.md")
    asked = parser.parse_args(argv)
    for name in asked.names:
        if name not in (*BENCHMARKS, *PEERS):
            parser.error(f"there is no benchmark {name!r}")
    if asked.names and asked.write:
        parser.error("--write writes the results of all, so no names go with it")
    return asked


def main(argv: list[str]) -> int:
    """Run the named benchmarks (all without a name); exit code 1 when a bar does not hold or a benchmark fails."""
    asked = _arguments(argv)
    if asked.with_peers:
        _make_environments()
    began, load = machine.now(), machine.load()
    on, versions = machine.machine(), machine.versions()
    print("; ".join(f"{name} {found}" for name, found in {**on, **versions}.items()) + "\n")
    results = Results()
    for name in asked.names or (*BENCHMARKS, *(PEERS if asked.with_peers else ())):
        _run(name, results)
    if asked.write:
        on |= {"began": began, "ended": machine.now(), "load at the beginning and the end": f"{load}, {machine.load()}"}
        peer_versions = {name: version_of(name) for name in NEEDS} if asked.with_peers else {}
        text = page(results, machine=on, versions=versions, peer_versions=peer_versions)
        RESULTS.write_text(text, encoding="utf-8", newline="\n")
        print(f"written: {RESULTS}")
    return 1 if results.missed or results.failures else 0


def _make_environments() -> None:
    for peer in NEEDS:
        wrong = make(peer)
        if wrong:
            print(f"{peer} cannot be installed and is left out: {wrong}", file=sys.stderr)


def _run(name: str, results: Results) -> None:
    print(name)
    try:
        for found in measured(name):
            print(f"  {found}", flush=True)
            if isinstance(found, Bar):
                results.bars.append((name, found))
            else:
                results.peers.append((name, found.case, found))
    except BenchmarkFailed as error:
        print(f"  {error}", file=sys.stderr)
        results.failures[name] = str(error)
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
