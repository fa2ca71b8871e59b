"""What a parameter of a person's function stands for, by its name: one row for each role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

WEIGHT = r"(?:[wW]|[wW]eights?|[tT]hetas?|syn(?:apse)?|coefs?|kernel)"
BIAS = r"(?:[bB]|[bB]ias(?:es)?|intercepts?)"
NUMBER = r"_?\(?(\d+)(?:_?\d+)?\)?"

# role, pattern; the first row that fits the whole name is taken
ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile("".join(pattern.split())))
    for role, pattern in (
        ("weight", rf"{WEIGHT}{NUMBER}"),
        ("bias", rf"{BIAS}{NUMBER}"),
        ("weight", rf"(?:[lL]|[lL]ayer|fc)_?(\d+)_?{WEIGHT}"),
        ("bias", rf"(?:[lL]|[lL]ayer|fc)_?(\d+)_?{BIAS}"),
        ("z", rf"[zZ]{NUMBER}"),
        ("a", rf"[aAhH]{NUMBER}"),
        ("pairs", r"mini_?batch|batch|training_data|pairs|examples|dataset|train_data"),
        ("x", r"""[xX]s?|[iI]nputs?|input_list|inputs_list|input_data|[xX]_?(?:train|batch|in|data)|
              train_?[xX]|training_inputs|features?|data|samples?|images?|a_?0|A_?0"""),
        ("y", r"""[yY]s?|[tT]|[tT]argets?|targets_list|target_outputs?|[lL]abels?|
              [yY]_?(?:train|batch|true|data|onehot|one_hot|actual)|train_?[yY]|expected|
              expected_output|desired|answers?|truth|one_hot|training_outputs|d|output_true"""),
        ("weights", r"[wW]s?|[wW]eights?|[tT]hetas|coefs_?|weight_matrices|matrices"),
        ("biases", r"[bB]s?|[bB]ias(?:es)?|intercepts_?|bias_vectors"),
        ("lam", r"""lam|lamb|lambda_?|lambd|lmbda|reg|reg_lambda|l2|l2_reg|weight_decay|decay|
              regularization|reg_strength|λ"""),
        ("eta", r"eta|lr|learning_?rate|rate|step|step_size|epsilon|alpha|η"),
        ("iterations", r"epochs?|n_?iter(?:ations)?|num_iterations|iterations|steps|num_passes"),
        ("samples", r"m|N|batch_size|n_samples|num_samples|num_examples"),
        ("keep", r"keep(?:_prob)?"),
        ("sizes", r"""sizes?|layers?|layer_(?:sizes|dims|widths)|dims|topology|architecture|
              layers_dims|structure|shape|units|n_units"""),
        ("inputs", r"""n_?x|n_?in|n_?i|input_(?:layer_)?(?:size|dim|nodes|units)|num_inputs|
              inputnodes|n_inputs?|n0|nn_input_dim|D|in_dim|n_features|input_neurons"""),
        ("hidden", r"""n_?h|n_?hid(?:den)?|hidden_(?:layer_)?(?:size|dim|nodes|units)|num_hidden|
              hiddennodes|n1|H|hidden|hdim|nn_hdim|hidden_neurons"""),
        ("outputs", r"""n_?y|n_?out|n_?o|output_(?:layer_)?(?:size|dim|nodes|units)|num_outputs|
              outputnodes|n_outputs?|n2|num_labels|n_classes|num_classes|K|out_dim|
              nn_output_dim|output_neurons"""),
        ("zs", r"zs|Zs|pre_activations|weighted_inputs"),
        ("as", r"as_|As|activations|acts|activations_list|layer_outputs|hs"),
        ("output", r"[aA]_?L|[yY]_?(?:hat|pred)"),
        ("cache", r"cache|memory|forward_cache|caches|fwd|saved"),
        ("params", r"""params?|parameters|theta|Theta|nn_params|model|net|network|p|nn|state|
              unrolled|flat|vector|initial_params|param_vector"""),
        # weights with the names of the layers that they join
        ("weight", r"""(?:w|W|weights?)_?(?:i_?h|input_?(?:to_)?_?hidden|x_?h|hidden|h|1h|in)|
              (?:input_hidden|hidden|ih|h)_?(?:w|weights?)|wih|Wih|Wxh|Wh|U"""),
        ("weight", r"""(?:w|W|weights?)_?(?:h_?o|hidden_?(?:to_)?_?output|h_?y|output|out|o|y)|
              (?:hidden_output|output|out|ho|o)_?(?:w|weights?)|who|Who|Why|Wo|V"""),
        ("bias", r"(?:b|B|bias(?:es)?)_?(?:i?_?h|hidden)|(?:hidden|h)_?(?:b|bias(?:es)?)|bh"),
        ("bias", r"""(?:b|B|bias(?:es)?)_?(?:h?_?o|output|out|y)|bo|by|
              (?:output|out|o)_?(?:b|bias(?:es)?)"""),
    )
)  # fmt: skip
_LAST_NAMED = {len(ROLES) - 3, len(ROLES) - 1}


@dataclass(frozen=True)
class Slot:
    """A name and its role; ``number`` is a layer's mark as written, then its place from 1."""

    name: str
    role: str
    number: int = 0


