"""The corpus, put to the very functions that are fuzzed; and atheris itself, for a fixed number of inputs."""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "fuzz" / "corpus"
FILES = [(name, path) for name in TARGETS for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.parametrize(("name", "path"), FILES, ids=[f"{name}-{path.name}" for name, path in FILES])
def test_no_input_of_the_corpus_breaks_a_promise(name: str, path: Path) -> None:
    TARGETS[name](path.read_bytes())


def test_every_target_has_a_corpus_and_a_dictionary() -> None:
    assert {name for name, _ in FILES} == set(TARGETS) == {path.name for path in CORPUS.iterdir()}
    assert all((ROOT / "fuzz" / f"{name}.dict").is_file() for name in TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_runs_and_covers_more_than_the_corpus_does(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fuzz", name, "--found", str(tmp_path), "-runs=250", "-seed=1"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stderr[-3000:]
    assert "Done 250 runs" in run.stderr
    assert list((tmp_path / "crashes").iterdir()) == []
    assert list((tmp_path / name).iterdir()), "no input reached new code: is anything instrumented?"


def test_a_crash_is_kept_and_says_how_it_is_replayed(tmp_path: Path) -> None:
    script = "from fuzz import targets; targets.TARGETS = {'lines': lambda data: 1 / 0}; import fuzz.__main__"

    command = [sys.executable, "-c", script, "lines", "--found", str(tmp_path), "-runs=1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    (kept,) = (tmp_path / "crashes").iterdir()
    assert run.returncode != 0
    assert f"replay with: .venv/bin/python -m fuzz lines {kept}" in run.stderr
