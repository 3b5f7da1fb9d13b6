"""Every probe has a file, a schema, a reference page and a unit test, and none of these lacks its probe."""

import dataclasses
import importlib.machinery
import importlib.util
import json
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.scanner import probes
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Subject
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.probes.base import Phase, Probe
from electrum_observatory.scanner.probes.latency import MAX_PINGS
from electrum_observatory.scanner.probes.registry import APART, BATTERY, PROBE_IDS, RESULT_TYPES, all_probes

ROOT = Path(__file__).parents[2]
IDS = [name for name, _ in RESULT_TYPES]
NOT_PROBES = {"base", "registry"}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("generate_schemas", str(ROOT / "scripts/generate-schemas"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_registry_was_really_looked_at() -> None:
    assert len(IDS) == len(set(IDS)) == 15 + len(APART)
    assert "connection" in IDS
    assert set(PROBE_IDS) == set(IDS) - {"connection"} - APART


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("file", {module.name for module in pkgutil.iter_modules(probes.__path__)} - NOT_PROBES),
        ("schema", {path.stem for path in (ROOT / "schemas/probes").glob("*.json")}),
        ("page", {path.stem for path in (ROOT / "docs/probes").glob("*.md")} - {"README"}),
        ("test", {path.stem.removeprefix("test_") for path in (ROOT / "tests/unit/scanner/probes").glob("test_*.py")}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_probe_has_its_file_and_every_file_its_probe(what: str, found: set[str]) -> None:
    assert found, f"no {what} found at all"

    assert found == set(IDS), f"{what}s and registry differ"


def test_schemas_are_what_the_result_types_generate(tmp_path: Path, generator: ModuleType) -> None:
    generator.main(["--to", str(tmp_path)])

    generated = {path.name: path.read_text() for path in (tmp_path / "probes").glob("*.json")}
    assert len(generated) == len(IDS)
    for name, text in generated.items():
        assert (ROOT / "schemas/probes" / name).read_text() == text, f"{name}: run scripts/generate-schemas"


@pytest.mark.parametrize(("name", "kind"), RESULT_TYPES)
def test_every_field_of_a_result_is_documented_in_code_schema_and_page(
    name: str, kind: type[Any], generator: ModuleType
) -> None:
    fields = {field.name for field in dataclasses.fields(kind)}
    page = (ROOT / f"docs/probes/{name}.md").read_text()
    schema = json.loads((ROOT / f"schemas/probes/{name}.json").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    assert fields, "a result without fields"
    assert set(generator.field_docs(kind)) == fields, "docstring"
    assert {field for field in fields if f"| `{field}` |" in page} == fields, "page"
    assert set(schema["properties"]) == fields, "schema"
    assert all("description" in member for member in schema["properties"].values()), "descriptions in the schema"


@pytest.mark.parametrize("name", IDS)
def test_every_page_answers_the_same_questions(name: str) -> None:
    page = (ROOT / f"docs/probes/{name}.md").read_text()

    for heading in ("What is asked", "Why", "Cost to the server", "Fields", "What it can and cannot show", "Privacy"):
        assert f"\n## {heading}\n" in page
    assert f"(`{name}`)" in page.splitlines()[0]
    assert f"({name}.md)" in (ROOT / "docs/probes/README.md").read_text()


def test_results_are_frozen_and_attributes_of_probes_are_stable() -> None:
    for probe in (*all_probes(), *BATTERY):
        assert probe.result_type.__dataclass_params__.frozen, probe.id
        assert probe.version >= 1
        with pytest.raises((AttributeError, TypeError)):
            probe.id = "another"  # type: ignore[misc]


def test_request_ids_are_fixed_and_disjoint_even_with_most_pings() -> None:
    ids = [
        request_id
        for probe in all_probes(pings=MAX_PINGS)
        for request_id in range(probe.first_id, probe.first_id + probe.cost.requests)
    ]

    assert len(ids) >= 30
    assert len(ids) == len(set(ids))
    assert min(ids) == 0, "the handshake has the first id"


SUBJECT = Subject(
    network=NETWORKS["bitcoin"], reference=bundled_reference("bitcoin"), client_name="electrum-observatory/0.1.0"
)


def test_request_ids_about_behaviour_are_disjoint_and_the_lines_carry_no_others() -> None:
    ids = [one for probe in BATTERY for one in range(probe.first_id, probe.first_id + probe.cost.requests)]
    assert len(ids) == len(set(ids))
    assert min(ids) >= 1_000, "below are routine probes and pings"

    for probe in BATTERY:
        own = range(probe.first_id, probe.first_id + probe.cost.requests)
        steps = probe.steps(SUBJECT)
        assert 0 < len(steps) <= probe.cost.requests
        assert all(step.request_id is None or step.request_id in own for step in steps), probe.id
        assert all(step.line.endswith(b"\n") and step.line.count(b"\n") == 1 for step in steps), probe.id
        assert len({step.name for step in steps}) == len(steps), "every message of a question has its own name"


def test_what_may_be_silent_or_close_has_its_pings_in_the_declared_cost() -> None:
    for probe in BATTERY:
        silent = sum(step.may_be_silent for step in probe.steps(SUBJECT))
        assert probe.cost.pings >= max(silent, int(probe.cost.may_close)), probe.id


@pytest.mark.parametrize("probe", [*all_probes(pings=MAX_PINGS), *BATTERY], ids=lambda probe: probe.id)
def test_request_ids_are_those_on_the_page(probe: Probe[Any] | BehaviourProbe) -> None:
    page = (ROOT / f"docs/probes/{probe.id}.md").read_text()
    asked = page.partition("\n## What is asked\n")[2].partition("\n## ")[0]

    written = re.findall(r"^Request ids?: (\d+)(?: to (\d+))?\.$", asked, flags=re.MULTILINE)

    count = probe.cost.requests
    last = str(probe.first_id + count - 1) if count > 1 else ""
    assert written == ([(str(probe.first_id), last)] if count else [])


def test_a_visit_fits_its_budget_of_requests_and_errors() -> None:
    asking = [probe for probe in all_probes(pings=MAX_PINGS) if probe.cost.requests]

    assert sum(probe.cost.requests for probe in asking) <= ScanConfig().budgets.requests
    assert sum(probe.cost.errors for probe in asking) <= ScanConfig().budgets.errors


def test_every_question_about_behaviour_fits_into_a_visit_unless_it_is_aggressive() -> None:
    budgets = ScanConfig().budgets
    for probe in (one for one in BATTERY if one.group is not Group.AGGRESSIVE):
        assert 1 + probe.cost.requests + probe.cost.pings <= budgets.requests, probe.id
        assert probe.cost.errors <= budgets.errors, probe.id


def test_questions_on_which_old_esplora_builds_close_come_last() -> None:
    questions = [probe.id for probe in all_probes() if probe.phase is Phase.QUESTIONS]

    assert questions[-2:] == ["features", "mempool_info"]
