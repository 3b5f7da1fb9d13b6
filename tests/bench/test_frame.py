"""The bench's frame: what is judged, what is shown, what is kept, and what the exit code says."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import __main__ as command
from bench.frame import Bench, Figure, Row, RowResult
from bench.running import Outcome, run_row
from bench.showing import as_json, asked, show, spelled, verdict

SLOW = Figure(name="wall", measured=30.0, unit="s", at_most=25)
QUICK = Figure(name="wall", measured=12.5, unit="s", at_most=25)
LOST = Figure(name="lost", measured=1, at_most=0, always=True)
PLAIN = Figure(name="rate", measured=1234.5)


def row(*figures: Figure, name: str = "row") -> Row:
    async def run(bench: Bench) -> RowResult:
        assert bench.folder.is_dir()
        return RowResult(figures=figures, facts={"seed": bench.seed})

    return Row(name=name, asks="a question", run=run)


def breaking() -> Row:
    async def run(bench: Bench) -> RowResult:
        raise RuntimeError("the lab fell over")

    return Row(name="broken", asks="a question", run=run)


@pytest.mark.parametrize(
    ("figure", "within"),
    [
        (SLOW, False),
        (QUICK, True),
        (Figure(name="ratio", measured=0.5, at_least=0.5), True),
        (Figure(name="ratio", measured=0.49, at_least=0.5), False),
        (PLAIN, True),
    ],
)
def test_a_figure_is_within_its_bounds_or_not(figure: Figure, within: bool) -> None:
    assert figure.within is within


async def test_full_runs_judge_every_bound_and_small_ones_only_what_always_holds() -> None:
    full = await run_row(row(SLOW, PLAIN), small=False)
    small = await run_row(row(SLOW, PLAIN), small=True)
    losing = await run_row(row(LOST), small=True)

    assert (full.met, small.met, losing.met) == (False, True, False)
    assert [verdict(full, one) for one in (SLOW, PLAIN)] == ["MISSED", ""]
    assert verdict(small, SLOW) == ""
    assert verdict(losing, LOST) == "MISSED"


async def test_a_row_that_breaks_has_missed_and_says_why() -> None:
    outcome = await run_row(breaking(), small=False)

    assert not outcome.met
    assert "the lab fell over" in outcome.error
    assert "MISSED" in shown(outcome)
    assert "the lab fell over" in shown(outcome)


async def test_a_row_leaves_no_folder_behind() -> None:
    folders: list[Path] = []

    async def run(bench: Bench) -> RowResult:
        folders.append(bench.folder)
        (bench.folder / "data").mkdir()
        return RowResult(figures=())

    await run_row(Row(name="tidy", asks="", run=run), small=True)

    assert not folders[0].exists()


async def test_the_table_has_every_figure_with_what_was_asked() -> None:
    text = shown(await run_row(row(SLOW, QUICK, PLAIN), small=False))

    assert [word in text for word in ("≤ 25 s", "12.5 s", "1,234.5", "MISSED", "met")] == [True] * 5


def test_numbers_are_spelled_with_three_digits() -> None:
    assert spelled(Figure(name="", measured=10_000)) == "10,000"
    assert spelled(Figure(name="", measured=0.51234, unit="s")) == "0.51 s"
    assert asked(Figure(name="", measured=1, at_least=0.5)) == "≥ 0.50"
    assert asked(Figure(name="", measured=1, unit="s", at_least=0.9, at_most=25)) == "≥ 0.90, ≤ 25 s"
    assert asked(PLAIN) == ""


async def test_the_json_keeps_figures_facts_and_verdicts() -> None:
    outcome = await run_row(row(SLOW), small=False, seed=7)

    kept = json.loads(json.dumps(as_json([outcome], {"cores": 2})))

    assert kept["machine"] == {"cores": 2}
    (found,) = kept["rows"]
    assert (found["row"], found["met"], found["limits"], found["facts"]) == ("row", False, "lab", {"seed": 7})
    assert found["figures"][0] | {"verdict": "MISSED", "measured": 30.0} == found["figures"][0]


@pytest.mark.parametrize(("rows", "code"), [((row(QUICK),), 0), ((row(QUICK), row(SLOW, name="slow")), 1)])
def test_the_exit_code_says_whether_anything_was_missed(
    rows: tuple[Row, ...],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "ROWS", rows)

    assert command.main(["--json", str(tmp_path / "out.json")]) == code

    said = capsys.readouterr().out
    assert said.startswith("limits: lab · seed ")
    assert len(json.loads((tmp_path / "out.json").read_text())["rows"]) == len(rows)


def test_an_unknown_row_is_named_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["nothing"])

    assert ended.value.code == 2
    assert "no row nothing; known are ratio" in capsys.readouterr().err


def shown(outcome: Outcome) -> str:
    console = Console(width=140, file=io.StringIO(), record=True)
    show([outcome], console)
    return console.export_text()
