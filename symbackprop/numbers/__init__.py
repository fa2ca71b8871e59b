"""Worked examples with numbers: recomputed, compared digit by digit, and made."""

from __future__ import annotations

from symbackprop.numbers.compare import Report, check_numbers
from symbackprop.numbers.problem import Problem, read_problem

__all__ = ["Problem", "Report", "check_numbers", "read_problem"]
