"""Questions to the embedded tables, each unpacked at the first question that needs it.

Held open they take about 45 MB for IPv4 and 15 MB for IPv6; a question then takes microseconds.
"""

from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TypeAlias

from electrum_observatory.enrich.tables import Column, RangeTable, Texts, read_columns

CITY_V4, COUNTRY_V6 = "city-ipv4.columns", "country-ipv6.columns"
ASN_V4, ASN_V6, SYSTEMS = "asn-ipv4.columns", "asn-ipv6.columns", "systems.columns"

NO_COORDINATE = -(1 << 15)
"""Stands for a coordinate that the source leaves out."""
IPV6_BITS_DROPPED = 64
"""IPv6 is kept to /64: a /64 counts for what its first address belongs to, since nobody routes less."""

Address: TypeAlias = IPv4Address | IPv6Address
Where: TypeAlias = tuple[str | None, str | None, float | None, float | None]
"""Country, city, latitude, longitude."""


class Embedded:
    """The tables of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def where(self, ip: Address) -> Where:
        """Return country, city and coordinates; None for each that is not known."""
        if isinstance(ip, IPv6Address):
            ranges, countries = self._countries_v6
            return countries[ranges.find(_upper(ip))] or None, None, None, None
        ranges, cities = self._cities_v4
        return cities.row(ranges.find(int(ip)))

    def system(self, ip: Address) -> tuple[int | None, str | None]:
        """Return number and name of the autonomous system that announces the address, or None for both."""
        row = self._asn_v6.find(_upper(ip)) if isinstance(ip, IPv6Address) else self._asn_v4.find(int(ip))
        numbers, names = self._systems
        return (int(numbers[row]), names[row] or None) if row else (None, None)

    @cached_property
    def _cities_v4(self) -> tuple[RangeTable, "_Cities"]:
        columns = read_columns(self._folder / CITY_V4)
        return RangeTable(starts=columns["starts"], rows=columns["rows"]), _Cities(columns)

    @cached_property
    def _countries_v6(self) -> tuple[RangeTable, Texts]:
        columns = read_columns(self._folder / COUNTRY_V6)
        return RangeTable(starts=columns["starts"], rows=columns["rows"]), Texts(columns["countries"])

    @cached_property
    def _asn_v4(self) -> RangeTable:
        columns = read_columns(self._folder / ASN_V4)
        return RangeTable(starts=columns["starts"], rows=columns["rows"])

    @cached_property
    def _asn_v6(self) -> RangeTable:
        columns = read_columns(self._folder / ASN_V6)
        return RangeTable(starts=columns["starts"], rows=columns["rows"])

    @cached_property
    def _systems(self) -> tuple[Column, Texts]:
        columns = read_columns(self._folder / SYSTEMS)
        return columns["asn"], Texts(columns["org"])


@lru_cache(maxsize=2)
def embedded(folder: Path) -> Embedded:
    """Return the tables of a folder, one copy for the whole process however many books are open."""
    return Embedded(folder)


class _Cities:
    """The distinct (country, city, coordinates) that IPv4 ranges point at."""

    def __init__(self, columns: dict[str, Column]) -> None:
        self._country, self._city = columns["country"], columns["city"]
        self._latitude, self._longitude = columns["latitude"], columns["longitude"]
        self._countries, self._cities = Texts(columns["countries"]), Texts(columns["cities"])

    def row(self, row: int) -> Where:
        return (
            self._countries[int(self._country[row])] or None,
            self._cities[int(self._city[row])] or None,
            _degrees(int(self._latitude[row])),
            _degrees(int(self._longitude[row])),
        )


def _degrees(hundredths: int) -> float | None:
    return None if hundredths == NO_COORDINATE else hundredths / 100


def _upper(ip: IPv6Address) -> int:
    return int(ip) >> IPV6_BITS_DROPPED
