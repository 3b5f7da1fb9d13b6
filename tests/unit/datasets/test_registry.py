from dataclasses import fields
from pathlib import Path

import pytest

from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.registry import DATASETS
from electrum_observatory.report.tables import column_of
from tests.factories import make_campaign
from tests.unit.report.campaigns import Places

PAGE = (Path(__file__).parents[3] / "docs" / "server_metadata_fields.md").read_text(encoding="utf-8")
EVERY = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.id)


def test_ids_are_unique():
    assert len({dataset.id for dataset in DATASETS}) == len(DATASETS)


@EVERY
def test_an_empty_campaign_gives_an_empty_table(dataset):
    assert tuple(dataset.build(gather(make_campaign(), None, (), ()), Places())) == ()


@EVERY
def test_every_field_has_its_meaning_in_the_docstring(dataset):
    for field in fields(dataset.row_type):
        assert f"        {field.name}: " in dataset.row_type.__doc__


@EVERY
def test_every_column_is_explained_on_the_page_of_fields(dataset):
    section = PAGE.split(f"## {dataset.id}.csv")[1].split("\n## ")[0]

    missing = [name for field in fields(dataset.row_type) if f"`{(name := column_of(field.name))}`" not in section]

    assert missing == []
