"""A proved derivation ──▶ NumPy functions: ``compile_gradients(checked)``."""

from __future__ import annotations

from functools import cached_property

from symbackprop.errors import InputError, LimitError, nearest
from symbackprop.judge.verdict import Checked
from symbackprop.judge.verify import Verification
from symbackprop.networks.network import Network
from symbackprop.numeric import fast, readable
from symbackprop.numeric.boundary import Array, Arrays, Boundary, Buffers, Fill
from symbackprop.numeric.emit import cost_listing, gradient_listing
from symbackprop.numeric.functions import NUMPY
from symbackprop.numeric.layout import executed_as
from symbackprop.numeric.listing import Listing, run
from symbackprop.numeric.proof import prove_executed
from symbackprop.numeric.scalar import scalar_function, scalar_source, staged

FORMS = ("auto", "matrix", "scalar")
TINY_NETWORK = 60  # parameters up to which Python numbers beat arrays
MAX_SCALAR = 2_000
PROOF_SEED = 2019  # of the random points at which compiled code is proved


def compile_gradients(checked: Checked, *, form: str = "auto") -> Gradients:
    """The gradients of the network that a proved derivation is about, as a function.

    ``form``: "matrix" (arrays), "scalar" (Python numbers, one sample), or "auto" (scalar for one
    sample of a tiny network).  The code is read back and proved before it is handed out.  Raises
    ``InputError`` for a derivation or code that is not proved, or without a concrete network.
    """
    if form not in FORMS:
        raise InputError(f"unknown form {form!r}", expected=nearest(form, FORMS))
    if not checked.proved:
        failed = sum(not verdict.proved for verdict in checked.verdicts)
        raise InputError(
            f"{failed} of {len(checked.verdicts)} steps are not proved",
            expected="a derivation that is proved throughout",
        )
    network = checked.derivation.about
    if not isinstance(network, Network) or network.general:
        raise InputError(
            "the derivation is about no concrete network",
            todo="derive it with layers, such as 2,3,2",
        )
    if form == "scalar":
        _refuse_large(network)
    gradients = Gradients(network, form)
    if not gradients.proof.complete:
        wrong = ", ".join(gradients.proof.failures) or gradients.proof.why
        raise InputError(f"the compiled code is not proved to be the gradient: {wrong}")
    return gradients


def _refuse_large(network: Network) -> None:
    if network.batch is not None:
        raise InputError("the scalar form is written for one sample", todo="use the matrix form")
    if network.parameters > MAX_SCALAR:
        raise LimitError(
            f"{network.parameters} parameters are too many for the scalar form",
            expected=f"at most {MAX_SCALAR}",
            todo="use the matrix form",
        )


class Gradients:
    """``(X, Y, W, b, lam) -> ([∂C/∂W^1, …], [∂C/∂b^1, …])`` of one network.

    ``W[l-1]`` is (n_l, n_{l-1}) and ``b[l-1]`` (n_l,); X and Y are (n,) for one sample, (m, n) for
    rows and (n, m) for columns; numbers are float64.  Every call gives fresh arrays, unless ``out``
    names the arrays to fill: ``out=gradients.buffers()``.
    """

    def __init__(self, network: Network, form: str = "auto") -> None:
        tiny = form == "auto" and network.parameters <= TINY_NETWORK
        self.network = network
        self.listing = gradient_listing(network, network.batch)
        self._scalar = form == "scalar" or tiny
        self._boundary = Boundary(network)
        self._functions: dict[int, Fill] = {}

    def __call__(
        self,
        X: Array,
        Y: Array,
        W: Arrays,
        b: Arrays = (),
        lam: float = 0.0,
        *,
        out: Buffers | None = None,
    ) -> Buffers:
        """The gradients; ``lam`` is the λ of the L2 penalty.  ``InputError`` for a wrong shape."""
        out = self.buffers() if out is None else self._boundary.target(out)
        try:
            if self._fill(X, Y, W, b, lam, out):
                return out
        except (AttributeError, IndexError, TypeError, ValueError):
            pass  # no arrays, or of other kinds: what is wrong is found out here
        given = self._boundary.converted(X, Y, W, b, lam)
        self._by_size(*given, out)
        return out

    @cached_property
    def _fill(self) -> Fill:
        """What is tried first: numbers for one sample of a tiny network, else arrays."""
        if self.form == "scalar":
            return scalar_function(self.listing)
        return self._by_size if self.network.batch is not None else self._arrays(1)

    def _by_size(self, X: Array, Y: Array, W: Arrays, b: Arrays, lam: float, out: Buffers) -> bool:
        samples = self._boundary.samples(X)
        function = self._functions.get(samples) or self._arrays(samples)
        return function(X, Y, W, b, lam, out)

    def cost(self, X: Array, Y: Array, W: Arrays, b: Arrays = (), lam: float = 0.0) -> float:
        """The cost that the gradients are of, computed without overflow."""
        given = self._boundary.converted(X, Y, W, b, lam)
        return float(run(self.cost_listing, NUMPY, named(self.cost_listing, *given))["C"])

    def buffers(self) -> Buffers:
        """Arrays for ``out``, of the shapes of the weights and the biases."""
        return self._boundary.buffers()

    @property
    def form(self) -> str:
        """Whether one sample is computed with arrays ("matrix") or Python numbers ("scalar")."""
        return "scalar" if self._scalar and self.network.batch is None else "matrix"

    @cached_property
    def cost_listing(self) -> Listing:
        """The cost as array code."""
        return cost_listing(self.network, self.network.batch)

    @cached_property
    def executed(self) -> dict[str | None, Listing]:
        """The array code that is really executed: for a batch, and (None) for one sample."""
        return {
            batch: gradient_listing(self.network, executed_as(self.network, batch))
            for batch in dict.fromkeys((self.network.batch, None))
        }

    @cached_property
    def proof(self) -> Verification:
        """The executed code, read back and judged against forward mode."""
        return prove_executed(self.network, seed=PROOF_SEED)

    @cached_property
    def source(self) -> str:
        """Readable Python that says the same as the derivation."""
        if self.form == "scalar":
            return scalar_source(staged(self.listing))
        return readable.gradients_source(self.listing, self.network)

    def _arrays(self, samples: int) -> Fill:
        """The function for a batch size; one sample is computed with vectors."""
        if samples in self._functions:
            return self._functions[samples]
        batch = self.network.batch
        if samples > 1 or batch is None:
            function = fast.compiled(self.executed[batch], samples)
        else:
            function = _as_vectors(fast.compiled(self.executed[None], 1))
        self._functions[samples] = function
        return function

    def __repr__(self) -> str:
        return f"<gradients of {self.network}, {self.form} form>"


def named(
    listing: Listing, X: Array, Y: Array, W: Arrays, b: Arrays, lam: float
) -> dict[str, object]:
    """The inputs of a listing by name."""
    values = [X, Y, *W, *b, lam]
    return dict(zip(listing.inputs, values, strict=False))


def _as_vectors(function: Fill) -> Fill:
    """A batch of one sample as that sample."""

    def one(X: Array, Y: Array, W: Arrays, b: Arrays, lam: float, out: Buffers) -> bool:
        if X.ndim != 2 or Y.ndim != 2:
            return False
        return function(X.reshape(-1), Y.reshape(-1), W, b, lam, out)

    return one
