"""The public world format: what is refused, and how clearly."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.world_file import json_schema
from electrum_observatory.lab.world_options import Fault
from electrum_observatory.lab.world_yaml import load_world, parse_world
from electrum_observatory.model.errors import InputError
from tests.lab.world_files import SMALL, small_file

ROOT = Path(__file__).parents[2]
HEAD = "schema_version: 1\nname: w\n"


def test_a_small_file_fills_in_the_rest() -> None:
    file = parse_world(HEAD, "w.yaml")

    assert file.network == "bitcoin"
    assert file.groups == ()
    assert file.chain.height > 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "w.yaml, line 1: the file is empty"),
        ("- 1\n", "w.yaml, line 1: "),
        ("name: w\n", "schema_version"),
        (HEAD.replace("1", "2", 1), "w.yaml, line 1: schema_version"),
        (HEAD + "colour: red\n", "w.yaml, line 3: unknown key 'colour'"),
        (HEAD + "chain:\n  height: 5\n  hight: 6\n", "w.yaml, line 5: unknown key 'chain.hight'"),
        (HEAD + "name: x\n", "w.yaml, line 3: the key 'name' stands here twice"),
        (HEAD + "time_scale: 0\n", "w.yaml, line 3: time_scale"),
        (HEAD + "network: dogecoin\n", "w.yaml, line 3: unknown network 'dogecoin'"),
        (HEAD + "description: no\n", "w.yaml, line 3: description"),
        (HEAD + "description: [unclosed\n", "w.yaml, line 4: "),
        (HEAD + "nodes: {a: {network: moon}}\n", "w.yaml, line 3: unknown network 'moon'"),
        (SMALL.replace("node: foreign", "node: nowhere"), "w.yaml, line 21: no node 'nowhere'"),
        (SMALL.replace("share: 0.8", "share: 8"), "w.yaml, line 48: groups.3.names.share"),
        (SMALL.replace("fault: http", "fault: flood"), "w.yaml, line 55: groups.3.faults.4.fault"),
        (SMALL.replace("id: abroad", "id: alone"), "w.yaml, line 18: the id 'alone' is taken"),
        (SMALL.replace("electrum.alone.example", "two words"), "w.yaml, line 13: 'two words' is not a host name"),
        (SMALL.replace("machines: 5", "machinez: 5"), "w.yaml, line 26: unknown key 'groups.0.machinez'"),
        (
            SMALL.replace("fulcrum_2}\n    addr", "fulcrum_9}\n    addr"),
            "w.yaml, line 19: unknown personality 'fulcrum_9'",
        ),
        (SMALL.replace("electrumx_1_18", "electrumx"), "w.yaml, line 27: unknown personality 'electrumx'; known: bsv_"),
        (SMALL.replace("electrumx_1_18", "hostile_flod"), "hostile_<act> (docs/lab/hostile.md lists them)"),
        (SMALL.replace("{provider: aws}", "{provider: awz}"), "w.yaml, line 36: unknown provider 'awz' without blocks"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_world(text, "w.yaml")

    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_aliases_cannot_blow_up_a_file() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )

    with pytest.raises(InputError, match="more than"):
        parse_world(bomb, "bomb.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.yaml"):
        load_world(tmp_path / "missing.yaml")


def test_a_file_on_disk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")

    assert load_world(path) == small_file()


def test_the_checked_in_schema_is_the_code_s() -> None:
    checked_in = json.loads((ROOT / "schemas/lab/world.json").read_text(encoding="utf-8"))

    assert checked_in == json_schema()


@pytest.mark.parametrize("scenario", Scenario)
def test_bundled_worlds_follow_format_and_schema(scenario: Scenario) -> None:
    file = load_scenario(scenario)
    text = (ROOT / f"src/electrum_observatory/lab/scenarios/{scenario.value}.yaml").read_text(encoding="utf-8")

    jsonschema.validate(yaml.safe_load(text), json_schema())
    assert file.description
    assert file.name == scenario.value.replace("_", "-")


def test_the_reference_page_explains_every_key() -> None:
    page = (ROOT / "docs/lab/world-files.md").read_text(encoding="utf-8")
    keys = {key for part in [json_schema(), *json_schema()["$defs"].values()] for key in part.get("properties", {})}

    assert {key for key in keys if f"`{key}`" not in page} == set()
    assert {fault for fault in Fault if f"`{fault}`" not in page} == set()
