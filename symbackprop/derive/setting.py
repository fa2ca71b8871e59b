"""What every strategy needs: the network's program, its letters and the index of a neuron."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Basic, Integer

from symbackprop.language.program import L, Program
from symbackprop.language.terms import SAMPLES, Partial, Ref, Size
from symbackprop.networks import forward as f
from symbackprop.networks.network import Network

ONE = Integer(1)


@dataclass(frozen=True)
class Setting:
    """A network with its forward program; ``top`` is L, as a letter or as a number."""

    network: Network
    program: Program
    top: Basic

    @staticmethod
    def of(network: Network) -> Setting:
        top: Basic = L if network.general else Integer(network.depth)
        return Setting(network, f.forward(network), top)

    def at(self, *neurons: Basic) -> tuple[Basic, ...]:
        """Neuron indices, with the sample index beside them in a batch."""
        return f.entry(self.network, neurons[0])

    def z(self, layer: Basic, neuron: Basic) -> Ref:
        return f.z(layer, *self.at(neuron))

    def a(self, layer: Basic, neuron: Basic) -> Ref:
        return f.a(layer, *self.at(neuron))

    def y(self, neuron: Basic) -> Ref:
        return f.y(*self.at(neuron))

    def delta(self, layer: Basic, neuron: Basic) -> Ref:
        return f.delta(layer, *self.at(neuron))

    def error(self, layer: Basic, neuron: Basic) -> Basic:
        """``∂C/∂z^l_j``."""
        return Partial(f.C, self.z(layer, neuron))

    @property
    def objective(self) -> Ref:
        return f.J if self.network.l2 else f.C

    @property
    def samples(self) -> Size:
        return Size(SAMPLES)

    @property
    def softmax_output(self) -> bool:
        return self.network.output_activation.vector

    @property
    def hidden_layers(self) -> bool:
        """Whether there is a layer below the last one (always, when the depth is open)."""
        return self.network.general or self.network.depth > 1

    @property
    def last_hidden(self) -> Basic:
        return self.top - 1
