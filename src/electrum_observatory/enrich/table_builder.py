"""Makes the embedded tables from unpacked copies of the two pinned sources (``scripts/build-geo-tables``).

No part of set-up and of no scan: it runs once, when the sources change, and knows no address to fetch them from.
The same input gives the same bytes.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import maxminddb
import numpy as np

from electrum_observatory.enrich.embedded import (
    ASN_V4,
    ASN_V6,
    CITY_V4,
    COUNTRY_V6,
    IPV6_BITS_DROPPED,
    NO_COORDINATE,
    SYSTEMS,
)
from electrum_observatory.enrich.reference import (
    MANIFEST_VERSION,
    PINNED_NETWORKS,
    PINNED_PLACES,
    Manifest,
    Source,
    write_manifest,
)
from electrum_observatory.enrich.tables import Column, Texts, write_columns
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Json

_V4_BITS = 32
_V6_BITS = 128 - IPV6_BITS_DROPPED
ValueT = TypeVar("ValueT", bound=Hashable)
Row: TypeAlias = tuple[int, int, ValueT]
"""First key, the key after the last, and the value."""
City: TypeAlias = tuple[str, str, int, int]
"""Country, city, latitude and longitude in hundredths of a degree."""


@dataclass(slots=True)
class Numbering(Generic[ValueT]):
    """Numbers distinct values from 1 on, in order of first appearance (neighbours then compress best)."""

    rows: dict[ValueT, int] = field(default_factory=dict)

    def row_of(self, value: ValueT) -> int:
        """Return the value's number, giving it the next one where it is new."""
        return self.rows.setdefault(value, len(self.rows) + 1)


def build(
    places_folder: Path,
    networks_folder: Path,
    out: Path,
    *,
    places: Source = PINNED_PLACES,
    networks: Source = PINNED_NETWORKS,
    say: Callable[[str], None] = print,
) -> Manifest:
    """Check the sources against their pins, then write every table and the manifest to ``out``.

    Raises:
        InputError: Where a folder holds another version or other bytes than pinned, or a file cannot be read.
    """
    check_source(places_folder, places)
    check_source(networks_folder, networks)
    v4, v6 = (places_folder / name for name in places.files)
    say(f"reading {v4.name}")
    _write_cities(out / CITY_V4, _mmdb_rows(v4, _city))
    say(f"reading {v6.name}")
    _write_countries(out / COUNTRY_V6, _to_64(_mmdb_rows(v6, _country)))
    v4, v6 = (networks_folder / name for name in networks.files)
    say(f"reading {v4.name} and {v6.name}")
    _write_systems(out, _csv_rows(v4), _to_64(_csv_rows(v6)))
    tables = {name: _sha256(out / name) for name in (CITY_V4, COUNTRY_V6, ASN_V4, ASN_V6, SYSTEMS)}
    manifest = Manifest(schema_version=MANIFEST_VERSION, places=places, networks=networks, tables=tables)
    write_manifest(out, manifest)
    return manifest


def check_source(folder: Path, source: Source) -> None:
    """Refuse a folder that is not the pinned edition, byte for byte.

    Raises:
        InputError: Naming what was expected and what was found.
    """
    wanted = f"{source.name} {source.version}"
    try:
        package = json.loads((folder / "package.json").read_bytes())
        found = f"{package['name']} {package['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} is not an unpacked copy of {wanted}: {error}") from error
    if found != wanted:
        raise InputError(f"{folder} holds {found}; wanted is {wanted}")
    for name, digest in source.files.items():
        if _sha256(folder / name) != digest:
            raise InputError(f"{folder / name} is not the file of {wanted}: its SHA-256 differs")


def merged(rows: Iterable[Row[ValueT]], row_of: Callable[[ValueT], int], *, bits: int) -> tuple[Column, Column]:
    """Turn ascending rows into range starts and row numbers: gaps become row 0, equal neighbours become one.

    Where a range runs into the next one, the next one wins (the pinned ASN table has one such pair).

    Raises:
        InputError: Where rows do not ascend, or one lies inside another.
    """
    starts, numbers, last, end = [0], [0], -1, 0
    for first, after, value in rows:
        if first <= last or after < end:
            raise InputError(f"the source's ranges do not ascend at {first}")
        if first > end and numbers[-1] != 0:
            starts.append(end)
            numbers.append(0)
        number = row_of(value)
        if number != numbers[-1]:
            starts.append(first)
            numbers.append(number)
        last, end = first, after
    if end < 1 << bits:
        starts.append(end)
        numbers.append(0)
    if len(starts) > 1 and starts[1] == 0:  # the first range begins at 0: the opening gap is empty
        del starts[0], numbers[0]
    return np.array(starts, dtype=f"u{bits // 8}"), np.array(numbers, dtype=_smallest(max(numbers)))


