"""`python -m benchmarks [NAME…]`: run the benchmarks and say which bars hold."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
from importlib.metadata import version

from benchmarks.measure import Bar

BENCHMARKS = (
    "growth",
    "throughput",
    "long_retry",
    "startup",
    "per_test",
    "events",
    "matching",
    "streams",
    "kinesis_put",
    "kafka_log",
    "captured",
    "simulated",
    "cassettes",
    "report",
)


def main(argv: list[str]) -> int:
    """Run the named benchmarks (all without a name); exit code 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benchmarks; 1 when a bar is missed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)} (default: all)")
    names = parser.parse_args(argv).names
    for name in names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}")
    packages = ", ".join(f"{name} {version(name)}" for name in ("moto", "botocore", "freezegun", "pytest"))
    print(f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}; {packages}\n")
    failed = 0
    for name in names or BENCHMARKS:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"{name}: {module.__doc__.splitlines()[0]}")
        for bar in module.run():
            assert isinstance(bar, Bar)
            failed += not bar.holds
            print(f"  {bar}")
        print()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
