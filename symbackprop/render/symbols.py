"""Names and characters of letters and signs, in one table for every dialect."""

from __future__ import annotations

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega"
)
GREEK = dict(zip(_NAMES.split(" "), "αβγδεζηθικλμνξπρστυφχψω", strict=True))
SYMBOLS = {
    **GREEK, "Delta": "Δ", "top": "ᵀ", "sum": "Σ", "odot": "⊙", "circ": "∘", "ast": "∗",
}  # fmt: skip
COMMANDS = {char: "\\" + name for name, char in SYMBOLS.items()}
"""A character and its TeX command: δ → ``\\delta``."""

_RAISED = dict(zip("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", strict=True))


def raised(text: str) -> str:
    """``12`` as ¹²."""
    return "".join(_RAISED.get(c, c) for c in text)
