"""A number as printed against the true one: rounded, cut off, off in its last digit, or wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mpmath import mpf

SINGLE = mpf(3) / 10**7  # a relative gap that single precision leaves behind
SINGLE_DIGITS = 8


def unit(text: str) -> Any:
    """One unit of the last digit: 0.0001 for ``0.3775``."""
    return mpf(10) ** int(Decimal(text).as_tuple().exponent)


def agrees(text: str, true: Any) -> str:
    """``right``, ``truncated``, ``last-digit``, ``single-precision``, or nothing."""
    value, one = mpf(text), unit(text)
    gap = abs(value - true)
    slack = one / 10**9
    if gap <= one / 2 + slack:
        return "right"
    if abs(value) <= abs(true) and gap < one and value * true >= 0:
        return "truncated"
    digits = len(Decimal(text).as_tuple().digits)
    if gap <= one * (1 + mpf(1) / 10**6) and digits >= 3:
        return "last-digit"
    if digits >= SINGLE_DIGITS and gap <= abs(true) * SINGLE:
        return "single-precision"
    return ""


def shown(true: Any, text: str) -> str:
    """The true value with as many decimals as were printed."""
    exponent = int(Decimal(text).as_tuple().exponent)
    value = Decimal(str(true)) if abs(true) > mpf(10) ** -300 else Decimal(0)
    if "e" in text.lower():
        digits = len(Decimal(text).as_tuple().digits)
        return f"{value:.{max(digits - 1, 0)}e}"
    finer = value.quantize(Decimal(1).scaleb(min(exponent, 0) - 2))
    if abs(finer - value) < Decimal(1).scaleb(min(exponent, 0) - 12) and exponent <= 0:
        return (
            f"{finer:f}".rstrip("0")
            if finer != finer.quantize(Decimal(1).scaleb(exponent))
            else f"{value:.{-exponent}f}"
        )
    return f"{value:.{max(-exponent, 0)}f}"
