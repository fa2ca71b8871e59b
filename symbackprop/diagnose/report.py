"""What a diagnosis is, as data; the words for it stand in ``telling``."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """An expression in a person's file: line from 1, columns from 0 (None: the whole line)."""

    line: int
    column: int | None = None
    end: int | None = None
    code: str = ""
    note: str = ""


@dataclass(frozen=True)
class ParameterVerdict:
    """``error``: the largest gap to the truth (times the factor), relative to its largest entry."""

    name: str
    verdict: str
    factor: str | None
    error: float


@dataclass(frozen=True)
class NamedMistake:
    """A row of the table, recognised; ``also``: other rows that give the very same numbers."""

    id: str
    says: str
    should: str
    layers: tuple[int, ...]
    also: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a function: ``correct``, ``wrong`` or ``undecided``, and why.

    ``convention`` in plain words; ``setting`` and ``factor``: the gradients are (should be)
    ``factor`` times those of this cost; ``gap`` the largest relative difference; ``spec`` a
    specification to fill in where the signature could not be guessed; ``cells``: the lines at which
    the code cells of a notebook start.
    """

    function: str
    verdict: str
    message: str
    convention: tuple[str, ...] = ()
    setting: str = ""
    factor: str = "1"
    parameters: tuple[ParameterVerdict, ...] = ()
    mistakes: tuple[NamedMistake, ...] = ()
    place: Place | None = None
    repair: str = ""
    notes: tuple[str, ...] = ()
    points: int = 0
    gap: float | None = None
    proof: str = ""
    spec: str = ""
    file: str = ""
    cells: tuple[int, ...] = ()
    confined: bool | None = field(default=None, compare=False)

    @property
    def correct(self) -> bool:
        return self.verdict == "correct"

    def __bool__(self) -> bool:
        raise TypeError("a Diagnosis has three answers; ask for .verdict or .correct")

    def __str__(self) -> str:
        from symbackprop.diagnose.telling import as_text

        return as_text(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}
