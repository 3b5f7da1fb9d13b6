"""The command line in this process, and a scanned small world to read from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.main import run
from tests.lab.world_files import SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)


@pytest.fixture
def observatory(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command line in this process and return its exit code, its data and its words."""

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ended(code=int(ending.value.code or 0), out=written.out, err=written.err)

    return call


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world file of some twenty machines."""
    path = tmp_path_factory.mktemp("world") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def measured(small_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one campaign: the small world, through `observatory demo`."""
    data = tmp_path_factory.mktemp("measured") / "data"
    with pytest.raises(SystemExit) as ending:
        run(["demo", "--world", str(small_world), "--data", str(data)])
    assert ending.value.code in (0, None)
    return data
