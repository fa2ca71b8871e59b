"""``symbackprop check`` on what people hand in by mistake or on purpose.

Each row ends with its status and with a message that says where and what; nothing crashes, hangs,
runs, or is taken for a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from symbackprop import cli

# two definitions, in the lines 1 and 3; what follows them begins in line 5
DEFINED = (
    "$$z^l_j = \\sum_k w^l_{jk} a^{l-1}_k + b^l_j$$\n\n"
    "$$a^l_j = \\sigma(z^l_j)$$\n\n"
)  # fmt: skip
RIGHT = "$$\\delta^L_j = \\frac{\\partial C}{\\partial a^L_j} \\sigma'(z^L_j)$$\n"
ALL_PROVED, WRONG, UNREADABLE, OPEN = 0, 1, 2, 3


@dataclass(frozen=True)
class Bad:
    """What is in the file, the status, and words of the message."""

    name: str
    content: bytes
    status: int
    says: tuple[str, ...]
    ending: str = "md"


def bad(name: str, content: str | bytes, status: int, *says: str, ending: str = "md") -> Bad:
    data = content if isinstance(content, bytes) else content.encode()
    return Bad(name, data, status, says, ending)


def line(name: str, formula: str, status: int, *says: str) -> Bad:
    """One more formula, in line 5, below the definitions."""
    return bad(name, f"{DEFINED}$${formula}$$\n", status, *says)


def matter(name: str, text: str, *says: str) -> Bad:
    return bad(name, f"{text}{DEFINED}{RIGHT}", UNREADABLE, *says)


FILES = (
    bad("empty", "", UNREADABLE, "this file is empty"),
    bad("blank", " \n\n\t\n", UNREADABLE, "this file is empty"),
    bad("words", "# Words\n\nNo more.\n", UNREADABLE, "no formulas found", "$…$", "\\[…\\]", "```math"),
    bad("only comments", "<!-- $a = b$ -->\n", UNREADABLE, "no formulas found"),
    bad("no formula in TeX", "% $a = b$\n", UNREADABLE, "no formulas found", ending="tex"),
    bad("byte order mark", b"\xef\xbb\xbf" + (DEFINED + RIGHT).encode(), ALL_PROVED, "1 proved"),
    bad("Windows line ends", (DEFINED + "$$x = \\foo$$").replace("\n", "\r\n"), OPEN, "bad.md:5:7:"),
    bad("old Macintosh line ends", (DEFINED + "$$x = \\foo$$").replace("\n", "\r"), OPEN, "bad.md:5:7:"),
    bad("Latin-1", b"first\nab \xff $a = b$", UNREADABLE, "bad.md:2:", "not UTF-8", "0xFF", "offset 9"),
    bad("UTF-16", (DEFINED + RIGHT).encode("utf-16"), UNREADABLE, "UTF-16", "save it as UTF-8"),
    bad("UTF-16, no mark", (DEFINED + RIGHT).encode("utf-16-le"), UNREADABLE, "UTF-16"),
    bad("NUL", b"$a = b$\n\0", UNREADABLE, "bad.md:2:", "not text", "NUL"),
    bad("PDF", b"%PDF-1.7\n$a = b$", UNREADABLE, "a PDF, not text"),
    bad("office document", b"PK\x03\x04$a = b$", UNREADABLE, "office document, not text"),
    bad("50 MB", b"$a = b$ " * 6_250_000, UNREADABLE, "too large", "at most 1 MB", "split it"),
    bad("a line of a million characters", "$$a = " + "x + " * 240_000 + "1$$", OPEN, "bad.md:1:3:", "960"),
    bad("no notebook", "{]", UNREADABLE, "bad.ipynb:1:2:", "not JSON", ending="ipynb"),
)  # fmt: skip
SIZES = (
    bad("braces 10,000 deep", f"$$a = {'{' * 9_990}x{'}' * 9_990}$$", OPEN, "nested more than"),
    bad("brackets 100,000 deep", f"$$a = {'(' * 100_000}x{')' * 100_000}$$", OPEN, "at most 20000"),
    bad("fractions 1,500 deep", "$$a = " + "\\frac{1}{" * 1_500 + "x" + "}" * 1_500 + "$$", OPEN, "nested more than"),
    bad("JSON 100,000 deep", '{"cells": ' + "[" * 100_000, UNREADABLE, "JSON", ending="ipynb"),
    line("tower of powers", "C = x^{9^{9^9}}", OPEN, "bad.md:5:12:", "exponent", "64"),
    line("power of ten", "C = 10^{10^{9}}", OPEN, "bad.md:5:10:", "exponent", "64"),
    line("stars", "a^l_j = 9**9**9", OPEN, "bad.md:5:12:", "nothing stands behind '*'"),
    line("1e400", "C = 1e400", OPEN, "bad.md:5:8:", "e is not defined"),
    line("many digits", f"C = {'9' * 400}", OPEN, "bad.md:5:7:", "more than 30 digits"),
    line("thousands of indices", f"\\delta^L_{{{'ijk' * 1_000}}} = z", OPEN, "bad.md:5:73:", "more than 60 signs"),
    line("hundreds of sums", "C = " + "\\sum_k " * 500 + "w_k", OPEN, "bad.md:5:", "more than 60 sums"),
)  # fmt: skip
MATTERS = (
    matter("nan", "+++\nlayers = [2, nan, 1]\n+++\n", "bad.md:2:", "layers", "nan"),
    matter("inf", "+++\nrelu_at_zero = inf\n+++\n", "bad.md:2:", "relu_at_zero", "finite"),
    matter("a key twice, TOML", "+++\ncost = 'mse'\ncost = 'mse'\n+++\n", "bad.md:3:", "twice", "line 2"),
    matter("a key twice, YAML", "---\ncost: mse\ncost: mse\n---\n", "bad.md:3:", "twice", "line 2"),
    matter("unknown key", "+++\nactvation = 'tanh'\n+++\n", "bad.md:2:", "'actvation'", "'activation'"),
    matter("no TOML", "+++\nlayers = [2,\n+++\n", "not TOML"),
    matter("no YAML", "---\na: [1\n---\n", "not YAML"),
    matter("YAML that makes objects", "---\ncost: !!python/name:os.system\n---\n", "bad.md:2:"),
    matter("YAML that repeats itself", "---\na: &a [1]\nb: [*a, *a]\n---\n", "bad.md:"),
    matter("not closed", "+++\nlayers = [2, 1]\n", "bad.md:1:1:", "not closed"),
)  # fmt: skip
DEFINITIONS = (
    line("two definitions", "z^l_j = 2 \\sum_k w^l_{jk} a^{l-1}_k + b^l_j", WRONG, "bad.md:5:", "refuted"),
    bad("in a circle", "$$p_i = 2 q_i$$\n\n$$q_i = 3 p_i$$\n\n$$p_i = 6 p_i$$", UNREADABLE,
        "bad.md:1: p is defined by q", "circle"),
    line("unknown letter", "a^L_j = q^L_j", OPEN, "bad.md:5:11:", "q is not defined", "[letters]"),
    line("divided by zero", "\\delta^L_j = \\frac{\\delta^L_j}{z^L_j - z^L_j}", OPEN, "denominator", "zero"),
    line("a rounded fraction", "C = \\frac{1}{3} \\sum_j (a^L_j - y_j)^2$$\n\n"
         "$$\\frac{\\partial C}{\\partial a^L_j} = 0.6667 (a^L_j - y_j)", WRONG, "refuted", "6667"),
    bad("e is a letter", "$$e^l_j = \\sum_k w^l_{jk} a^{l-1}_k + b^l_j$$ $$a^l_j = \\sigma(e^l_j)$$\n\n"
        "$$\\frac{\\partial a^l_j}{\\partial e^l_j} = \\sigma'(e^l_j)$$", ALL_PROVED, "1 proved"),
    line("only a repetition", "C = C", OPEN, "both sides are the same"),
    bad("nothing but definitions", DEFINED, OPEN, "nothing is claimed here"),
)  # fmt: skip
TEX = (
    line("left", "a^l_j = \\left( z^l_j", OPEN, "bad.md:5:11:", "\\left is not closed"),
    line("open brace", "a^l_{j = z", OPEN, "bad.md:5:7:", "{ is not closed"),
    line("closing brace", "a^l_j} = z", OPEN, "bad.md:5:8:", "} closes nothing"),
    bad("no end", f"{DEFINED}\\begin{{align}} a &= b\n", UNREADABLE, "bad.md:5:1:", "\\end{align}"),
    bad("no dollars", f"{DEFINED}$$a = b\n", UNREADABLE, "bad.md:5:1:", "$$ is not closed"),
    bad("no dollar", f"{DEFINED}so $a^l_j = b\n", UNREADABLE, "bad.md:5:4:", "\\$ for a dollar sign"),
    line("unknown command", "a^l_j = \\foo{z}", OPEN, "bad.md:5:11:", "\\foo is not known", "macro"),
    line("a macro that calls itself", "\\newcommand{\\x}{\\x} a^l_j = \\x", OPEN, "\\x calls itself"),
    line("macros that explode", "\\def\\p{\\q\\q\\q\\q\\q\\q\\q\\q}\\def\\q{\\r\\r\\r\\r\\r\\r\\r\\r}"
         "\\def\\r{\\s\\s\\s\\s\\s\\s\\s\\s}\\def\\s{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx} a = \\p", OPEN,
         "grows without end"),
    line("macro", "\\def\\s{\\sigma} a^L_j = \\s(z^L_j)", ALL_PROVED, "1 proved"),
    line("catcode", "\\catcode`\\a=13 a = b", OPEN, "bad.md:5:3:", "\\catcode is not followed"),
    line("write", "a = \\write18{touch ran}", OPEN, "bad.md:5:7:", "\\write is not followed"),
    line("input in a formula", "a = \\input{/etc/passwd}", OPEN, "bad.md:5:7:", "\\input is not followed"),
    bad("input", f"{DEFINED}{RIGHT}\\input{{/etc/passwd}}", ALL_PROVED, "\\input{/etc/passwd} is not followed",
        "bad.tex:6:1", ending="tex"),
    line("a script", "a = </script>", OPEN, "bad.md:5:8:", "nothing stands before '/'"),
    line("a spreadsheet's formula", "=HYPERLINK(1)", OPEN, "bad.md:5:", "H is not defined"),
    line("Python", "C = __import__('os').system('touch ran')", OPEN, "bad.md:5:7:", "behind '_'"),
    line("Python in words", "C = \\text{__import__('os').system('touch ran')}", OPEN, "bad.md:5:7:"),
    line("Python in a name", "C = \\mathrm{exec(touch)}", OPEN, "bad.md:5:"),
    line("words without an argument", "a^l_j = \\sigma z^2", OPEN, "bad.md:5:11:", "sigma"),
    line("inverse sine", "a^l_j = \\sin^-1 z^l_j", OPEN, "bad.md:5:15:", "behind '^'"),
)  # fmt: skip
CHARACTERS = (
    line("Cyrillic", "\u0430^l_j = \\sigma(z^l_j)", OPEN, "bad.md:5:3:", "U+0430", "looks like 'a'"),
    line("full width", "\uff41^l_j = \\sigma(z^l_j)", OPEN, "bad.md:5:3:", "U+FF41", "looks like 'a'"),
    line("turned round", "a^l_j = \u202e\\sigma(z^l_j)", OPEN, "bad.md:5:11:", "U+202E", "delete it"),
    line("joined by nothing", "a\u200d^l_j = \\sigma(z^l_j)", OPEN, "bad.md:5:4:", "U+200D", "delete it"),
    line("Greek for Latin", "\u03bd^L_j = v^L_j", OPEN, "bad.md:5:11:", "v is not defined"),
    line("another partial", "b = \\frac{\U0001d715 C}{\u2202 b}", OPEN, "bad.md:5:13:", "U+1D715", "∂"),
)  # fmt: skip
ADVERSARIES = tuple(
    bad(f"{unit!r} again and again", unit * (60_000 // len(unit)) + "\n\n" + DEFINED + RIGHT, status)
    for unit, status in {
        "`": UNREADABLE, "<!--": ALL_PROVED, "[": ALL_PROVED, "<http://": ALL_PROVED, "> ": ALL_PROVED,
        "$5 ": ALL_PROVED, "\\begin{cases}~~~\n": UNREADABLE, "\\newcommand{\\x}{": ALL_PROVED,
        "$a=b$ ": UNREADABLE, "${": UNREADABLE, "\\left(": ALL_PROVED,
    }.items()
)  # fmt: skip
ROWS = (*FILES, *SIZES, *MATTERS, *DEFINITIONS, *TEX, *CHARACTERS, *ADVERSARIES)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.run(["check", *words, "--seed", "1", "--limit", "2"])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bad_input(
    row: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"bad.{row.ending}"
    path.write_bytes(row.content)
    status, out, err = answer(capsys, path.name)
    assert (status, out or err) == (row.status, out or err)
    if status == UNREADABLE:
        assert out == ""
        assert err.startswith(f"symbackprop: bad.{row.ending}:")
        assert err.count("\n") == 1
    else:
        assert err == ""
    said = " ".join((out + err).split()).lower()
    for words in row.says:
        assert words.lower() in said
    assert "root:" not in said
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("formula", ["\\delta^L_j = \\delta^L_j", "0 = 0"])
def test_a_repetition_is_no_proof(
    formula: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.md"
    path.write_text(f"{DEFINED}$${formula}$$")
    status, out, _ = answer(capsys, str(path))
    assert (status, "only repeats itself" in " ".join(out.split())) == (OPEN, True)


def test_every_report_of_a_bad_file_is_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No line is wider than the screen, and nothing in it steers the terminal."""
    for row in (*SIZES, *CHARACTERS, *TEX):
        path = tmp_path / f"bad.{row.ending}"
        path.write_bytes(row.content)
        _, out, _ = answer(capsys, str(path))
        shown = [line for line in out.splitlines() if str(tmp_path) not in line]
        assert all(len(line) <= 80 for line in shown)
        assert all(c.isprintable() for line in shown for c in line)


@pytest.mark.parametrize(
    ("name", "says"),
    [("missing.md", "no such file"), (".", "a directory"), ("a\0b.md", "cannot be read")],
)
def test_a_path_that_is_no_file(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = answer(capsys, name)
    assert (status, out) == (UNREADABLE, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_file_that_may_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_text("$a = b$")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    status, _, err = answer(capsys, str(path))
    assert status == UNREADABLE
    assert err == f"symbackprop: {path}: no permission to read this file\n"


def test_two_files_that_disagree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(f"+++\ncost = 'mse'\n+++\n{DEFINED}{RIGHT}")
    Path("net.toml").write_text("cost = 'quadratic'\n")
    status, out, err = answer(capsys, "a.md", "--assume", "net.toml")
    assert (status, out) == (UNREADABLE, "")
    assert "net.toml:1: cost: 'quadratic', but a.md:2 says 'mse'" in err
