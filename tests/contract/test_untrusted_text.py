"""No output lets a stranger's words act: every command over a world in which each such word is poison.

A command, an option or a file that is new and forgets the border fails here, and so does one that this file has not
heard of.
"""

import ast
import contextlib
import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import typer
from rich.text import Text

from electrum_observatory.cli.console import say
from electrum_observatory.cli.last_words import HarmlessFormatter
from electrum_observatory.cli.main import app, run
from electrum_observatory.store.json_text import from_json_text
from tests.contract.calmness import (
    assert_calm,
    assert_calm_pages,
    assert_calm_table,
    assert_no_formulae,
    assert_plain_json,
)
from tests.contract.poisoned_servers import Poison, poisoned_servers, poisoned_store, poisoned_watch
from tests.unit.report.campaigns import every_answer

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "electrum_observatory"
IMPORTED = "20261120T221500Z-local-0a1b2c"
READING = {
    "show": [
        ["show", "asked.example.org", "--raw", "--campaign", IMPORTED],
        ["show", "silent.example.org", "--campaign", IMPORTED],
        ["show", "127.77.0.1", "--raw"],
        ["show", "127.77.0.3"],
    ],
    "campaigns list": [["campaigns", "list"]],
    "campaigns show": [["campaigns", "show", IMPORTED], ["campaigns", "show"]],
    "campaigns refusals": [["campaigns", "refusals", IMPORTED]],
    "diff": [["diff", IMPORTED, "latest"], ["diff", "latest", IMPORTED]],
    "report": [["report", IMPORTED, "--tables-only"]],
    "fingerprint": [["fingerprint"]],
    "truth": [["truth"]],
    "lifecycle": [["lifecycle"]],
    "backends": [["backends"], ["backends", "--pair", "one.example", "xn--bcher-kva.example"]],
    "watches list": [["watches", "list"]],
    "watches query": [["watches", "query", "SELECT * FROM texts"], ["watches", "query", "SELECT * FROM readings"]],
}
"""Commands that read a data folder, with the arguments that show most."""

ELSEWHERE = {
    "scan": "the fixture runs it",
    "discover": "the fixture runs it",
    "identify": "a test of its own",
    "export jsonl": "a test of its own",
    "export watch": "a test of its own",
    "import jsonl": "a test of its own",
    "campaigns files": "writes the files that a test of its own reads",
    "campaigns delete": "prints an id and numbers",
    "campaigns disk-use": "prints numbers",
    "watches seal": "prints ids, days and numbers",
    "watches compact": "prints ids, days and numbers",
    "watches forget": "prints ids, days and numbers",
    "import crawl-2025-12": "prints numbers, or an error as import jsonl does",
    "demo": "prints numbers, and is scan and report besides",
    "doctor": "asks no server",
    "geo": "asks no server",
    "lab run": "asks no server",
    "lab list": "asks no server",
    "lab render": "asks no server",
    "lab replay": "asks no server",
    "histograms matrix": "prints numbers and endpoints, whose spelling is ours",
    "histograms clusters": "prints numbers and endpoints, whose spelling is ours",
    "histograms stability": "prints numbers and endpoints, whose spelling is ours",
    "histograms explained": "prints numbers and endpoints, whose spelling is ours",
    "histograms algorithms": "prints numbers and endpoints, whose spelling is ours",
    "monitor": "prints numbers and names; tests/unit/cli/test_monitor_table.py has hostile ones",
}
"""Commands that are looked at in another way, and how."""


class World:
    """A data folder full of poison, and what was printed while it was filled."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.poison = Poison()
        self.printed: dict[str, tuple[str, str]] = {}

    def command(self, *arguments: str) -> tuple[str, str]:
        """Run a command line and return what it wrote to stdout and stderr."""
        return run_words([*arguments, "--data", str(self.data)])


def run_words(arguments: Sequence[str]) -> tuple[str, str]:
    """Run a command line and return what it wrote to stdout and stderr."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
        pytest.raises(SystemExit),
    ):
        run(arguments)
    return out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("poisoned") / "data")
    dialling = ("--profile", "lab", "--allow-private", "127.77.0.0/16", "--depth", "0")
    poisoned_store(made.data, made.poison, every_answer())
    poisoned_watch(made.data, made.poison)
    with poisoned_servers(made.poison) as targets, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OBSERVATORY_SCAN__BATTERY", "core")
        made.printed["discover"] = made.command("discover", *targets, *dialling)
        made.printed["scan"] = made.command("scan", *targets, *dialling)
        made.printed["scan --json"] = made.command("scan", *targets, *dialling, "--json")
    for campaign in (IMPORTED, "latest"):
        made.printed[f"report {campaign}"] = made.command("report", campaign)
    made.printed["report --watch"] = made.command("report", "--watch", "latest")
    return made


