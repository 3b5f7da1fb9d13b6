"""A person's own file in front of the embedded tables, in both shapes."""

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from electrum_observatory.enrich.own_mmdb import OwnRecord, read_record
from electrum_observatory.enrich.places import PlaceBook
from electrum_observatory.model.errors import InputError

GEOLITE_CITY = {
    "city": {"geoname_id": 1, "names": {"de": "Köln", "en": "Cologne"}},
    "country": {"iso_code": "DE", "names": {"en": "Germany"}},
    "location": {"latitude": 50.93, "longitude": 6.95, "time_zone": "Europe/Berlin"},
}
GEOLITE_ASN = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Networks"}
DBIP_CITY = {"country_code": "FR", "city": "", "latitude": 48.85, "longitude": 2.35, "state1": "", "timezone": ""}
HETZNER = "159.69.244.130"


def write(path: Path, record: dict[str, object], *networks: str, ip_version: int = 4, kind: str = "Test") -> Path:
    writer = MMDBWriter(ip_version=ip_version, database_type=kind, float_type="f64")
    writer.insert_network(IPSet(networks), record)
    writer.to_db_file(str(path))
    return path


def test_a_nested_city_file_comes_before_the_embedded_places(tmp_path: Path) -> None:
    book = PlaceBook.open(write(tmp_path / "own.mmdb", GEOLITE_CITY, "159.69.0.0/16", kind="GeoLite2-City"))

    place = book.look_up(HETZNER)

    assert (place.country, place.city, place.latitude, place.longitude) == ("DE", "Cologne", 50.93, 6.95)
    assert (place.asn, place.cloud_provider) == (24940, "Hetzner")
    assert place.source.startswith("own.mmdb (GeoLite2-City 20")
    assert "ASN 2026-06-17" in place.source
    assert "DB-IP City" not in place.source


def test_a_flat_file_comes_before_the_embedded_places_whole(tmp_path: Path) -> None:
    place = PlaceBook.open(write(tmp_path / "own.mmdb", DBIP_CITY, "159.69.0.0/16")).look_up(HETZNER)

    assert (place.country, place.city) == ("FR", None)  # never the file's country with our city


def test_an_asn_file_comes_before_the_embedded_networks(tmp_path: Path) -> None:
    place = PlaceBook.open(write(tmp_path / "own.mmdb", GEOLITE_ASN, "159.69.0.0/16")).look_up(HETZNER)

    assert (place.asn, place.org, place.cloud_provider) == (64500, "Example Networks", None)
    assert place.country == "DE"


def test_what_the_file_says_nothing_of_is_left_to_the_embedded_tables(tmp_path: Path) -> None:
    book = PlaceBook.open(write(tmp_path / "own.mmdb", DBIP_CITY, "8.8.8.0/24"))

    assert book.look_up(HETZNER) == PlaceBook.open().look_up(HETZNER)
    assert book.look_up("2a01:4f8::1").asn == 24940  # IPv6 put to a file of IPv4 only


def test_an_ipv6_file_answers_for_ipv6(tmp_path: Path) -> None:
    path = write(tmp_path / "own.mmdb", GEOLITE_CITY, "2a01:4f8::/32", ip_version=6)

    assert PlaceBook.open(path).look_up("2a01:4f8::1").city == "Cologne"


def test_attribution_and_date_name_the_own_file_first(tmp_path: Path) -> None:
    book = PlaceBook.open(write(tmp_path / "own.mmdb", DBIP_CITY, "8.8.8.0/24"))

    assert book.attribution[0].startswith("own.mmdb (Test ")
    assert book.attribution[1:] == PlaceBook.open().attribution
    assert "(own file)" in book.data_date


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.mmdb: No such file"):
        PlaceBook.open(tmp_path / "none.mmdb")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        PlaceBook.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 50, b"\x00" * 4096], ids=["empty", "text", "zeros"])
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.mmdb"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"own\.mmdb is not a MaxMind database"):
        PlaceBook.open(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "own.mmdb", GEOLITE_CITY, "159.69.0.0/16")
    whole = path.read_bytes()
    at = whole.rindex(b"\xab\xcd\xefMaxMind.com")
    path.write_bytes(whole[: at // 2] + whole[at:])

    with pytest.raises(InputError, match=r"own\.mmdb"):
        PlaceBook.open(path)


def test_a_database_about_something_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "own.mmdb", {"is_anonymous": True}, "159.69.0.0/16", kind="GeoIP2-Anonymous-IP")

    with pytest.raises(InputError, match=r"GeoIP2-Anonymous-IP\) holds neither places nor autonomous systems"):
        PlaceBook.open(path)


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "DE",
        {"country": "DE"},
        {"country": {"iso_code": 5}},
        {"city": {"names": ["x"]}, "country": {}},
        {"country_code": "", "latitude": "", "longitude": True},
        {"autonomous_system_number": 0, "autonomous_system_organization": ""},
    ],
)
def test_strange_records_say_nothing(record: object) -> None:
    assert read_record(record) == OwnRecord()
