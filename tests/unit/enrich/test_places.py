"""The embedded tables as shipped: known addresses, agreement with another source, attribution."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from electrum_observatory.enrich.cloud import cloud_asns, cloud_provider
from electrum_observatory.enrich.places import PlaceBook
from electrum_observatory.enrich.reference import DATA_FOLDER, read_manifest
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.place import Place


@pytest.fixture(scope="module")
def book() -> PlaceBook:
    return PlaceBook.open()


@pytest.mark.parametrize(
    ("address", "country", "city", "asn", "org", "provider"),
    [
        ("23.155.96.131", "US", "Mountain View", 396997, "Blockstream USA Corporation", None),
        ("159.69.244.130", "DE", "Falkenstein", 24940, "Hetzner Online GmbH", "Hetzner"),
        ("34.101.170.221", "ID", "Jakarta", 396982, "Google LLC", "Google Cloud"),
        ("18.195.224.155", "DE", "Frankfurt am Main", 16509, "Amazon.com, Inc.", "AWS"),
        ("167.235.9.82", "DE", "Falkenstein", 24940, "Hetzner Online GmbH", "Hetzner"),
        ("213.199.52.222", "DE", "Frankfurt", 51167, "Contabo GmbH", "Contabo"),
    ],
)
def test_known_ipv4_addresses(
    book: PlaceBook, address: str, country: str, city: str, asn: int, org: str, provider: str | None
) -> None:
    place = book.look_up(address)

    assert (place.country, place.asn, place.org, place.cloud_provider) == (country, asn, org, provider)
    assert place.city is not None
    assert place.city.startswith(city)
    assert place.source == "DB-IP City Lite 2026-06-05; RouteViews + NRO + DB-IP ASN 2026-06-17"


def test_coordinates_are_those_of_the_city(book: PlaceBook) -> None:
    place = book.look_up("34.101.170.221")

    assert place.latitude == pytest.approx(-6.2, abs=0.3)
    assert place.longitude == pytest.approx(106.8, abs=0.3)


@pytest.mark.parametrize(
    ("address", "country", "asn"),
    [
        ("2a01:4f8::1", "DE", 24940),
        ("2001:41d0::1", "FR", 16276),
        ("2600:1f18::1", "US", 14618),
        ("2001:200::1", "JP", 2500),
        ("2a02:c207:2020::1", "DE", 51167),
    ],
)
def test_known_ipv6_addresses(book: PlaceBook, address: str, country: str, asn: int) -> None:
    place = book.look_up(address)

    assert (place.country, place.asn) == (country, asn)
    assert (place.city, place.latitude, place.longitude) == (None, None, None)


def test_an_ipv4_address_mapped_into_ipv6_counts_as_ipv4(book: PlaceBook) -> None:
    assert book.look_up("::ffff:159.69.244.130") == book.look_up("159.69.244.130")


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "electrum.example.org",
        "explorerzydxu5ecjrkwceayqybizmpjjznk5izmitf2modhcusuqlid.onion",
        "999.1.1.1",
        "159.69.244.130:50002",
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
)
def test_what_is_no_public_address_has_an_empty_place(book: PlaceBook, address: str | None) -> None:
    assert book.look_up(address) == Place()


def test_country_agrees_with_the_geography_of_the_december_crawl(book: PlaceBook, shared: Path) -> None:
    cache = json.loads((shared / "data" / "crawl-2025-12" / "geo_cache.json").read_bytes())
    theirs = {address: entry["countryCode"] for address, entry in cache.items() if entry.get("countryCode")}
    ours = {address: country for address in theirs if (country := book.look_up(address).country) is not None}

    agreeing = sum(ours[address] == theirs[address] for address in ours)

    assert len(theirs) == 254
    assert len(ours) >= 0.99 * len(theirs)
    assert agreeing / len(theirs) >= 0.95


def test_autonomous_systems_agree_with_those_of_the_december_crawl(book: PlaceBook, shared: Path) -> None:
    cache = json.loads((shared / "data" / "crawl-2025-12" / "geo_cache.json").read_bytes())
    theirs = {a: int(entry["as"].split()[0][2:]) for a, entry in cache.items() if entry.get("as")}

    agreeing = sum(book.look_up(address).asn == asn for address, asn in theirs.items())

    assert agreeing / len(theirs) >= 0.95


def test_attribution_names_every_giver_with_its_link_licence_and_date(book: PlaceBook) -> None:
    text = "\n".join(book.attribution)

    for wanted in ("DB-IP (https://db-ip.com)", "https://www.routeviews.org", "https://www.nro.net", "CC BY 4.0"):
        assert wanted in text
    assert "2026-06-05" in text
    assert "2026-06-17" in text
    assert book.data_date == "2026-06-05 (places), 2026-06-17 (networks)"


def test_the_shipped_tables_are_those_of_the_manifest() -> None:
    tables = read_manifest().tables

    assert len(tables) == 5
    for name, digest in tables.items():
        assert hashlib.sha256((DATA_FOLDER / name).read_bytes()).hexdigest() == digest
    assert sum((DATA_FOLDER / name).stat().st_size for name in tables) < 14_000_000


def test_opening_reads_no_table_and_imports_no_numpy() -> None:
    code = (
        "import sys; from electrum_observatory.enrich.places import PlaceBook; book = PlaceBook.open();"
        "book.look_up('not an address'); assert 'numpy' not in sys.modules, 'numpy'"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json"):
        PlaceBook.open(folder=tmp_path)


@pytest.mark.parametrize(
    ("asn", "provider"),
    [(24940, "Hetzner"), (141995, "Contabo"), (63949, "Akamai (Linode)"), (20473, "Vultr"), (7922, None), (None, None)],
)
def test_cloud_providers_are_told_by_number(asn: int | None, provider: str | None) -> None:
    assert cloud_provider(asn) == provider


def test_every_hosting_system_is_listed_once() -> None:
    lines = (DATA_FOLDER / "cloud_asns.csv").read_text(encoding="utf-8").splitlines()

    assert len(cloud_asns()) == len(lines) - 1 > 100
