"""A person's own ``.mmdb`` file in front of the embedded tables (``--geoip FILE``).

Two shapes are read: MaxMind's nesting (GeoLite2 and GeoIP2 City, Country, ASN) and the flat fields of DB-IP and its
kin. Where the file names a country for an address, country, city and coordinates all come from it; where it names an
autonomous system, number and name do. What it says nothing of is left to the embedded tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Self

import maxminddb

from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Json

_RECORDS_LOOKED_AT = 1000
"""How many records may be without a field that we know before the whole file is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """What the file says of one address; None where it says nothing."""

    country: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    asn: int | None = None
    org: str | None = None


class OwnMmdb:
    """An open file of either shape."""

    def __init__(self, path: Path, reader: maxminddb.Reader) -> None:
        self._path = path
        self._reader = reader
        metadata = reader.metadata()
        self.data_date = f"{datetime.fromtimestamp(metadata.build_epoch, tz=UTC):%Y-%m-%d}"
        self.label = f"{path.name} ({metadata.database_type} {self.data_date})"

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file and make sure that it holds places or autonomous systems.

        Raises:
            InputError: Where it is missing, damaged, no MaxMind database, or about something else.
        """
        try:
            mmdb = cls(path, maxminddb.open_database(path))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            raise InputError(f"{path} is not a MaxMind database (.mmdb): {error}") from error
        mmdb._check()
        return mmdb

    def look_up(self, address: str) -> OwnRecord:
        """Return what the file says of an address literal.

        Raises:
            InputError: Where the file turns out to be damaged.
        """
        try:
            record = self._reader.get(address)
        except maxminddb.InvalidDatabaseError as error:
            raise InputError(f"{self._path} is damaged: {error}") from error
        except ValueError:  # an IPv6 address put to a file of IPv4 only
            return OwnRecord()
        return read_record(record)

    def _check(self) -> None:
        try:
            records = [record for _, record in islice(self._reader, _RECORDS_LOOKED_AT)]
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            raise InputError(f"{self._path} is damaged: {error}") from error
        if all(read_record(record) == OwnRecord() for record in records):
            kind = self._reader.metadata().database_type
            raise InputError(f"{self._path} ({kind}) holds neither places nor autonomous systems")


def read_record(record: Json) -> OwnRecord:
    """Read a record of either shape; unknown members are passed over."""
    if not isinstance(record, Mapping):
        return OwnRecord()
    asn, org = record.get("autonomous_system_number"), _text(record.get("autonomous_system_organization"))
    asn = asn if isinstance(asn, int) and asn > 0 else None
    if isinstance(record.get("country"), Mapping) or isinstance(record.get("location"), Mapping):
        location = _mapping(record.get("location"))
        return OwnRecord(
            country=_text(_mapping(record.get("country")).get("iso_code")),
            city=_text(_mapping(_mapping(record.get("city")).get("names")).get("en")),
            latitude=_number(location.get("latitude")),
            longitude=_number(location.get("longitude")),
            asn=asn,
            org=org,
        )
    return OwnRecord(
        country=_text(record.get("country_code")),
        city=_text(record.get("city")),
        latitude=_number(record.get("latitude")),
        longitude=_number(record.get("longitude")),
        asn=asn,
        org=org,
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str | None:
    """Flat files write what is missing as an empty text."""
    return value if isinstance(value, str) and value else None


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
