"""The tree is what CONTRIBUTING, README and pyproject.toml say it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from electrum_observatory.cli.main import app

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "electrum_observatory"
ROOMS = sorted(folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").is_file())
GUIDES = ("README.md", "CONTRIBUTING.md")
_FENCED_SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
PAGES = (*GUIDES, *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")))
_OBSERVATORY = re.compile(r"^(?:\.venv/bin/)?observatory((?: [a-z][a-z0-9-]*)*)(?= |$)")
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def shell_lines(name: str) -> list[str]:
    """The lines to paste, fenced or indented, without their comments."""
    text = (ROOT / name).read_text()
    found = [line for block in _FENCED_SHELL.findall(text) for line in block.splitlines()] or _INDENTED.findall(text)
    lines = [line.removeprefix("$ ").split("#")[0].strip() for line in found]
    return [line for line in lines if line]


def commands(name: str) -> list[str]:
    """The lines to paste, and what is quoted within a sentence."""
    return shell_lines(name) + _INLINE.findall((ROOT / name).read_text())


def test_the_rooms_are_found() -> None:
    assert {"model", "net", "scanner", "store", "report", "lab", "cli"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_tests_of_its_own(room: str) -> None:
    folders = (ROOT / "tests" / "unit" / room, ROOT / "tests" / room)

    assert [path for folder in folders for path in folder.rglob("test_*.py")]


def test_unit_tests_test_a_room_that_exists() -> None:
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if list(path.rglob("test_*.py"))}

    assert folders <= set(ROOMS)


def test_the_import_rules_are_kept() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    run = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stdout
    assert " 0 broken" in run.stdout


@pytest.mark.parametrize("guide", GUIDES)
def test_make_targets_that_a_guide_names_exist(guide: str) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text()))

    named = {target for line in shell_lines(guide) for target in re.findall(r"^make (?:\S+=\S+ )*([a-z-]+)", line)}

    assert named
    assert named <= targets


@pytest.mark.parametrize("guide", GUIDES)
def test_programs_that_a_guide_calls_exist(guide: str) -> None:
    programs = {line.split()[0] for line in shell_lines(guide)}

    missing = [program for program in programs if "/" in program and not (ROOT / program).exists()]

    assert missing == []


def test_observatory_commands_on_every_page_exist() -> None:
    named = {
        (page, tuple(match[1].split()))
        for page in PAGES
        for line in commands(page)
        if (match := _OBSERVATORY.match(line))
    }

    runner = CliRunner()
    refused = [(page, words) for page, words in named if runner.invoke(app, [*words, "--help"]).exit_code != 0]

    assert ("README.md", ("scan",)) in named
    assert refused == []


def test_the_readme_opens_with_the_two_commands() -> None:
    assert shell_lines("README.md")[:2] == ["make demo", "make test"]


def test_scripts_are_executable_and_say_what_they_do() -> None:
    scripts = [path for path in (*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run") if path.is_file()]

    assert len(scripts) >= 5
    for script in scripts:
        first, second, *_ = script.read_text().splitlines()
        assert script.stat().st_mode & 0o111, script
        assert first.startswith("#!/usr/bin/env "), script
        assert second.startswith(("# ", '"""')), script
