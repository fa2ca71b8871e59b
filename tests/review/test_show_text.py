"""The report for the terminal: what it says, where its carets point, and that it fits."""

from __future__ import annotations

import msgspec
import pytest

from symbackprop.review.report import Case, FileReport, Line
from symbackprop.review.show import text, wording
from symbackprop.review.show.excerpt import Excerpt, formula, tidy


def shown(file: FileReport, **look: object) -> list[str]:
    return text.plain(text.document(file, text.Look(**look))).splitlines()  # type: ignore[arg-type]


def alone(**said: object) -> FileReport:
    """A document of one wrong line."""
    line = {
        "tag": "",
        "line": 1,
        "column": 1,
        "tex": "a = b",
        "role": "claim",
        "verdict": "refuted",
    }
    made = msgspec.convert(line | said, Line)
    return FileReport("a.md", "refuted", "1", (), (made,))


def row_of(rows: list[str], words: str) -> int:
    return next(number for number, row in enumerate(rows) if words in row)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_line_fits(report: FileReport, width: int) -> None:
    assert max(map(len, shown(report, width=width))) <= width


@pytest.mark.parametrize("width", [50, 60, 80, 100])
@pytest.mark.parametrize("fault", ["w^{l+1}_{jk}", "\\foo", "\\delta^{l+1}_k \\sigma'(z^l_j)"])
def test_the_caret_stands_under_the_fault(report: FileReport, width: int, fault: str) -> None:
    rows = shown(report, width=width)
    carets = [number for number, row in enumerate(rows) if row.strip() and not row.strip(" ^")]
    assert fault in [rows[n - 1][rows[n].index("^") : len(rows[n])] for n in carets]


def test_marks_and_names(report: FileReport) -> None:
    rows = shown(report)
    starts = [row.split()[:2] for row in rows if row[1:2] in tuple("✓✗–?!")]
    assert [sign for sign, _ in starts] == list("–✓✗✗✓✗!?")
    assert [name for _, name in starts[1:3]] == ["(1)", "(2)"]
    assert f" ✗ line {report.lines[3].line}  " in "\n".join(rows)


def test_ascii_has_words_for_marks(report: FileReport) -> None:
    plain = msgspec.structs.replace(report, assumed=("sigma is any function",))
    rows = shown(plain, ascii=True)
    assert all(row.isascii() for row in rows)
    words = [
        row.split()[0]
        for row in rows
        if (row.startswith(" ") and "line " in row) or "(" in row[:14]
    ]
    assert [word for word in words if word in ("ok", "WRONG")] == [
        "ok",
        "WRONG",
        "WRONG",
        "ok",
        "WRONG",
    ]


def test_a_wrong_line_says_where_what_why_and_what_would_be_right(report: FileReport) -> None:
    said = " ".join(" ".join(shown(report)).split())
    line = report.lines[2]
    assert f"notes/week 3.md:{line.line}:{line.caret}: refuted [transposed-weight]" in said
    assert "The two sides differ." in said
    assert "The indices of w are swapped." in said
    witness = "widths 2, 3, 2, l = 1, j = 2: the left side is 3/8, the right side -5/12."
    assert witness in said.replace("For", "for")
    assert "There x = [1, 2]." in said
    assert f"would be right: {line.repair}" in said


def test_a_witness_that_the_message_has_told_is_not_told_again(report: FileReport) -> None:
    case = Case((2, 3), 1, {}, {"x": "1"}, "3/8", "1/2")
    said = list(wording.witness(case, "widths [2, 3]: 3/8 ≠ 1/2"))
    assert said == ["There x = 1."]


def test_large_values_of_a_witness_are_counted_and_not_shown() -> None:
    values = {"w": "[[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]", "b": "[1]", "x": "2"}
    said = list(wording.witness(Case((2, 6), 1, {}, values, "3", "4"), "3 and 4"))
    assert said == ["There b = [1], x = 2, and 1 more."]
    only = Case((2, 6), 1, {}, {"w": values["w"]}, "3", "4")
    assert list(wording.witness(only, "3 and 4")) == []


def test_how_lines_stand_to_a_wrong_one(report: FileReport) -> None:
    said = "\n".join(shown(report))
    assert "Follows from your (2)" in said
    assert "True, but not from (2)." in said


def test_the_end_names_the_first_wrong_step_and_counts(report: FileReport) -> None:
    end = shown(report)[-3:]
    line = report.lines[2]
    assert end[0] == f"  first wrong step: (2), notes/week 3.md:{line.line}:{line.caret}"
    assert end[1].strip() == (
        "2 proved, 2 refuted, 1 ill-typed, 1 undecided, 1 not understood; 1 definition"
    )
    assert "--seed 4711" in end[2]


