"""Worlds that come with the observatory, as world files."""

from enum import StrEnum
from importlib import resources

from electrum_observatory.lab.world_file import WorldFile
from electrum_observatory.lab.world_yaml import parse_world


class Scenario(StrEnum):
    """Every bundled world; the value is its file's name without ``.yaml``."""

    DEMO = "demo"  # the embedded network of ``make demo``: sixty machines, lively, over in seconds
    NETWORK_300 = "network_300"  # three hundred machines, for tests that must find every live endpoint
    BUILDS_300 = "builds_300"  # three hundred honest machines over every program and build that the lab plays


def load_scenario(scenario: Scenario) -> WorldFile:
    """Read a bundled world."""
    text = resources.files(__package__).joinpath(f"{scenario.value}.yaml").read_text(encoding="utf-8")
    return parse_world(text, f"{scenario.value}.yaml")
