"""All benchmarks in one run: ratios side by side, CPU seconds, one BLAS thread.

``make bench`` prints the tables; ``make bench PEERS=1`` puts other libraries beside them.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import argparse
import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = (
    "judging",
    "checking",
    "diagnosing",
    "handouts",
    "printing",
    "starting",
    "sympy_road",
    "gradients",
)


def load(name: str) -> object:
    """A benchmark module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Run the parts that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--peers", action="store_true", help="other libraries beside ours")
    given = parser.parse_args()
    if given.peers:
        os.environ["PEERS"] = "1"
    sys.path.insert(0, str(HERE))
    for name in given.parts or PARTS:
        load(name).main()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
