"""Bad input: one line on stderr that says what is wrong and what would work; status 2; no file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from symbackprop import Network, add_activation, add_cost, cli
from symbackprop.errors import InputError
from symbackprop.networks.activations import a, z
from symbackprop.networks.costs import y

NINES = "9" * 400


@dataclass(frozen=True)
class Bad:
    """A command line, and what its one line must say."""

    words: str
    says: tuple[str, ...]

    def __str__(self) -> str:
        return self.words[:60]


def bad(words: str, *says: str) -> Bad:
    return Bad(words, says)


LAYERS = (
    bad("--layers 0,2", "layer 1", "'0'", "positive"),
    bad("--layers 2,-1,2", "layer 2", "'-1'"),
    bad("--layers 2.5,2", "layer 1", "'2.5'"),
    bad("--layers two,2", "layer 1", "'two'"),
    bad("--layers 2,true", "layer 2", "'true'"),
    bad("--layers 2,nan", "layer 2", "'nan'"),
    bad("--layers 2,inf", "layer 2", "'inf'"),
    bad("--layers 2,1e400", "layer 2", "'1e400'"),
    bad("--layers 9**9**9,2", "layer 1", "'9**9**9'"),
    bad("--layers 2,,2", "layer 2", "''"),
    bad("--layers 1_0,2", "layer 1", "'1_0'"),
    bad("--layers ''", "layer 1"),
    bad("--layers 7", "1 layer given", "2,3,2"),
    bad("--layers 1000000000,1000000000", "weights and biases", "at most"),
    bad(f"--layers {NINES},2", "400 digits"),
    bad("--layers " + ",".join(["2"] * 1_500), "1500 layers", "at most"),
    bad("--layers " + "((((((((((" * 2_000, "characters", "at most"),
    bad("--layers __import__('os').system('touch-ran'),2", "layer 1"),
    bad("--layers \\input{/etc/passwd},2", "layer 1"),
    bad("--layers </script>,2", "layer 1"),
    bad("--layers ２,3", "U+FF12", "column 1", "ASCII"),
    bad("--layers 2,\u200d3", "U+200D", "column 3"),
)
NETWORKS = (
    bad("--activation sigmodi", "'sigmodi'", "did you mean 'sigmoid'?", "softplus"),
    bad("--activation s\u0456gmoid", "U+0456", "CYRILLIC", "column 2"),
    bad("--activation \u202edaomgis", "U+202E", "column 1"),
    bad("--activation __import__('os').system('touch-ran')", "unknown activation"),
    bad("--activation \\write18{touch-ran}", "unknown activation"),
    bad("--activation z**2", "unknown activation"),
    bad("--cost mean-squared", "'mean-squared'", "known:", "mse"),
    bad("--cost </script>", "unknown cost"),
    bad("--cost binary-cross-entropy --activation tanh", "logarithm", "(-1, 1)", "sigmoid"),
    bad("--cost cross-entropy --activation relu", "logarithm", "softmax"),
    bad("--batch sideways", "'sideways'", "columns or rows"),
    bad("--batch rows --reduction median", "'median'", "mean or sum"),
    bad("--seed -1", "-1", "0<=x"),
    bad("--seed x", "'x'"),
    bad("--seed 1e400", "'1e400'"),
    bad("--actvation tanh", "--actvation", "--activation"),
    bad("surplus", "surplus"),
)
DERIVE = (
    bad("--form detla", "--form", "did you mean 'delta'?"),
    bad("--format latx", "--format", "did you mean 'latex'"),
    bad("--notation neilsen", "did you mean 'nielsen'"),
    bad("--notation niels\u0435n", "U+0435"),
    bad("--title " + "x" * 1_000, "--title", "1000 characters"),
    bad("--full", "--form scalar"),
    bad("--form scalar", "--layers 2,3,2"),
    bad("--format numpy", "--layers"),
    bad("--layers 2,3,2 --activation relu,tanh,tanh", "3 activations for 2 layers"),
    bad("--activation relu,tanh", "concrete layers"),
    bad("--layers 2,2,2 --activation softmax,sigmoid --cost mse", "layer 1", "hidden softmax"),
    bad("--layers 784,30,10 --form scalar", "23860", "verify", "delta"),
    bad("--layers 100000,100 --form scalar", "10000100", "verify"),
    bad("--layers 2,30,30,2 --form scalar --full", "partial derivatives", "limit"),
    bad("--layers 2,1 --activation softmax --cost cross-entropy", "one output"),
    bad("--output .", "folder", "file inside it"),
    bad("--output no/such/folder/file", "no folder", "make it"),
    bad("--output old", "exists already", "--force"),
    bad("--output link", "symbolic link", "--force"),
    bad("--output /dev/full --force", "no space left"),
    bad("--output " + "x" * 300, "too long"),
)
VERIFY = (
    bad("--format latex", "--format", "known: json, text"),
    bad("--output .", "folder"),
    bad("--output old", "exists already"),
)
ELSEWHERE = (
    bad("dervie", "'dervie'", "did you mean 'derive'"),
    bad("--outptu x", "--outptu"),
    bad("--output old", "old"),
    bad("schema --output old", "exists already"),
    bad("--seed nan", "nan"),
)
CASES = [
    *(Bad(f"{command} {case.words}", case.says) for command in ("derive", "verify", "train")
      for case in LAYERS),
    *(Bad(f"{command} {case.words}", case.says) for command in ("derive", "verify")
      for case in NETWORKS),
    *(Bad(f"derive {case.words}", case.says) for case in DERIVE),
    *(Bad(f"verify {case.words}", case.says) for case in VERIFY),
    *ELSEWHERE,
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "old").write_text("old\n")
    (tmp_path / "link").symlink_to(tmp_path / "old")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_input_is_one_line(case: Bad, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.run([word.strip("'") if word == "''" else word for word in case.words.split(" ")])
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("symbackprop: ")
    assert [text for text in case.says if text not in err] == []
    assert sorted(path.name for path in folder.iterdir()) == ["link", "old"]
    assert (folder / "old").read_text() == "old\n"


@pytest.mark.parametrize("layers", [[2, True], [2, 2.5], ["2", 3], [2, None], [], [3], "2,3", 7])
def test_layers_in_python(layers: object) -> None:
    with pytest.raises(InputError):
        Network(layers)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["__import__('os')", r"\input{x}", "a b", "аctivation", "", "<b>"])
def test_a_name_of_ones_own_is_plain(name: str) -> None:
    with pytest.raises(InputError):
        add_activation(name, z**3)
    with pytest.raises(InputError):
        add_cost(name, (a - y) ** 4)


def test_a_formula_of_ones_own_is_exact_and_known() -> None:
    for formula in ("z**2", 0.1 * z, z + y):
        with pytest.raises(InputError):
            add_activation("of-ones-own", formula)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        add_activation("sigmoid", z)