def test_what_was_assumed_is_a_list(report: FileReport) -> None:
    rows = shown(report)
    assert rows[0] == "notes/week 3.md"
    assert rows[1].startswith("  read as · w^l_{jk}")
    assert "· σ is any function" in rows[row_of(rows, "σ is any")]


def test_a_document_without_a_claim_is_told_so(report: FileReport) -> None:
    only = msgspec.structs.replace(
        report, lines=report.lines[:1], verdict="undecided", first_wrong=None
    )
    assert "Nothing is claimed here" in "\n".join(shown(only))


def test_a_document_that_repeats_itself_is_told_so(proved: FileReport) -> None:
    assert wording.caution(proved) == ""
    first = msgspec.structs.replace(proved.lines[1], trivial=True)
    again = msgspec.structs.replace(proved, lines=(first,))
    assert "only repeats itself" in " ".join("\n".join(shown(again)).split())


def test_what_steers_a_terminal_is_replaced() -> None:
    file = alone(tex="a = \x1b[2Jb\u202e", message="\x1b]0;x\x07 bad", tag="\x1b[1m")
    assert all(c.isprintable() for row in shown(file) for c in row)


def test_colors_are_only_colors(report: FileReport) -> None:
    from rich.text import Text

    lines = list(text.document(report))
    colored = text.colored(lines)
    assert "\x1b[" in colored
    assert Text.from_ansi(colored).plain.split() == text.plain(lines).split()


def test_a_tab_or_wide_letters_do_not_move_the_caret() -> None:
    file = alone(tex="\u6f22\t= b", caret_line=1, caret=5, caret_end=6)
    rows = shown(file)
    at = row_of(rows, "^")
    assert (
        rows[at].index("^") == rows[at - 1].index("b") + 1
    )  # the first letter is two columns wide


class TestCutting:
    """A formula longer than the screen."""

    LONG = "".join(chr(ord("a") + n % 26) for n in range(200))

    @pytest.mark.parametrize("start", [0, 1, 2, 50, 99, 150, 197, 199])
    @pytest.mark.parametrize("length", [1, 5, 30])
    def test_the_fault_is_never_left_out(self, start: int, length: int) -> None:
        end = min(start + length, 200)
        cut = Excerpt(self.LONG, start, end).cut(50)
        assert len(cut.text) <= 50
        assert cut.text[cut.start : cut.end] == self.LONG[start:end]

    def test_the_end_may_be_the_fault(self) -> None:
        cut = Excerpt(self.LONG, 200, 201).cut(50)
        assert len(cut.text) <= 50
        assert cut.start == len(cut.text)

    def test_a_fault_longer_than_the_screen_shows_its_beginning(self) -> None:
        cut = Excerpt(self.LONG, 20, 190).cut(50)
        assert len(cut.text) <= 50
        assert cut.text[cut.start : cut.end - 1].startswith(self.LONG[20:40])

    def test_without_a_fault_the_middle_goes(self) -> None:
        cut = Excerpt(self.LONG).cut(21)
        assert len(cut.text) == 21
        assert cut.text[0] == self.LONG[0]
        assert cut.text[-1] == self.LONG[-1]
        assert "…" in cut.text

    def test_what_fits_stays(self) -> None:
        assert Excerpt("a = b", 1, 2).cut(5) == Excerpt("a = b", 1, 2)

    def test_a_caret_outside_of_the_formula_is_not_drawn_under_it(self, report: FileReport) -> None:
        line = msgspec.structs.replace(report.lines[2], caret=500, caret_end=501)
        cut = formula(report, line)
        assert cut.start == cut.end


@pytest.mark.parametrize(
    ("tex", "fault", "shown"),
    [
        (r"\delta^l_j &= b \tag{2}", "b", r"\delta^l_j = b"),
        (r"&= \displaystyle b + c \end{aligned} \label{x}", "c", "= b + c"),
        (r"&= b \tag{2}", r"b \tag{2}", r"= b \tag{2}"),
        (r"a &= b", "", "a = b"),
        (r"a \& b", "b", r"a \& b"),
        (r"\begin{aligned} a &= b", "a &= b", "a &= b"),
        (
            r"a = \begin{cases} 1 & b \end{cases} \tag{1}",
            "",
            r"a = \begin{cases} 1 & b \end{cases}",
        ),
    ],
)
def test_what_arranges_a_formula_is_not_shown(tex: str, fault: str, shown: str) -> None:
    start = tex.index(fault) if fault else 0
    cut = tidy(Excerpt(tex, start, start + len(fault)))
    assert cut.text == shown
    assert cut.text[cut.start : cut.end] == fault
