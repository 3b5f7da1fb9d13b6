"""The command line, its reference page and its promises say the same."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.main import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")


def _commands(group, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= _commands(command, f"{prefix}{name} ")
        else:
            found[prefix + name] = command
    return found


COMMANDS = _commands(typer.main.get_command(app))


def test_every_command_is_in_the_reference_and_every_row_is_a_command() -> None:
    listed = re.findall(r"^\| `([a-z0-9 -]+)` \|", PAGE, flags=re.MULTILINE)

    assert len(COMMANDS) > 12
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_every_option_explains_itself(name: str) -> None:
    command = COMMANDS[name]

    assert len(command.help or "") > 20, f"{name} has no help"
    texts = {name: command.help}
    texts |= {f"{name}: {option.name}": getattr(option, "help", None) for option in command.params}
    assert [what for what, text in texts.items() if not (text or "").strip().endswith(".")] == []


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"geo", "identify", "lab run", "lab list"}))
def test_every_command_that_touches_data_takes_a_data_folder(name: str) -> None:
    assert "--data" in {flag for option in COMMANDS[name].params for flag in option.opts}


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"export jsonl", "lab run"}))
def test_every_command_that_answers_can_answer_in_json(name: str) -> None:
    assert "--json" in {flag for option in COMMANDS[name].params for flag in option.opts}


@pytest.mark.parametrize("name", ["scan", "discover", "fingerprint"])
def test_whatever_dials_can_say_beforehand_whom(name: str) -> None:
    flags = {flag for option in COMMANDS[name].params for flag in option.opts}

    assert {"--dry-run", "--only", "--exclude", "--limit", "--tor", "--network", "--allow-private"} <= flags


def test_the_exit_codes_are_documented() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)}

    assert listed == {int(code) for code in Exit}


def test_settings_of_the_default_profile_are_all_written_down() -> None:
    from electrum_observatory.cli.settings import Settings, load_settings
    from electrum_observatory.lab.yaml_lines import YamlLines

    written = YamlLines.read(ROOT / "experiments" / "config" / "default.yaml").value
    code = Settings()

    assert load_settings() == code
    assert set(written) == set(Settings.model_fields)
    for part in ("scan", "connection", "dialling"):
        fields = set(type(getattr(code, part)).__dataclass_fields__)
        assert set(written[part]) == fields - {"probes", "resolve_here", "client_name"}, part
    for part in ("budgets", "deadlines", "caps"):
        assert set(written["scan"][part]) == set(type(getattr(code.scan, part)).__dataclass_fields__), part


def test_the_scripts_are_listed_and_each_explains_itself() -> None:
    listed = set(re.findall(r"^\| `((?:tools|experiments)/\w+\.py)", PAGE, flags=re.MULTILINE))
    present = {
        str(path.relative_to(ROOT))
        for folder in ("tools", "experiments")
        for path in (ROOT / folder).glob("*.py")
        if not path.name.startswith("_")
    }

    assert len(present) == 6
    assert listed == present


@pytest.mark.parametrize("script", ["run_scan", "run_fingerprint"])
def test_the_experiments_are_doors_into_the_command(script: str, tmp_path: Path) -> None:
    door = [sys.executable, str(ROOT / "experiments" / f"{script}.py"), "a.example:50001:t"]

    ended = subprocess.run(
        [*door, "--dry-run", "--json", "--data", str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )

    assert [target["host"] for target in json.loads(ended.stdout)["targets"]] == ["a.example"]
