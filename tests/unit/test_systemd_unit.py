"""The unit that is shipped: systemd understands it, and it starts a command that exists, with few rights."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import typer

from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.main import app

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "systemd"
UNIT = FOLDER / "observatory-monitor.service"


def section(name: str) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(UNIT)
    return parser[name]


def service() -> configparser.SectionProxy:
    return section("Service")


def test_it_starts_the_command_as_a_user_without_rights() -> None:
    unit = service()
    program, command, *options = shlex.split(unit["ExecStart"])

    assert Path(program).name == "observatory"
    assert command in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert options == []
    assert (unit["User"], unit["NoNewPrivileges"], unit["ProtectSystem"]) == ("observatory", "yes", "strict")
    assert unit["CapabilityBoundingSet"] == ""
    assert f"OBSERVATORY_DATA=/var/lib/{unit['StateDirectory']}" in unit["Environment"].split()
    assert f"u {unit['User']} " in (FOLDER / "observatory.sysusers.conf").read_text()


def test_it_is_started_again_after_crashes_but_not_after_usage_errors_or_a_polite_end() -> None:
    unit = service()

    assert (unit["Type"], unit["Restart"]) == ("notify", "on-failure")
    assert unit["SuccessExitStatus"] == str(Exit.INTERRUPTED.value)
    assert unit["RestartPreventExitStatus"].split() == [str(Exit.USAGE.value), str(Exit.UNREADABLE_INPUT.value)]


def test_it_is_started_again_for_as_long_as_a_trouble_lasts_and_seldom() -> None:
    assert section("Unit")["StartLimitIntervalSec"] == "0", "with a limit, so many failures end the watch for good"
    assert service()["RestartSec"] == "2min", "docs/monitor.md and docs/postgresql.md say so"
    for page in ("monitor.md", "postgresql.md"):
        assert "every two minutes" in (ROOT / "docs" / page).read_text(encoding="utf-8")


def test_it_holds_no_secret_and_no_path_of_this_machine() -> None:
    words = UNIT.read_text() + (FOLDER / "observatory.sysusers.conf").read_text()

    assert "postgres" not in words
    assert str(ROOT) not in words


def test_systemd_understands_it(tmp_path: Path) -> None:
    there = tmp_path / UNIT.name
    program = shlex.split(service()["ExecStart"])[0]
    there.write_text(UNIT.read_text().replace(program, shutil.which("true") or "/bin/true"))

    verified = subprocess.run(
        ["systemd-analyze", "verify", str(there)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (verified.returncode, verified.stderr) == (0, "")
