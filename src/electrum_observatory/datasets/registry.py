"""The list of tables. A new table is one file, one line here, and its section in ``docs/server_metadata_fields.md``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.datasets import failures, fingerprints, servers, sightings, tls
from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One tidy table.

    Attributes:
        id: Its name, in files and documents.
        row_type: The frozen dataclass of its rows; the field docs are the reference.
        build: Makes the rows from the facts of one campaign.
    """

    id: str
    row_type: type[Any]
    build: Callable[[CampaignFacts, PlaceLookup], Sequence[Any]]


DATASETS: tuple[Dataset, ...] = (
    Dataset(id="servers", row_type=servers.ServerRow, build=servers.build),
    Dataset(id="tls", row_type=tls.TlsRow, build=tls.build),
    Dataset(id="fingerprints", row_type=fingerprints.FingerprintRow, build=fingerprints.build),
    Dataset(id="sightings", row_type=sightings.SightingRow, build=sightings.build),
    Dataset(id="failures", row_type=failures.FailureRow, build=failures.build),
)
