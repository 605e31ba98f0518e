"""`python -m benchmarks [NAME…]`: run the benchmarks and say which bars hold."""

from __future__ import annotations

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
)


def main(names: list[str]) -> int:
    """Run the named benchmarks (all without a name); exit code 1 when a bar does not hold."""
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
