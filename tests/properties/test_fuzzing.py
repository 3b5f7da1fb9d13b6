"""The corpus, put to the very functions that are fuzzed; and atheris itself, for a fixed number of inputs."""

import json
import platform
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from fuzz.frame_oracle import messages_of
from fuzz.frames import LIMITS
from fuzz.targets import CHANGES, TARGETS

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "fuzz" / "corpus"
FILES = [(name, path) for name in TARGETS for path in sorted((CORPUS / name).iterdir())]

needs_atheris = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="atheris has no build for this kind of computer"
)


@pytest.mark.parametrize(("name", "path"), FILES, ids=[f"{name}-{path.name}" for name, path in FILES])
def test_no_input_of_the_corpus_breaks_a_promise(name: str, path: Path) -> None:
    TARGETS[name](path.read_bytes())


def test_every_target_has_a_corpus_and_a_dictionary() -> None:
    assert {name for name, _ in FILES} == set(TARGETS) == {path.name for path in CORPUS.iterdir()}
    assert all((ROOT / "fuzz" / f"{name}.dict").is_file() for name in TARGETS)


def is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def test_most_changed_lines_are_still_json() -> None:
    chance = Random(1)
    line = (CORPUS / "lines" / "features_electrumx").read_bytes()

    changed = [CHANGES["lines"](line, chance) for _ in range(1_000)]

    assert len(set(changed)) > 500
    assert sum(map(is_json, changed)) > 500


def test_changed_frames_are_still_whole_and_some_of_them_refused() -> None:
    chance = Random(1)
    stream = (CORPUS / "frames" / "fragments").read_bytes()

    refused = [messages_of(CHANGES["frames"](stream, chance), LIMITS)[1] for _ in range(1_000)]

    assert 200 < sum(refused) < 800


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_keeps_the_promises(name: str) -> None:
    chance = Random(1)
    inputs = [path.read_bytes() for corpus, path in FILES if corpus == name]

    for _ in range(2_000):
        data = CHANGES[name](chance.choice(inputs), chance)[:1_200]
        inputs.append(data)
        TARGETS[name](data)


@needs_atheris
@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_runs_and_covers_more_than_the_corpus_does(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fuzz", name, "--found", str(tmp_path), "-runs=250", "-seed=1"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stderr[-3000:]
    assert "Done 250 runs" in run.stderr
    assert list((tmp_path / "crashes").iterdir()) == []
    assert list((tmp_path / name).iterdir()), "no input reached new code: is anything instrumented?"


@needs_atheris
def test_a_crash_is_kept_and_says_how_it_is_replayed(tmp_path: Path) -> None:
    script = "from fuzz import targets; targets.TARGETS = {'lines': lambda data: 1 / 0}; import fuzz.__main__"

    command = [sys.executable, "-c", script, "lines", "--found", str(tmp_path), "-runs=1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    (kept,) = (tmp_path / "crashes").iterdir()
    assert run.returncode != 0
    assert f"replay with: .venv/bin/python -m fuzz lines {kept}" in run.stderr


def test_without_a_build_of_the_fuzzer_one_line_says_so() -> None:
    script = "import sys; sys.modules['atheris'] = None; import fuzz.__main__"

    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode != 0
    assert run.stderr == f"fuzz: the fuzzer (atheris) has no build for {platform.machine()}, only for x86_64\n"
