"""Pytest runs derivations: ``*.deriv.md`` always, other Markdown with ``--symbackprop``.

One test for each claim, named by its tag or its line.  A line that the document marks with
``error: [id]`` passes if it is refuted for that reason.  Nothing is imported before the first
document, and no document is judged before the first of its tests runs.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from symbackprop.networks.network import Network
    from symbackprop.numeric.lower import Gradients
    from symbackprop.read.documents import Document
    from symbackprop.read.formulas import Formula
    from symbackprop.review.report import FileReport, Line

ALWAYS = ".deriv.md"
MARKDOWN = (".md", ".markdown")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("symbackprop", "derivations of backpropagation")
    group.addoption(
        "--symbackprop",
        action="store_true",
        help=f"check the formulas of all Markdown files, not only of *{ALWAYS}",
    )


def pytest_configure(config: pytest.Config) -> None:
    says = "network(*layers, **options): the symbackprop.Network of the fixtures of this test"
    config.addinivalue_line("markers", says)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Derivation | None:
    name = file_path.name.lower()
    if name.endswith(ALWAYS) or (name.endswith(MARKDOWN) and parent.config.option.symbackprop):
        return Derivation.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def assert_proved() -> Callable[..., None]:
    """``assert_proved(tex, network=None, **assumptions)``: fails unless all of it is proved."""
    from symbackprop.review import asserting

    return asserting.assert_proved


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Network:
    """The network that a test is about: ``@pytest.mark.network([4, 3, 2], activation="tanh")``.

    The marker takes what ``symbackprop.Network`` takes; without it: 2-3-2, sigmoid, quadratic cost.
    A test suite that is about one network defines a fixture of this name.
    """
    from symbackprop.networks.network import Network

    marker = request.node.get_closest_marker("network")
    return Network(*marker.args, **marker.kwargs) if marker else Network()


@pytest.fixture
def exact_gradients(network: Network) -> Gradients:
    """``exact_gradients(X, Y, W, b, lam) -> ([∂C/∂W^1, …], [∂C/∂b^1, …])``, proved for ``network``.

    W^l is (n_l, n_{l-1}), b^l (n_l,); X and Y are one sample (n,), or a batch where the network has
    one.  ``exact_gradients.cost`` is the cost.  Each network is derived and proved once in a run.
    """
    return _proved_gradients(network)


@lru_cache(maxsize=64)
def _proved_gradients(network: Network) -> Gradients:
    from symbackprop.derive import derive
    from symbackprop.judge import check
    from symbackprop.numeric.lower import compile_gradients

    return compile_gradients(check(derive(network)))


class Derivation(pytest.File):
    """A document; it is reviewed once, when the first of its equations is tested."""

    def collect(self) -> Iterator[Equation]:
        claims = self.claims
        for name, formula in zip(_names(claims), claims, strict=True):
            yield Equation.from_parent(self, name=name, formula=formula)

    @cached_property
    def claims(self) -> tuple[Formula, ...]:
        """What is claimed, in order; Markdown without any is no error unless it is ours."""
        from symbackprop.errors import SymbackpropError
        from symbackprop.read.documents import NoFormulas
        from symbackprop.review.listing import claiming

        must_claim = self.path.name.lower().endswith(ALWAYS)
        try:
            claims = claiming(self.document)
        except SymbackpropError as fault:
            if isinstance(fault, NoFormulas) and not must_claim:
                return ()
            raise self.CollectError(_on_one_line(str(fault))) from None
        if must_claim and not claims:
            raise self.CollectError(f"{self.document.path}: nothing is claimed here")
        return claims

    @cached_property
    def document(self) -> Document:
        from symbackprop.read.documents import read_file

        here = Path.cwd()
        below = self.path.is_relative_to(here)
        return read_file(self.path.relative_to(here) if below else self.path)

    @cached_property
    def report(self) -> FileReport:
        from symbackprop.review.document import check_document

        return check_document(self.document)

    @cached_property
    def shares(self) -> dict[tuple[int, int], list[Line]]:
        """The lines that each equation answers for, by its place.

        A review may find claims in another reading where nobody saw one before: they belong to the
        equation above them, so that no verdict is lost.
        """
        from symbackprop.review.show.wording import claims_of

        places = [_place(formula) for formula in self.claims]
        shares: dict[tuple[int, int], list[Line]] = {place: [] for place in places}
        for line in claims_of(self.report):
            number = bisect(places, _place(line)) - 1
            shares[places[max(number, 0)]].append(line)
        return shares


class Equation(pytest.Item):
    """One claim of a document."""

    parent: Derivation

    def __init__(self, *, formula: Formula, **known: Any) -> None:
        super().__init__(**known)
        self.formula = formula

    def runtest(self) -> None:
        from symbackprop.errors import SymbackpropError

        try:
            trouble = self.trouble()
        except SymbackpropError as fault:
            trouble = _on_one_line(str(fault))
        if trouble:
            pytest.fail(trouble, pytrace=False)

    def trouble(self) -> str:
        """Why this equation is not as it should be; "" if it is."""
        from symbackprop.review.show import text, wording

        file = self.parent.report
        lines = self.parent.shares[_place(self.formula)]
        own = next((line for line in lines if _place(line) == _place(self.formula)), None)
        said = [_mark_is_wrong(self.formula, own)] if self.formula.marked else []
        should_hold = [line for line in lines if line is not own or not self.formula.marked]
        shown = [line for line in should_hold if line.verdict != "proved"]
        if any(said) and own is not None:
            shown.insert(0, own)
        if shown:
            said.append(text.told(file, shown))
        return "\n".join(filter(None, said)) or wording.caution(file)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.formula.line - 1, f"{self.path.name}: {self.name}"


def _mark_is_wrong(formula: Formula, line: Line | None) -> str:
    """``error: [id]`` stands at a line that is not refuted, or for another reason."""
    from symbackprop.review.show import wording

    mark = f"error: [{', '.join(formula.expected)}]"
    if line is None:
        return f"line {formula.line} is marked {mark}, but nothing is claimed in it"
    if line.verdict not in wording.WRONG:
        return f"{wording.name_of(line)} is marked {mark}, but it is {wording.heading(line)}"
    if formula.expected and line.mistake not in formula.expected:
        found = line.mistake or "no mistake that has a name"
        return f"{wording.name_of(line)} is marked {mark}, but it has {found}"
    return ""


def _names(formulas: Sequence[Formula]) -> Iterator[str]:
    """``eq 4`` or ``line 12``; with the column where that is not enough."""
    names = [f"eq {f.tag}" if f.tag else f"line {f.line}" for f in formulas]
    often = Counter(names)
    for name, formula in zip(names, formulas, strict=True):
        place = f"{formula.line}:{formula.column}"
        if often[name] > 1:
            name = f"{name}, {place}" if formula.tag else f"line {place}"
        yield name.replace("::", ":")


def _place(where: Formula | Line) -> tuple[int, int]:
    return where.line, where.column


def _on_one_line(words: str) -> str:
    return " ".join(words.split())
