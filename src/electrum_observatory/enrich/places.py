"""Where an address lives: the one door to geography, offline, over dated tables.

Nothing is read before the first question that needs it: the table of IPv4 cities takes half a second to unpack, and
many commands never ask.
"""

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from electrum_observatory.enrich.cloud import cloud_provider
from electrum_observatory.enrich.reference import DATA_FOLDER, Manifest, read_manifest
from electrum_observatory.model.place import Place

if TYPE_CHECKING:
    from electrum_observatory.enrich.embedded import Address, Embedded, Where
    from electrum_observatory.enrich.own_mmdb import OwnMmdb, OwnRecord

_EMPTY = Place()


class PlaceBook:
    """Looks addresses up in the embedded tables, behind a person's own file where one was given."""

    def __init__(self, folder: Path, manifest: Manifest, own: "OwnMmdb | None") -> None:
        self._folder = folder
        self._manifest = manifest
        self._own = own

    @classmethod
    def open(cls, geoip: Path | None = None, *, folder: Path = DATA_FOLDER) -> Self:
        """Open the book; ``geoip`` is a ``.mmdb`` file whose answers come before ours.

        Raises:
            InputError: Where that file (or the manifest of the tables) cannot be used.
        """
        own = None
        if geoip is not None:
            from electrum_observatory.enrich.own_mmdb import OwnMmdb

            own = OwnMmdb.open(geoip)
        return cls(folder, read_manifest(folder), own)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Lines to print beside any figure that shows places or networks; the licences of the data want it."""
        lines = (self._manifest.places.attribution, self._manifest.networks.attribution)
        return lines if self._own is None else (f"{self._own.label}, given by the user, comes first", *lines)

    @property
    def data_date(self) -> str:
        """When the data was made, in words for a caption."""
        embedded = f"{self._manifest.places.data_date} (places), {self._manifest.networks.data_date} (networks)"
        return embedded if self._own is None else f"{self._own.data_date} (own file), {embedded}"

    def look_up(self, address: str | None) -> Place:
        """Return what is known of an address literal; an empty place for names, onions, None and nonsense.

        An IPv4 address mapped into IPv6 counts as the IPv4 address. IPv6 has no city and no coordinates here.

        Raises:
            InputError: Where a table turns out to be damaged.
        """
        try:
            ip = ipaddress.ip_address(address) if isinstance(address, str) else None
        except ValueError:
            ip = None
        if ip is None:
            return _EMPTY
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if self._own is None:
            return self._place(ip, None)
        return self._place(ip, self._own.look_up(str(ip)))

    def _place(self, ip: "Address", own: "OwnRecord | None") -> Place:
        (country, city, latitude, longitude), where_source = self._where(ip, own)
        asn, org, system_source = self._system(ip, own)
        sources = (source for source in (where_source, system_source) if source)
        return Place(
            country=country,
            city=city,
            latitude=latitude,
            longitude=longitude,
            asn=asn,
            org=org,
            cloud_provider=cloud_provider(asn),
            source="; ".join(dict.fromkeys(sources)),
        )

    def _where(self, ip: "Address", own: "OwnRecord | None") -> tuple["Where", str]:
        if own is not None and own.country is not None:
            return (own.country, own.city, own.latitude, own.longitude), self._own_label
        where = self._embedded.where(ip)
        return where, self._manifest.places.label if where[0] is not None else ""

    def _system(self, ip: "Address", own: "OwnRecord | None") -> tuple[int | None, str | None, str]:
        if own is not None and own.asn is not None:
            return own.asn, own.org, self._own_label
        asn, org = self._embedded.system(ip)
        return asn, org, self._manifest.networks.label if asn is not None else ""

    @property
    def _own_label(self) -> str:
        return "" if self._own is None else self._own.label

    @cached_property
    def _embedded(self) -> "Embedded":
        from electrum_observatory.enrich.embedded import embedded

        return embedded(self._folder)