def test_every_command_is_looked_at() -> None:
    named: set[str] = set()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        named |= {f"{name} {one}" for one in command.commands} if hasattr(command, "commands") else {name}

    assert set(READING) | set(ELSEWHERE) == named
    assert set(READING).isdisjoint(ELSEWHERE)


def test_a_scan_of_poisoned_servers_ends_and_its_words_are_calm(world: World) -> None:
    out, err = world.printed["scan"]

    assert re.search(r"4 endpoints: [12] answered", err), err
    assert "px" in err
    assert_calm(out, allowed="\n\t")
    assert_calm(err)
    assert_calm("".join(world.printed["discover"]), allowed="\n\t")
    assert_plain_json(world.printed["scan --json"][0])
    for of in (IMPORTED, "latest", "--watch"):
        assert_calm("".join(world.printed[f"report {of}"]))


@pytest.mark.parametrize("arguments", [one for several in READING.values() for one in several], ids=" ".join)
@pytest.mark.parametrize("screen", ["pipe", "terminal", "json"])
def test_what_a_command_prints_is_calm(
    world: World, arguments: list[str], screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if screen == "terminal" else "0")

    out, err = world.command(*arguments, *(["--json"] if screen == "json" else []))

    assert out or "Table:" in err
    assert_calm(err)
    if screen == "json":
        assert_plain_json(out)
        return
    assert_calm(out, allowed="\n\t" if screen == "pipe" else "\n")
    if screen == "pipe" and "--raw" not in arguments:
        assert_no_formulae(out)


def test_show_in_json_is_faithful(world: World) -> None:
    out, _ = world.command("show", "asked.example.org", "--json", "--campaign", IMPORTED)

    told = set(texts_of(from_json_text(out)))
    assert len(told & set(world.poison.words)) > 60


def test_an_export_is_faithful_and_plain(world: World) -> None:
    out, _ = world.command("export", "jsonl", IMPORTED)

    assert_plain_json(out)
    told = {text for line in out.splitlines() for text in texts_of(from_json_text(line))}
    assert len(told & set(world.poison.words)) > 60


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_of_a_watch_is_plain(world: World, form: str) -> None:
    out, err = world.command("export", "watch", "--format", form)

    assert_calm(err)
    assert len(set(re.findall(r"px\d{5}x", out))) > 60
    if form == "jsonl":
        assert_plain_json(out)
        return
    assert_calm(out)
    assert not {cell.strip()[:1] for row in csv.reader(io.StringIO(out)) for cell in row} & set("=+-@")


def test_raw_files_are_plain_and_names_are_ours(world: World) -> None:
    paths = [path for path in world.data.rglob("*") if path.is_file()]

    assert all(re.fullmatch(r"[A-Za-z0-9=_.-]+", part) for path in paths for part in path.relative_to(world.data).parts)
    raw = [path for path in paths if path.suffix == ".json"]
    assert len(raw) > 4
    for path in raw:
        assert_plain_json(path.read_text(encoding="utf-8"))


def test_an_import_that_cannot_be_read_is_named_in_one_calm_line(world: World, tmp_path: Path) -> None:
    word = world.poison()
    header = {"format": "electrum-observatory-scan", "version": 1, "network": "bitcoin"}
    broken = (
        {**header, "network": word},
        {**header, "version": word},
        {**header, "vantage": word},
        {**header, "campaign": {"campaign_id": word}},
        {"host": word, "port": 1, "transport": "tcp"},
        {"host": "a.example", "port": 1, "transport": word},
        {"host": "a.example", "port": 1, "transport": "tcp", "observations": [{"probe": word}]},
        {"host": "a.example", "port": 1, "transport": "tcp", "raw": {word: word}},
        {"host": "a.example", "port": 1, "transport": "tcp", "address": word},
        {"host": "a.example", "port": 1, "transport": "tcp", word: 1, "banner": [word]},
    )
    for number, line in enumerate(broken):
        file = tmp_path / f"{number}.jsonl"
        lines = [line] if "format" in line else [header, line]
        file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
        other = World(tmp_path / "data")

        _, err = other.command("import", "jsonl", str(file))

        assert_calm(err)
        assert len(err.splitlines()) <= 3, err


