"""One lab of honest and modified servers in another process, which `observatory fingerprint --treatment` asked once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.main import run
from tests.unit.cli.lab_process import Lab

ROUNDS = 10
HONEST = {"21": "fulcrum_2_1_1", "22": "electrumx_1_16", "23": "fulcrum_1_12"}
MODIFIED = {
    "omits": ("24", "fulcrum_2_1_1", "mutator: drop_history_item, dose: 0.6"),
    "adds": ("25", "electrumx_1_17", "mutator: alter_balance, dose: 1"),
    "writes": ("26", "fulcrum_2_1_1", 'mutator: inject_text, dose: 1, text: "<b>x</b> https://up.example"'),
    "liar": ("27", "fulcrum_2", "mutator: treat_scanners_differently"),
    "limiter": ("28", "electrumx_1_16", "mutator: rate_limit_taproot"),
}
_PROFILE = Path(__file__).parents[3] / "experiments" / "config" / "lab.yaml"
_SERVER = """\
  - id: {id}
    software: {{{{personality: {personality}}}}}
    addresses: [88.198.43.{last}]
    modified: {modified}
"""
_WORLD = """\
schema_version: 1
name: examined
seed: 730219
time_scale: {time_scale}
chain: {{height: 200, block_interval_s: 1000000}}
mempool: {{initial: 300, transactions_per_s: 0.1}}
servers:
""" + "".join(
    [_SERVER.format(id=f"honest-{last}", personality=one, last=last, modified="[]") for last, one in HONEST.items()]
    + [
        _SERVER.format(id=name, personality=one, last=last, modified=f"[{{{{{how}}}}}]")
        for name, (last, one, how) in MODIFIED.items()
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What `fingerprint` said of the lab, and where it was kept.

    Attributes:
        data: The data folder.
        arguments: The servers and options that it was given, but for `--data`.
        machines: Canonical endpoint to the machine that the world made it of.
        told: What it printed.
        shortly: What it printed of one of them that was asked in a single batch.
    """

    data: Path
    arguments: tuple[str, ...]
    machines: Mapping[str, str]
    told: Any
    shortly: Any

    def by_machine(self) -> dict[str, Any]:
        """Machine to what was told of it."""
        return {self.machines[one["server"]]: one for one in self.told["servers"]}

    def flagged(self, told: Any) -> dict[str, set[str]]:
        """Machine to the findings that are more than a want of data."""
        found: dict[str, set[str]] = {}
        for server in told["servers"]:
            for one in server["truth"]["findings"]:
                if one["severity"] != "insufficient":
                    found.setdefault(self.machines[server["server"]], set()).add(one["id"])
        return found


def examine(folder: Path) -> Examined:
    """Start the lab, ask it, end it, and return what came of it."""
    lab = Lab(folder, time_scale=1, text=_WORLD)
    try:
        return _asked(lab, folder)
    finally:
        assert lab.end() == 0


def _asked(lab: Lab, folder: Path) -> Examined:
    profile, data = folder / "profile.yaml", folder / "data"
    extra = f"  battery: [scripts, chain]\n  treatment_rounds: {ROUNDS}\n"
    profile.write_text(_PROFILE.read_text().replace("  profile: lab\n", f"  profile: lab\n{extra}"))
    servers = [f"88.198.43.{last}:50001:t" for last in (*HONEST, *(last for last, _, _ in MODIFIED.values()))]
    arguments = (*servers, *lab.arguments[1:], "--profile", str(profile), "--treatment")
    truth = json.loads((lab.folder / "truth.json").read_text())
    return Examined(
        data=data,
        arguments=arguments,
        machines={one["endpoint"]: machine["machine"] for machine in truth["machines"] for one in machine["endpoints"]},
        told=_told(folder, *arguments, "--data", str(data)),
        shortly=_told(folder, *arguments, "--batches", "1", "--limit", "1", "--data", str(folder / "short")),
    )


def _told(folder: Path, *arguments: str) -> Any:
    out = folder / "told.json"
    with pytest.MonkeyPatch.context() as patch, out.open("w", encoding="utf-8") as file:
        patch.setattr("sys.stdout", file)
        with pytest.raises(SystemExit) as ending:
            run(["fingerprint", *arguments, "--json"])
    assert ending.value.code in (0, None)
    return json.loads(out.read_text(encoding="utf-8"))
