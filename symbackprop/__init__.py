"""symbackprop derives backpropagation, proves every partial derivative, compiles and prints it.

The public names are imported when they are first used, so that ``symbackprop --help`` needs neither
SymPy nor NumPy.

>>> import symbackprop
>>> symbackprop.Network([2, 3, 2]).parameters
17
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # what type checkers take for true; typing itself would cost milliseconds

if TYPE_CHECKING:
    from typing import Any

    from symbackprop.derive import derive
    from symbackprop.judge import check
    from symbackprop.judge.verdict import Checked, Verdict
    from symbackprop.networks.activations import add_activation
    from symbackprop.networks.costs import add_cost
    from symbackprop.networks.network import Network
    from symbackprop.numeric.lower import compile_gradients

__version__ = "0.1.0"

__all__ = [
    "Checked",
    "Network",
    "Verdict",
    "__version__",
    "add_activation",
    "add_cost",
    "check",
    "compile_gradients",
    "derive",
]

_WHERE = {
    "Checked": "judge.verdict",
    "Network": "networks.network",
    "Verdict": "judge.verdict",
    "add_activation": "networks.activations",
    "add_cost": "networks.costs",
    "check": "judge",
    "compile_gradients": "numeric.lower",
    "derive": "derive",
}


class _Package(ModuleType):
    """``symbackprop.derive`` is the function, also once the room of the same name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and name in _WHERE:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'symbackprop' has no attribute {name!r}")
    value = getattr(import_module(f"symbackprop.{_WHERE[name]}"), name)
    if name == "check":
        import_module("symbackprop.showing").register()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