@pytest.mark.parametrize("screen", ["0", "1"])
def test_identifying_files_is_calm(world: World, tmp_path: Path, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", screen)
    word = world.poison().replace("\ud800", "")
    reply = json.dumps({"id": 0, "jsonrpc": "2.0", "result": [f"Fulcrum {word}", word]})
    asked = json.dumps({"id": 0, "method": "server.version", "params": ["a", ["1.4", "1.6"]]})
    step = {"send": f"{asked}\n", "recv": [[1, f"{reply}\n"]]}
    recording = tmp_path / "recording.jsonl"
    recording.write_text(json.dumps({"server": word[:200], "transport": "t", "probe": word[:200], "steps": [step]}))
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps({"server": word[:200], "transport": word, "probe": word, "steps": [step]}))
    raw = [str(path) for path in sorted((world.data / "raw").glob("*.json"))]

    for files in ([str(recording)], [str(broken)], *([path] for path in raw)):
        for options in ([], ["--json"]):
            out, err = run_words(["identify", *files, *options])
            assert_calm(err)
            assert_calm(out, allowed="\n\t")


def test_tables_hold_no_formula_and_nothing_hidden(world: World) -> None:
    tables = list(world.data.rglob("*.csv"))
    assert len(tables) == 18

    for path in tables:
        assert_calm_table(path)
        assert path.name != "servers.csv" or "px0" in path.read_text(encoding="utf-8")


def test_pages_hold_poison_as_text_only(world: World) -> None:
    shown = assert_calm_pages(world.data / "reports")

    assert list((world.data / "reports").glob("*/watch.html"))
    assert len(set(re.findall(r"px\d{5}x", shown))) > 30


def test_findings_quote_poison_and_it_stays_text(world: World) -> None:
    world.command("report", "latest")
    with (world.data / "processed" / "findings.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["finding"] for row in csv.DictReader(file)}
    told = json.loads(world.command("fingerprint", "--json")[0])["servers"]
    quoted = [quote for one in told for found in one["truth"]["findings"] for quote in found["witnesses"]]
    sections = [
        text[start : text.index("</section>", start)]
        for text in (page.read_text(encoding="utf-8") for page in world.data.glob("reports/*/machines/*.html"))
        if (start := text.find('<section id="truth">')) >= 0
    ]

    assert listed >= {"text_with_markup", "text_with_controls"}
    assert sum("px0" in quote.get("line", "") for quote in quoted) > 4
    assert any(re.search(r"px\d{5}x", section) for section in sections)
    assert not any("<script" in section or "<img" in section for section in sections)


def encodable(text: str, **_: object) -> str:
    """Return the text as it is, but for what no file can hold."""
    return text.replace("\ud800", "")


UNDEFENDED: dict[str, tuple[str, Callable[..., object], list[str]]] = {
    "console.for_log": ("cli.console.for_log", lambda text: text, ["show", "x\x1b[2J"]),
    "console.for_terminal": ("cli.console.for_terminal", Text, ["show", "silent.example.org", "--campaign", IMPORTED]),
    "console.for_csv": ("cli.console.for_csv", str, ["show", "silent.example.org", "--campaign", IMPORTED]),
    "tables.for_csv": ("report.tables.for_csv", encodable, ["report", IMPORTED, "--tables-only"]),
    "rendering.sanitise": ("report.rendering.sanitise", encodable, ["report", IMPORTED]),
    "rendering.for_html": ("report.rendering.for_html", encodable, ["report", IMPORTED]),
}
"""Each escaping function, what stands in for it, and a command that then lets poison through."""


@pytest.mark.parametrize("defence", UNDEFENDED)
def test_these_tests_see_when_a_defence_is_switched_off(
    world: World, defence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.command("report", IMPORTED, "--tables-only")  # as other tests may have left none, or bad ones
    target, stand_in, arguments = UNDEFENDED[defence]
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if defence == "console.for_terminal" else "0")
    pages = ["--out", str(tmp_path)] if arguments[0] == "report" else []
    out, err = world.command(*arguments, *pages)
    judge(out, err, [tmp_path, world.data / "processed"])

    monkeypatch.setattr(f"electrum_observatory.{target}", stand_in)
    out, err = world.command(*arguments, *pages)

    with pytest.raises(AssertionError):
        judge(out, err, [tmp_path, world.data / "processed"])


def judge(out: str, err: str, folders: Sequence[Path]) -> None:
    """Do what the tests above do, to whatever there is."""
    assert_calm(err)
    assert_calm(out, allowed="\n\t")
    assert_no_formulae(out)
    for folder in folders:
        for path in folder.rglob("*.csv"):
            assert_calm_table(path)
        assert_calm_pages(folder)


def test_what_is_said_is_one_calm_line_and_obeys_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say(Poison()())

    err = capsys.readouterr().err
    assert_calm(err)
    assert err.count("\n") == 1
    assert "[bold]x[/]" in err


def test_what_libraries_log_and_tracebacks_are_calm() -> None:
    word = Poison()()
    raised = ValueError(word)
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, "%s", (word,), (ValueError, raised, None))

    text = HarmlessFormatter("%(name)s: %(message)s").format(record)

    assert_calm(text)
    assert text.startswith("library: =px00001x")
    assert "\n| ValueError: =px00001x" in text


