"""Where an address lives, as looked up in a dated reference file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the reference tables say of one address; None where they say nothing.

    Attributes:
        country: ISO 3166-1 alpha-2 code.
        city: Name in English.
        latitude: Degrees north, as precise as the table is (about a kilometre, and often the city's centre only).
        longitude: Degrees east.
        asn: Number of the autonomous system that announces the address.
        org: Its name. Who announces, not who runs.
        cloud_provider: Hosting company by our ASN rules, or None: not known to be a hoster.
        source: Names and dates of the tables that answered, for the reader of a figure.
    """

    country: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    asn: int | None = None
    org: str | None = None
    cloud_provider: str | None = None
    source: str = ""
