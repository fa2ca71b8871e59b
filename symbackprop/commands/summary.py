"""What the main job says on screen: one row for each thing done, in plain words, 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text

from symbackprop import __version__
from symbackprop.commands.printed import SAYS
from symbackprop.commands.screen import WIDTH, Screen
from symbackprop.derive.verification import Verification
from symbackprop.judge.verdict import Checked
from symbackprop.networks.network import Network
from symbackprop.networks.notations import notation_named
from symbackprop.numeric.compare import Comparison
from symbackprop.oracle import OracleReport
from symbackprop.render.describe import described
from symbackprop.render.unicode_math import TextPrinter

MARGIN = 12
EQUATIONS = {
    "BP1": "the error of the output layer",
    "BP2": "the error of a layer, from the next one",
    "BP3": "the slope of the cost by a bias",
    "BP4": "the slope of the cost by a weight",
}


class Summary:
    """Rows of a mark, a word and a sentence, each shown as soon as it is known."""

    def __init__(self) -> None:
        self.console = Screen()

    def start(self, network: Network) -> None:
        """The network, and what will be asked of it."""
        self.console.print(Text(f"symbackprop {__version__}: backpropagation, proved", "bold"))
        self.console.print()
        count = f"{network.parameters} weights and biases"
        self._row("", "network", f"{described(network)}; {count}")

    def derived(self, checked: Checked) -> None:
        """The steps, and what the judge says about them."""
        total = len(checked.verdicts)
        proved = sum(verdict.proved for verdict in checked.verdicts)
        self._row("✓", "derived", f"the slopes of the cost, in {total} steps from the definitions")
        said = f"{proved} of {total} steps, each against the definitions; {_bound(checked)}"
        self._row(_mark(checked.proved), "proved", said)

    def verified(self, found: Verification) -> None:
        """Every partial derivative of this network."""
        chance = "exactly" if found.bound is None else f"chance of an error {_power(found.bound)}"
        said = (
            f"{found.proved} of {found.total} partial derivatives, one by one, against derivatives "
            f"pushed forward through the network; {chance}"
        )
        self._row(_mark(found.proved == found.total), "verified", said)

    def differentiated(self, found: OracleReport) -> None:
        """What SymPy makes of the cost written out in full."""
        said = (
            f"SymPy alone, from the cost written out in full: {len(found.equal)} of {found.total} "
            "partial derivatives equal"
        )
        self._row(_mark(len(found.equal) == found.total), "compared", said)

    def compiled(self, found: Comparison) -> None:
        """How far the compiled gradients are from the others."""
        gaps = {
            "a trainer written by hand": found.trainer,
            "finite differences": found.central,
            "a complex step": found.complex_step,
        }
        parts = [f"{gap:.0e} from {name}" for name, gap in gaps.items() if gap is not None]
        self._row(_mark(found.agrees), "compiled", f"to NumPy; off by {', '.join(parts)}")

    def written(self, paths: Iterable[Path]) -> None:
        """The files of the handout."""
        word = "written"
        for path in paths:
            self._row("✓" if word else "", word, f"{path}, {SAYS[path.name]}")
            word = ""

    def equations(self, checked: Checked) -> None:
        """The four equations, as they were proved."""
        derivation = checked.derivation
        printer = TextPrinter(notation_named(derivation.about.notation), derivation.program)
        self.console.print()
        for name, says in EQUATIONS.items():
            statement = derivation.result(name)
            equation = f"{printer.text(statement.left)} = {printer.text(statement.right)}"
            self.console.print(Text.assemble(f"  {name}  ", (equation, "bold")))
            self.console.print(Text(f"       {says}", "dim"))

    def end(self, checked: Checked, seconds: float) -> None:
        """How to do the same again, and where to go on."""
        again = f"{seconds:.1f} s of computing; --seed {checked.seed} repeats the random choices"
        self.console.print(Text(f"\n{again}", "dim"))
        self.console.print(Text("Next: symbackprop derive, verify, train; each has --help.", "dim"))

    def _row(self, mark: str, word: str, said: str) -> None:
        style = {"✓": "green", "✗": "red"}.get(mark, "")
        first, *rest = textwrap.wrap(said, WIDTH - MARGIN, break_on_hyphens=False)
        self.console.print(Text.assemble((f"{mark:<2}", style), (f"{word:<10}", "bold"), first))
        for line in rest:
            self.console.print(Text(" " * MARGIN + line))


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


def _bound(checked: Checked) -> str:
    bound = checked.worst_bound
    return "exact, no chance involved" if bound is None else f"chance of an error {_power(bound)}"


def _power(bound: float) -> str:
    return f"below 2^{int(bound)}"
