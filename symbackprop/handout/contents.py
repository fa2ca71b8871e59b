"""Which parts a handout has, in an order that teaches."""

from __future__ import annotations

from dataclasses import replace

import symbackprop
from symbackprop.derive import derive
from symbackprop.handout.arrange import arranged, entries_of, only
from symbackprop.handout.blocks import Handout
from symbackprop.handout.catalogue import Catalogue
from symbackprop.handout.material import TOLD, TOLD_OF_BATCHES, Asked, Material
from symbackprop.handout.practice import PRACTICE
from symbackprop.handout.theory import THEORY
from symbackprop.judge import check
from symbackprop.networks.network import Network
from symbackprop.networks.notations import notation_named
from symbackprop.render.page import Page, page_of

PARTS = THEORY | PRACTICE
"""Key → what makes the part, in the order of the page."""


def handout(
    network: Network,
    *,
    parts: tuple[str, ...] = (),
    title: str = "",
    author: str = "",
    words: Catalogue,
    asked: Asked = Asked(),  # noqa: B008
    seed: int | None = None,
    command: str = "symbackprop handout",
) -> Handout:
    """The chosen parts (none named: all) of a handout about a network of one sample.

    ``network.batch`` is what the part on mini-batches uses; everything else is about one sample.
    """
    single = replace(network, batch=None)
    checked = check(derive(single, "whole"), seed=seed)
    page = replace(page_of(checked), words=words.words)
    chosen = parts or tuple(PARTS)
    batch = _batch_page(network, checked.seed, words) if "batches" in chosen else None
    sections = arranged(
        page, words, [t for key in PARTS if key in chosen for t in TOLD.get(key, ())]
    )
    last = max((e.number for e in entries_of(list(sections.values()))), default=0)
    told = arranged(batch, words, TOLD_OF_BATCHES, last + 1) if batch else {}
    material = Material(network, words, page, sections, batch, told, asked)
    parts_made = (PARTS[key](material) for key in PARTS if key in chosen)
    made = [part for part in parts_made if part.blocks]
    return Handout(
        title=title or words.word("title"),
        subtitle=words.about(single),
        author=author,
        language=words.language,
        parts=tuple(made),
        imprint=words.say("repeat", version=symbackprop.__version__, seed=str(checked.seed)),
        command=f"{command} --seed {checked.seed}",
        proved=checked.proved and (batch is None or batch.checked.proved),
        network=single,
        seed=checked.seed,
    )


def _batch_page(network: Network, seed: int | None, words: Catalogue) -> Page:
    layout = network.batch or notation_named(network.notation).batch
    whole = derive(replace(network, batch=layout), "matrix")
    checked = check(only(whole, TOLD_OF_BATCHES), seed=seed)
    return replace(page_of(checked), words=words.words)
