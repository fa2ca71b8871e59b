"""``symbackprop verify``: every single partial derivative of a network, proved exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from symbackprop.commands.options import (
    chosen,
    emit,
    layers_of,
    network_from,
    network_options,
    output_options,
    output_path,
    seed_option,
    status_of,
)
from symbackprop.commands.reports import VERSION, VerifyAnswer, VerifyReport, to_json

if TYPE_CHECKING:
    from symbackprop.commands.reports import OracleAnswer

FORMATS = ("text", "json")
DEFAULT = "2,3,2"
SHOWN = 5


@click.command("verify")
@click.option(
    "--layers",
    "texts",
    multiple=True,
    metavar="WIDTHS",
    help=f"Such as 784,30,10; may be repeated.  [default: {DEFAULT}]",
)
@network_options
@click.option(
    "--oracle",
    is_flag=True,
    help="Let SymPy differentiate a small network of this kind in full, and compare.",
)
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    metavar="text|json",
    help="What to print.",
)
@seed_option
@output_options
def command(
    texts: tuple[str, ...],
    oracle: bool,
    format_: str,
    seed: int | None,
    output: str | None,
    force: bool,
    **network: Any,
) -> int:
    """Prove every single partial derivative of a network.

    The gradients of backpropagation are compared with derivatives pushed forward from the
    definitions, exactly, at random points of random prime fields.
    """
    chosen(format_, "--format", FORMATS)
    path = output_path(output, force)
    all_layers = [layers_of(text) for text in texts or (DEFAULT,)]
    answers = [_answer(layers, network, oracle, seed) for layers in all_layers]
    report = VerifyReport(VERSION, all(map(_good, answers)), answers)
    text = to_json(report) if format_ == "json" else "\n".join(map(as_text, answers)) + "\n"
    emit(text, path, force)
    return status_of(report.proved, any(map(_refuted, answers)))


def _answer(
    layers: tuple[int, ...], options: dict[str, Any], oracle: bool, seed: int | None
) -> VerifyAnswer:
    from symbackprop.commands.reporting import network_report
    from symbackprop.derive.verification import verify_partials

    network = network_from(layers, **options)
    found = verify_partials(network, seed=seed)
    return VerifyAnswer(
        network=network_report(network),
        proved=found.proved,
        total=found.total,
        bound=found.bound,
        cpu_seconds=round(found.seconds, 3),
        failures=[str(failure) for failure in found.failures],
        why=found.why,
        seed=found.seed,
        oracle=_oracle(layers, options) if oracle else None,
    )


def _oracle(layers: tuple[int, ...], options: dict[str, Any]) -> OracleAnswer:
    """On this network if SymPy can, else on the default one of the same kind."""
    from symbackprop.commands.brute_force import oracle_answer

    return oracle_answer(layers, layers_of(DEFAULT), lambda widths: network_from(widths, **options))


def _good(answer: VerifyAnswer) -> bool:
    by_oracle = answer.oracle is None or answer.oracle.equal == answer.oracle.total
    return answer.proved == answer.total and by_oracle


def _refuted(answer: VerifyAnswer) -> bool:
    return bool(answer.failures) or bool(answer.oracle and answer.oracle.different)


def as_text(answer: VerifyAnswer) -> str:
    """A few lines of at most 80 columns."""
    network = answer.network
    kind = f"{', '.join(dict.fromkeys(network.activations))}; {network.cost} cost"
    bound = "exact" if answer.bound is None else f"bound < 2^{int(answer.bound)}"
    proved = f"{answer.proved}/{answer.total} partial derivatives proved"
    lines = [
        f"layers {','.join(map(str, network.layers))}: {kind}",
        f"  {proved}, {bound}, {answer.cpu_seconds:.2f} CPU s",
        f"  seed {answer.seed}",
        *(f"  failed: {failure}" for failure in answer.failures[:SHOWN]),
    ]
    if answer.why:
        lines.append(f"  undecided: {answer.why}")
    if len(answer.failures) > SHOWN:
        lines.append(f"  … and {len(answer.failures) - SHOWN} more")
    return "\n".join(lines + _oracle_lines(answer))


def _oracle_lines(answer: VerifyAnswer) -> list[str]:
    found = answer.oracle
    if found is None:
        return []
    layers = ",".join(map(str, found.network.layers))
    equal = f"{found.equal}/{found.total} equal, {found.cpu_seconds:.2f} CPU s"
    lines = [f"  SymPy's own derivatives of {layers} written out: {equal}"]
    for word, names in (("different", found.different), ("undecided", found.undecided)):
        if names:
            lines.append(f"  {word}: {', '.join(names[:SHOWN])}{' …' * (len(names) > SHOWN)}")
    return lines
