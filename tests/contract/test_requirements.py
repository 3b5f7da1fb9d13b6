"""pyproject.toml and the requirement files say the same, and the files tie nobody to one package index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
EXTRAS = ("core", "report", "dev")
HASHED = sorted((ROOT / "requirements").rglob("*.txt"))
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)


def pins(path: Path) -> set[tuple[str, str, str]]:
    """(name, version, marker) of every pinned line."""
    found = {
        (canonicalize_name(name), version, marker or "") for name, version, marker in _PIN.findall(path.read_text())
    }
    assert found, f"{path} pins nothing"
    return found


def named_in_pyproject(extra: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra != "core" else ())]
    named = [Requirement(line) for line in lines]
    further = {other for one in named if canonicalize_name(one.name) == "electrum-observatory" for other in one.extras}
    names = {canonicalize_name(one.name) for one in named} - {"electrum-observatory"}
    return names.union(*(named_in_pyproject(other) for other in further))


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_dependency_named_is_pinned(extra: str) -> None:
    pinned = {name for name, _, _ in pins(ROOT / "requirements" / f"{extra}.txt")}

    assert named_in_pyproject(extra) <= pinned


def test_a_smaller_set_is_part_of_the_larger_one() -> None:
    core, report, dev = (
        {(name, version) for name, version, _ in pins(ROOT / "requirements" / f"{extra}.txt")} for extra in EXTRAS
    )

    assert core < report < dev


def test_the_file_that_people_try_first_has_the_same_pins_and_the_project() -> None:
    plain = ROOT / "requirements.txt"

    assert pins(plain) == pins(ROOT / "requirements" / "report.txt")
    assert plain.read_text().splitlines()[-1] == "-e ."
    assert "--hash" not in plain.read_text()


@pytest.mark.parametrize("path", HASHED, ids=lambda path: path.stem)
def test_requirement_files_hold_no_registry_address(path: Path) -> None:
    text = path.read_text()

    assert "://" not in text
    assert not re.search(r"^--?(i|index-url|extra-index-url|find-links|f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("path", [path for path in HASHED if path.name != "debian.txt"], ids=lambda path: path.stem)
def test_every_pin_has_hashes(path: Path) -> None:
    text = path.read_text()

    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]

    assert [block.split(" ")[0] for block in blocks if "--hash=sha256:" not in block] == []