def role_of(name: str) -> Slot | None:
    """The role of a name, or None; an unknown name is tried bare and in lower case too."""
    names = dict.fromkeys((name, name.strip("_"), name.lower()))
    return next((slot for text in names if (slot := _role_of(text))), None)


def _role_of(name: str) -> Slot | None:
    for place, (role, pattern) in enumerate(ROLES):
        match = pattern.fullmatch(name)
        if match is None:
            continue
        if match.groups():
            return Slot(name, role, int(match.group(1)))
        return Slot(name, role, 1_000 if place in _LAST_NAMED else 0)
    return None


def slots_of(
    names: Iterable[str], stated: Mapping[str, Slot] | None = None
) -> tuple[list[Slot], list[str]]:
    """Slots (the stated, else by name) with layers counted from 1; names that say nothing."""
    found, unknown = [], []
    for name in names:
        slot = (stated or {}).get(name) or role_of(name.strip("_"))
        if slot is None:
            unknown.append(name)
        else:
            found.append(replace(slot, name=name))
    return counted(found), unknown


def counted(slots: Sequence[Slot]) -> list[Slot]:
    """The marks of weights (0, 1 or 1, 2 or ih, ho) as the layers 1, 2, …"""
    places: dict[str, dict[int, int]] = {}
    for role in ("weight", "bias"):
        marks = sorted({slot.number for slot in slots if slot.role == role})
        places[role] = {mark: place for place, mark in enumerate(marks, start=1)}
    return [
        replace(slot, number=places[slot.role][slot.number]) if slot.role in places else slot
        for slot in slots
    ]


def depth_of(slots: Iterable[Slot]) -> int | None:
    """How many layers the names of the weights show."""
    numbers = [slot.number for slot in slots if slot.role == "weight"]
    return max(numbers) if numbers else None


_PREFIX = re.compile(r"(?:d_?|grads?_?|nabla_?|delta_?|Δ|g_?|D_?)?(.*?)(?:_?grads?|_gradient)?")


def parameter_named(name: str) -> Slot | None:
    """The weight or bias that a gradient's name means: ``dW1``, ``grad_b2``, ``nabla_w``."""
    match = _PREFIX.fullmatch(name)
    for text in (match.group(1) if match else name, name):
        slot = role_of(text)
        if slot and slot.role in ("weight", "bias", "weights", "biases"):
            return slot
    return None


def looks_like_gradient(name: str) -> bool:
    """Whether a name has the mark of a gradient: dW1, grads, nabla_b."""
    return bool(re.match(r"(?:d_?[WwbB]|grad|nabla|Δ|delta_[wWbB]|dJ|dL|D\d|g[WwbB])", name))
