"""What the judge says: four answers, never a yes or no by accident."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from symbackprop.language.derivation import Derivation


class Status(enum.Enum):
    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_UNDERSTOOD = "not-understood"


@dataclass(frozen=True)
class Witness:
    """A concrete case in which the two sides differ, certified by exact or ball arithmetic.

    ``widths`` are (n_0, …) of the network, ``layer`` the value of l, ``entry`` the index values,
    ``values`` the numbers put in (name → text of an exact fraction or array of them), ``left`` and
    ``right`` the two sides as text: exact fractions, or digits that are certain.
    """

    widths: tuple[int, ...]
    layer: int | None
    entry: dict[str, int]
    values: dict[str, str]
    left: str
    right: str
    note: str = ""

    def __str__(self) -> str:
        place = ", ".join(f"{letter}={value}" for letter, value in self.entry.items())
        layer = f", l={self.layer}" if self.layer is not None else ""
        where = f" at {place}" if place else ""
        return f"widths {list(self.widths)}{layer}: {self.left} ≠ {self.right}{where}"


@dataclass(frozen=True)
class Verdict:
    """``status``, what it covers, and what it rests on.

    ``scope`` lists what the proof covers ("every width", "every depth", …); ``bound`` is log2 of
    the chance that random points agreed by accident (None: no chance at all, a normal form);
    ``conditions`` the conventions and facts used (kinks, Σ y = 1, denominators).
    """

    status: Status
    scope: tuple[str, ...] = ()
    bound: float | None = None
    witness: Witness | None = None
    why: str = ""
    conditions: tuple[str, ...] = ()
    seed: int | None = None

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has four answers; ask for .status or .proved")

    @property
    def proved(self) -> bool:
        return self.status is Status.PROVED

    @property
    def bound_text(self) -> str:
        """``exact`` or ``< 2^-118``."""
        return "exact" if self.bound is None else f"< 2^{int(self.bound)}"


@dataclass(frozen=True)
class Checked:
    """A derivation and a verdict for each of its steps; only the judge makes one."""

    derivation: Derivation
    verdicts: tuple[Verdict, ...]
    seed: int
    seconds: float = field(default=0.0, compare=False)

    @property
    def proved(self) -> bool:
        """Whether every step is proved."""
        return all(verdict.proved for verdict in self.verdicts)

    @property
    def worst_bound(self) -> float | None:
        """log2 of the largest bound among the proved steps; None if all are exact."""
        bounds = [v.bound for v in self.verdicts if v.proved and v.bound is not None]
        return max(bounds) if bounds else None
