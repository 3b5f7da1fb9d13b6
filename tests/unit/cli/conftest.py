"""The command line in this process, and a scanned small world to read from."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.main import run
from tests.lab.world_files import SMALL
from tests.unit.cli.examined_lab import Examined, examine
from tests.unit.cli.lab_process import Lab


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


@pytest.fixture(scope="session")
def quick_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Four machines with two ports each, a hundred times as fast as life; whoever asks keeps what they say himself."""
    lab = Lab(tmp_path_factory.mktemp("quick"), time_scale=100)
    yield lab
    assert lab.end() == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The crawl of December 2025 in a data folder: the folder, and what the import counted."""

    data: Path
    counts: Any


@pytest.fixture(scope="session")
def december(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Import the crawl once for everybody who reads it."""
    folder = tmp_path_factory.mktemp("december")
    with pytest.MonkeyPatch.context() as patch, (folder / "out").open("w", encoding="utf-8") as out:
        patch.setattr("sys.stdout", out)
        with pytest.raises(SystemExit) as ending:
            run(["import", "crawl-2025-12", str(shared / "data" / "crawl-2025-12"), "--data", str(folder), "--json"])
    assert ending.value.code in (0, None)
    return Imported(data=folder, counts=json.loads((folder / "out").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    """What `fingerprint --treatment` learned of honest and modified servers, which are gone by now."""
    return examine(tmp_path_factory.mktemp("examined"))


@pytest.fixture(scope="session")
def reported(examined: Examined, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages about them; the tables stand in their data folder."""
    pages = tmp_path_factory.mktemp("pages")
    with pytest.raises(SystemExit) as ending:
        run(["report", "--data", str(examined.data), "--out", str(pages)])
    assert ending.value.code in (0, None)
    return pages
