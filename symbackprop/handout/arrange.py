"""A checked derivation for a reader: fewer or more lines, in a language, numbered throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbackprop.handout.catalogue import Catalogue
from symbackprop.language.derivation import Derivation
from symbackprop.render.page import Chain, Entry, Page, Section


def arranged(
    page: Page, words: Catalogue, titles: Sequence[str], first: int = 1
) -> dict[str, Section]:
    """English title → section as told: those of ``titles``, numbered from ``first`` on.

    At the level "research" a chain is its last line: each line is proved from the definitions, so
    nothing rests on the lines that are left out.
    """
    own = {section.title: section for section in page.sections}
    shown = {title: _lines(own[title], words) for title in titles if title in own}
    numbers: dict[int, int] = {}
    count = first
    for chains in shown.values():
        for entries in chains:
            for kept, covered in entries:
                numbers |= dict.fromkeys(covered, count)
                numbers[kept.number] = count
                count += 1
    return {
        title: Section(
            words.translated(title),
            tuple(Chain(tuple(_told(e, words, numbers) for e, _ in entries)) for entries in chains),
        )
        for title, chains in shown.items()
    }


def _lines(section: Section, words: Catalogue) -> list[list[tuple[Entry, tuple[int, ...]]]]:
    """The lines of each chain that are shown, with the numbers of those that they stand for."""
    found = []
    for chain in section.chains:
        if words.level == "research":
            last = chain.entries[-1]
            name = last.name or next((e.name for e in reversed(chain.entries) if e.name), "")
            covered = tuple(entry.number for entry in chain.entries)
            found.append([(replace(last, name=name), covered)])
        else:
            found.append([(entry, (entry.number,)) for entry in chain.entries])
    return found


def _told(entry: Entry, words: Catalogue, numbers: dict[int, int]) -> Entry:
    own = numbers[entry.number]
    uses = tuple(dict.fromkeys(numbers[n] for n in entry.uses if numbers.get(n, own) != own))
    step = replace(entry.step, reason=words.translated(entry.reason))
    return replace(entry, number=own, step=step, uses=uses, words=words.words)


def only(derivation: Derivation, titles: Sequence[str]) -> Derivation:
    """The steps of these sections alone; each is proved from the definitions, none needs another.

    What they refer to elsewhere is no longer referred to.
    """
    kept = [n for n, step in enumerate(derivation.steps) if step.section in titles]
    new = {old: place for place, old in enumerate(kept)}
    steps = [
        replace(
            derivation.steps[old],
            uses=tuple(new[u] for u in derivation.steps[old].uses if u in new),
        )
        for old in kept
    ]
    results = {name: new[n] for name, n in derivation.results.items() if n in new}
    return replace(derivation, steps=tuple(steps), results=results)


def entries_of(sections: Sequence[Section]) -> Iterator[Entry]:
    """Every line, in order."""
    return (e for section in sections for chain in section.chains for e in chain.entries)
