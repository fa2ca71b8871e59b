"""``symbackprop`` alone: the whole road for one small network, told as it goes."""

from __future__ import annotations

import time
from pathlib import Path

from symbackprop.commands import manual
from symbackprop.commands.brute_force import compared
from symbackprop.commands.options import status_of
from symbackprop.commands.printed import names, printed
from symbackprop.commands.summary import Summary
from symbackprop.derive import derive
from symbackprop.derive.verification import verify_partials
from symbackprop.judge import check
from symbackprop.judge.verdict import Status
from symbackprop.networks.network import Network
from symbackprop.numeric.compare import compare
from symbackprop.numeric.lower import compile_gradients
from symbackprop.output import refuse_all_early, write_all

NETWORK = Network((2, 3, 2), activation="sigmoid", cost="mse")


def default(folder: str, force: bool, seed: int | None) -> int:
    """Derive, prove, verify, compile, compare, write; the exit status of the whole."""
    started = time.process_time()
    out = Path(folder)
    refuse_all_early([out / name for name in names()], force)

    tell = Summary()
    tell.start(NETWORK)
    checked = check(derive(NETWORK, "matrix"), seed=seed)
    tell.derived(checked)
    verification = verify_partials(NETWORK, seed=checked.seed)
    tell.verified(verification)
    brute = compared(NETWORK)
    tell.differentiated(brute)
    if not (checked.proved and verification.proved == verification.total == len(brute.equal)):
        wrong = any(verdict.status is Status.REFUTED for verdict in checked.verdicts)
        return status_of(False, wrong or bool(verification.failures or brute.different))

    comparison = compare(compile_gradients(checked), seed=checked.seed)
    tell.compiled(comparison)
    files = printed(checked)
    write_all({out / name: content for name, content in files.items()}, force)
    tell.written(out / name for name in files)
    tell.equations(checked)
    tell.end(checked, time.process_time() - started)
    return manual.PROVED if comparison.agrees else manual.REFUTED
