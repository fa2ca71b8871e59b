"""Many statements like one, most of them false: what differs at one point goes at once.

A sieve proves nothing: it spares the judge the candidates that cannot be proved anyway.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import numpy as np

from symbackprop.errors import SymbackpropError
from symbackprop.judge.agree import allowed_entries, difference_of, sides_of
from symbackprop.judge.instance import Instance, instances
from symbackprop.judge.ring import FieldRing, OutOfClass, VanishingDenominator
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program

CASES = 8


class Sieve:
    """Statements about one program, looked at in the case of the first one that has any."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program, self.seed = program, seed
        self._case: Instance | None = None

    def passes(self, statement: Statement) -> bool:
        """False if the sides differ for certain; True says nothing."""
        try:
            case = self._case or self._case_of(statement)
            return case is None or not self._differs(statement, case)
        except ValueError:  # letters that run over different ranges
            return False
        except (OutOfClass, VanishingDenominator, ZeroDivisionError, SymbackpropError):
            return True

    def _case_of(self, statement: Statement) -> Instance | None:
        found = islice(instances(statement, self.program), CASES)
        cases = [case for case in found if not case.cut]  # a cut is made for one statement
        if cases:
            fixed = self.program.widths is not None and not cases[-1].narrow
            self._case = replace(cases[-1], weighted=True, formal=not fixed)
        return self._case

    def _differs(self, statement: Statement, case: Instance) -> bool:
        ring = FieldRing(random.Random(self.seed), 1, free_signs=True)
        first, *others = sides_of(statement, case).evaluated(ring)
        for other in others:
            difference, _ = difference_of(first, other, ring)
            if np.any(difference.astype(bool) & allowed_entries(statement, first, other)):
                return not ring.signs
        return False