def _write_cities(path: Path, rows: Iterable[Row[City]]) -> None:
    cities: Numbering[City] = Numbering()
    starts, numbers = merged(rows, cities.row_of, bits=_V4_BITS)
    countries, names = Numbering[str](), Numbering[str]()
    country = [countries.row_of(city[0]) for city in cities.rows]
    name = [names.row_of(city[1]) for city in cities.rows]
    write_columns(
        path,
        {
            "starts": starts,
            "rows": numbers,
            "country": np.array([0, *country], dtype=_smallest(len(countries.rows))),
            "city": np.array([0, *name], dtype=_smallest(len(names.rows))),
            "latitude": np.array([NO_COORDINATE, *(city[2] for city in cities.rows)], dtype="i2"),
            "longitude": np.array([NO_COORDINATE, *(city[3] for city in cities.rows)], dtype="i2"),
            "countries": Texts.column(["", *countries.rows]),
            "cities": Texts.column(["", *names.rows]),
        },
    )


def _write_countries(path: Path, rows: Iterable[Row[str]]) -> None:
    countries: Numbering[str] = Numbering()
    starts, numbers = merged(rows, countries.row_of, bits=_V6_BITS)
    write_columns(path, {"starts": starts, "rows": numbers, "countries": Texts.column(["", *countries.rows])})


def _write_systems(out: Path, v4: Iterable[Row[tuple[int, str]]], v6: Iterable[Row[tuple[int, str]]]) -> None:
    """Write the ranges of both address families over one list of systems; a system's first name counts."""
    systems: Numbering[int] = Numbering()
    names: list[str] = []

    def row_of(value: tuple[int, str]) -> int:
        row = systems.row_of(value[0])
        if row > len(names):
            names.append(value[1])
        return row

    for path, rows, bits in ((out / ASN_V4, v4, _V4_BITS), (out / ASN_V6, v6, _V6_BITS)):
        starts, numbers = merged(rows, row_of, bits=bits)
        write_columns(path, {"starts": starts, "rows": numbers})
    asn = np.array([0, *systems.rows], dtype="u4")
    write_columns(out / SYSTEMS, {"asn": asn, "org": Texts.column(["", *names])})


def _mmdb_rows(path: Path, value_of: Callable[[Json], ValueT]) -> Iterator[Row[ValueT]]:
    try:
        with maxminddb.open_database(path) as reader:
            for network, record in reader:
                first = int(network.network_address)
                yield first, first + network.num_addresses, value_of(record)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise InputError(f"{path}: {error}") from error


def _city(record: Json) -> City:
    return record["country_code"], record["city"], _hundredths(record["latitude"]), _hundredths(record["longitude"])


def _country(record: Json) -> str:
    return str(record["country_code"])


def _hundredths(degrees: Json) -> int:
    """Return hundredths of a degree; the source writes a missing coordinate as an empty text."""
    return NO_COORDINATE if isinstance(degrees, str) else round(degrees * 100)


def _csv_rows(path: Path) -> Iterator[Row[tuple[int, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, fields in enumerate(csv.reader(file), start=1):
            try:
                first, last, asn, org = fields
                yield int(ip_address(first)), int(ip_address(last)) + 1, (int(asn), org)
            except ValueError as error:
                raise InputError(f"{path}, line {number}: {error}") from error


def _to_64(rows: Iterable[Row[ValueT]]) -> Iterator[Row[ValueT]]:
    """Keep the upper half of each IPv6 key; ranges that hold the first address of no /64 vanish."""
    for first, after, value in rows:
        upper, upper_after = -(-first >> IPV6_BITS_DROPPED), -(-after >> IPV6_BITS_DROPPED)
        if upper < upper_after:
            yield upper, upper_after, value


def _smallest(highest: int) -> str:
    """Return the smallest unsigned type that holds the number."""
    return np.min_scalar_type(highest).str


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
