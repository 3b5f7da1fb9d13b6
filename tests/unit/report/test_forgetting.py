"""What goes with a campaign that is deleted, and what stays."""

from pathlib import Path

from electrum_observatory.report.forgetting import forget
from electrum_observatory.report.tables import LAYOUTS, write_tables
from tests.factories import CAMPAIGN_ID
from tests.unit.report.campaigns import network_campaign

OTHER_ID = "20261121T120000Z-local-000001"


def _written(folder: Path) -> Path:
    stored, places = network_campaign(machines=5)
    write_tables(stored, CAMPAIGN_ID, folder, places)
    return folder


def test_every_table_of_a_campaign_goes_with_it_and_so_do_its_pages(tmp_path: Path) -> None:
    tables, pages = _written(tmp_path / "processed"), tmp_path / "reports" / CAMPAIGN_ID
    (tables / "servers.csv.partial").write_bytes((tables / "servers.csv").read_bytes())
    pages.mkdir(parents=True)
    (pages / "index.html").touch()

    gone = forget(CAMPAIGN_ID, tables, pages)

    assert set(gone) == {tables / f"{one.name}.csv" for one in LAYOUTS} | {tables / "servers.csv.partial", pages}
    assert list(tables.iterdir()) == list(pages.parent.iterdir()) == []


def test_tables_of_another_campaign_and_those_of_somebody_else_stay(tmp_path: Path) -> None:
    tables = _written(tmp_path / "processed")
    (tables / "tls.csv").write_text("mine\n1\n", encoding="utf-8")
    (tables / "failures.csv").write_text("mine\n" + 200_000 * "1", encoding="utf-8")

    assert forget(OTHER_ID, tables, tmp_path / "none") == ()
    gone = forget(CAMPAIGN_ID, tables, tmp_path / "none")

    assert {path.name for path in tables.iterdir()} == {"failures.csv", "tls.csv"}
    assert {path.name for path in gone}.isdisjoint({"failures.csv", "tls.csv"})


def test_a_folder_without_tables_has_nothing_to_forget(tmp_path: Path) -> None:
    assert forget(CAMPAIGN_ID, tmp_path / "processed", tmp_path / "reports") == ()