def test_a_crash_prints_a_calm_traceback_and_the_exit_code_of_a_bug() -> None:
    code = "from electrum_observatory.cli.last_words import guard_output as g; g(); raise ValueError('\\x1b]0;x\\x07')"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert "\n| ValueError: ⟨ESC⟩]0;x⟨BEL⟩\n" in ended.stderr
    assert_calm(ended.stderr)


def test_a_screen_that_knows_few_letters_is_no_reason_to_fail(world: World) -> None:
    code = "from electrum_observatory.cli.main import run; run()"
    arguments = ("show", "silent.example.org", "--campaign", IMPORTED, "--data", str(world.data))

    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="latin-1",
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        timeout=60,
        check=True,
    )

    assert "\\u27e8ESC\\u27e9" in ended.stdout


def texts_of(value: object) -> Iterator[str]:
    """Every text in a JSON value, and in texts that are JSON themselves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from texts_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts_of(member)


WRITERS = {
    "cli/console.py": "the way out",
    "cli/last_words.py": "what goes past it",
    "cli/main.py": "--version",
    "cli/export.py": "JSONL, which is ASCII",
    "cli/export_watch.py": "JSONL, which is ASCII, and CSV whose cells are clean",
    "cli/monitor_words.py": "the way out, for as long as a watch lasts",
    "lab/worker.py": "to the process that started it",
    "store/watching/apart.py": "to the process that started it",
}
"""Files that may name a standard stream, and what for."""


def test_only_the_console_writes_to_the_screen() -> None:
    direct = re.compile(
        r"\bsys\.std(?:out|err)\b|\bprint\(|\btyper\.s?echo\b|\bConsole\(|\brich\.print\b|\bos\.write\("
    )
    any_of_it = re.compile("stdout|stderr|print|echo|Console|write")  # taking all files apart would take seconds
    files = [*SOURCE.rglob("*.py"), *(ROOT / "tools").glob("*.py"), *(ROOT / "experiments").glob("*.py")]
    found = set()
    for path in files:
        text = path.read_text(encoding="utf-8")
        if not any_of_it.search(text):
            continue
        names = ast.unparse(ast.parse(text))  # without comments
        if direct.search(names.replace("STDOUT.print(", "").replace("STDERR.print(", "")):
            found.add(str(path.relative_to(SOURCE if SOURCE in path.parents else ROOT)))

    assert found == set(WRITERS)


def test_only_the_console_prints_through_rich() -> None:
    printing = {
        path.name for path in (SOURCE / "cli").glob("*.py") if re.search(r"STD(OUT|ERR)\.print\(", path.read_text())
    }

    assert printing == {"console.py", "progress.py"}


def test_markup_is_made_in_one_file() -> None:
    made = {path.name for path in SOURCE.rglob("*.py") if re.search(r"\bMarkup\(", path.read_text(encoding="utf-8"))}

    assert made == {"rendering.py"}
