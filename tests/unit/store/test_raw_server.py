"""A server's raw file gives its facts back, those of every version that we ever wrote, and is refused in words."""

import copy
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Observation
from electrum_observatory.store.importers.jsonl import read_scan
from electrum_observatory.store.importers.raw_server import read_raw_server
from electrum_observatory.store.json_text import from_json_text

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("v*/data/raw/*.json"))
V1 = Path(__file__).parents[2] / "samples" / "v1"


def read(path: Path) -> Any:
    return from_json_text(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parts[-4]} {path.name}")
def test_every_stored_sample_is_read(path: Path) -> None:
    value = read(path)

    server = read_raw_server(path, value)

    told = [one for endpoint in value["endpoints"] for one in endpoint["observations"]]
    assert len(server.observations) == len(told) > 0
    assert [one.probe for one in server.observations] == [one["probe"] for one in told]
    assert {one.endpoint.canonical for one in server.observations} == {one["endpoint"] for one in value["endpoints"]}
    assert server.seen_on == date.fromisoformat(value["campaign"]["started_at"][:10])


def test_raw_file_and_scan_line_give_the_same_observations() -> None:
    of_raw = [one for path in SAMPLES if "v1" in path.parts for one in read_raw_server(path, read(path)).observations]
    of_scan = list(read_scan(V1 / "scan.jsonl")[1])

    hosts = {one.endpoint.host for one in of_raw}
    assert len(hosts) > 1
    assert in_order(of_raw) == in_order(one for one in of_scan if one.endpoint.host in hosts)


def in_order(observations: Iterable[Observation]) -> list[Observation]:
    return sorted(observations, key=lambda one: (one.endpoint.canonical, one.probe))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda value: value.update(schema_version=9), "schema_version"),
        (lambda value: value.update(host="a b"), "host"),
        (lambda value: value["endpoints"][0].update(port=0), "port"),
        (lambda value: value["endpoints"][0].update(address="nowhere"), "nowhere"),
        (lambda value: value["campaign"].update(started_at="yesterday"), "yesterday"),
        (
            lambda value: value["endpoints"][0]["observations"][0].update(status="not_scheduled", result={}),
            "not_scheduled",
        ),
        (lambda value: value["endpoints"][0]["observations"][0].update(witnesses=[{"kind": "reply"}]), "witness"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_name(spoil: Callable[[Any], None], words: str) -> None:
    value = copy.deepcopy(read(SAMPLES[0]))
    spoil(value)

    with pytest.raises(InputError) as refusal:
        read_raw_server(Path("given.json"), json.loads(json.dumps(value)))

    assert str(refusal.value).startswith("given.json: ")
    assert words in str(refusal.value)
