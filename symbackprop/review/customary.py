"""What letters and function names mean if nothing in the document says otherwise."""

from __future__ import annotations

CUSTOM = {
    "weight": ("w", "W", "Theta", "theta", "mathbf W"),
    "bias": ("b", "B", "beta"),
    "weighted input": ("z", "Z", "u", "s"),
    "activation": ("a", "A", "h", "H", "o", "x_"),
    "input": ("x", "X"),
    "target": ("y", "t", "Y", "T"),
    "output": ("hat y", "hat Y", "o", "p"),
    "cost": (
        "C",
        "E",
        "J",
        "L",
        "mathcal L",
        "mathcal C",
        "mathcal E",
        "mathcal J",
        "ell",
        "mathscr L",
        "C_0",
        "E_0",
        "J_0",
        "L_0",
        "mathcal L_0",
    ),
    "error": ("delta", "Delta"),
    "penalty": ("lambda",),
}


FUNCTIONS = ("sigma", "phi", "varphi", "f", "g", "h", "psi", "rho", "theta")


KNOWN_FUNCTIONS = {
    "tanh": "tanh", "softmax": "softmax", "relu": "relu", "ReLU": "relu", "sigmoid": "sigmoid",
    "sigm": "sigmoid", "logistic": "sigmoid", "softplus": "softplus", "gelu": "gelu",
    "GELU": "gelu",
    "silu": "silu", "SiLU": "silu", "swish": "silu", "identity": "identity", "Softmax": "softmax",
    "Sigmoid": "sigmoid", "sig": "sigmoid", "smax": "softmax", "LeakyReLU": "leaky-relu",
}  # fmt: skip


ELEMENTARY = {"exp": "exp", "log": "log", "ln": "log", "erf": "erf", "sqrt": "sqrt"}


EQUAL = ("=", ":=", "equiv")
NUMBERS = {"lambda", "eta", "alpha", "epsilon", "mu", "beta", "gamma"}  # never a function of others
