"""The files of a handout in the programs that open them: TeX, a browser, Jupyter, a PDF reader."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from symbackprop.handout import handout
from symbackprop.handout.catalogue import catalogue
from symbackprop.handout.exercises import make_sheet
from symbackprop.handout.html import to_html
from symbackprop.handout.notebook import to_notebook
from symbackprop.handout.pdf import to_pdf
from symbackprop.handout.sheets import key, worksheet
from symbackprop.handout.tex import to_tex
from symbackprop.networks.network import Network

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not on PATH")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not on PATH")
SOFTMAX = Network((3, 4, 2), ("tanh", "softmax"), "cross-entropy", notation="bishop")


def compiled(tex: str, folder: Path) -> str:
    """The log of two runs of pdflatex."""
    (folder / "page.tex").write_text(tex, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    for _ in range(2):
        done = subprocess.run([*command, "page.tex"], cwd=folder, capture_output=True, timeout=180)
        assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "page.log").read_text(encoding="latin-1")


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "language", "level"),
    [
        (Network((2, 3, 2)), "en", "school"),
        (SOFTMAX, "de", "undergraduate"),
        (Network(None, "unspecified", "unspecified", notation="goodfellow"), "en", "research"),
    ],
)
def test_tex_compiles_without_warnings(
    network: Network, language: str, level: str, tmp_path: Path
) -> None:
    log = compiled(to_tex(handout(network, words=catalogue(language, level), seed=2)), tmp_path)
    assert "undefined" not in log
    assert "multiply defined" not in log
    overfull = [float(n) for n in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert all(n <= 5 for n in overfull), overfull


@needs_tex
@pytest.mark.slow
def test_worksheet_and_key_compile(tmp_path: Path) -> None:
    words = catalogue()
    sheet = make_sheet(Network((2, 3, 2)), 6, 3, words)
    for bind in (worksheet, key):
        compiled(to_tex(bind(sheet, words, "again")), tmp_path)


def test_a_pdf_has_pages_and_no_tex() -> None:
    pytest.importorskip("typst", reason="the pdf extra is not installed")
    made = to_pdf(handout(SOFTMAX, words=catalogue("de", "school"), seed=2))
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 8


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom() -> None:
    nbformat = pytest.importorskip("nbformat", reason="the notebook extra is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the notebook extra is not installed")
    pytest.importorskip("ipykernel", reason="the notebook extra is not installed")
    made = handout(Network((2, 3, 2)), words=catalogue(), parts=("network", "matrix"), seed=2)
    book = nbformat.reads(to_notebook(made), as_version=4)
    nbformat.validate(book)
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    ran = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(ran) >= 4
    assert all(cell.outputs or "assert" in cell.source for cell in ran)


def test_a_notebook_has_the_formulas_of_jupyter() -> None:
    book = json.loads(to_notebook(handout(SOFTMAX, words=catalogue(), seed=2)))
    text = "".join("".join(c["source"]) for c in book["cells"] if c["cell_type"] == "markdown")
    assert "$`" not in text
    assert "```math" not in text
    assert r"$\displaystyle" in text


LIGHT = """
<script>
const pick = token => document.querySelector(`.left .lit.${token}[tabindex]`);
const seen = [];
for (const token of ['t-delta-l', 't-C']) {
  const term = pick(token) || document.querySelector(`.lit.${token}`);
  term.setAttribute('tabindex', '0');
  term.focus();
  const others = [...document.querySelectorAll(`math .${token}`)];
  const lit = others.filter(e => getComputedStyle(e).backgroundColor !== 'rgba(0, 0, 0, 0)');
  const nodes = [...document.querySelectorAll(`.neuron.${token}`)];
  const strokes = new Set(nodes.map(e => getComputedStyle(e).stroke));
  seen.push([token, document.activeElement === term, others.length, lit.length, nodes.length,
             [...strokes].join('|')]);
  term.blur();
}
const dark = getComputedStyle(document.querySelector('.neuron')).stroke;
document.body.dataset.wide = document.documentElement.scrollWidth > window.innerWidth;
document.body.dataset.seen = JSON.stringify([seen, dark]);
</script>
"""


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1600])
def test_terms_light_up_in_a_browser_and_nothing_runs_over(width: int, tmp_path: Path) -> None:
    page = to_html(handout(Network((2, 3, 2)), words=catalogue(), seed=2))
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", f"{LIGHT}</body>"), encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},1000",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, done.stderr[-1000:]
    seen, plain = json.loads(found[1].replace("&quot;", '"'))
    for token, focused, terms, lit, nodes, strokes in seen:
        assert focused, token
        assert terms == lit > 5, token
        assert not nodes or strokes != plain, token
    assert seen[0][4] > 0, "δ has its neurons"
    assert 'data-wide="false"' in done.stdout
