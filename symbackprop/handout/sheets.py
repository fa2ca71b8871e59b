"""Sheets of exercises as handouts: the worksheet and its key."""

from __future__ import annotations

import symbackprop
from symbackprop.handout.blocks import Handout, Part, Task
from symbackprop.handout.catalogue import Catalogue
from symbackprop.handout.exercises import Exercise, Sheet


def worksheet(sheet: Sheet, words: Catalogue, command: str) -> Handout:
    """The exercises without their key."""
    return _bound(sheet, words, words.word("worksheet"), tasks_of(sheet, words), command)


def key(sheet: Sheet, words: Catalogue, command: str) -> Handout:
    """Each exercise and its answer."""
    tasks = [
        Task(n, exercise.asks, exercise.key, words.word(exercise.level))
        for n, exercise in enumerate(sheet.exercises, start=1)
    ]
    return _bound(sheet, words, words.word("key"), tuple(tasks), command)


def tasks_of(sheet: Sheet, words: Catalogue) -> tuple[Task, ...]:
    """The exercises as blocks, without their key."""
    return tuple(_task(n, exercise, words) for n, exercise in enumerate(sheet.exercises, start=1))


def _task(number: int, exercise: Exercise, words: Catalogue) -> Task:
    lines = exercise.lines
    if exercise.kind != "number":
        lines = tuple((f"({n}) ", *line) for n, line in enumerate(lines, start=1))
    return Task(number, exercise.asks, lines, words.word(exercise.level))


def _bound(
    sheet: Sheet, words: Catalogue, title: str, blocks: tuple[Task, ...], command: str
) -> Handout:
    title_of_part = words.table["words"]["parts"]["exercises"]
    part = Part("exercises", (title_of_part,), blocks, sheet.page)
    return Handout(
        title=title,
        subtitle=words.about(sheet.network),
        author="",
        language=words.language,
        parts=(part,),
        imprint=words.say("repeat", version=symbackprop.__version__, seed=str(sheet.seed)),
        command=f"{command} --seed {sheet.seed}",
        proved=True,
        network=sheet.network,
        seed=sheet.seed,
    )
