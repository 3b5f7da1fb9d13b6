"""The CSV files of ``data/processed``: promised columns first and in the promised order, then further ones.

Text is sanitised and neutralised against spreadsheet formulas, so a cell may differ from the bytes the server sent;
``export jsonl`` and ``data/raw`` keep those.
"""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from electrum_observatory.analysis.behaviour import EndpointBehaviour, StoredCampaigns, behaviours
from electrum_observatory.analysis.machines import assign, machine_of
from electrum_observatory.analysis.truth.stored import NOTHING_JUDGED, EndpointTruth, truths_of
from electrum_observatory.datasets import failures, fingerprints, servers, sightings, tls
from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup
from electrum_observatory.datasets.fields import iso_time
from electrum_observatory.datasets.load import first_seen, load
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.report import finding_rows
from electrum_observatory.report.behaviour_cells import with_behaviour
from electrum_observatory.report.sanitise import for_csv

SERVERS_PROMISED = (
    *("ip", "port", "ssl", "reachable", "latency_ms", "banner", "protocol_version", "server_version"),
    *("certificate_sha256", "issuer", "valid_from", "valid_to", "san_dns"),
    *("balance_response", "history_response", "rate_limit_triggered", "malformed_response", "timing_variance"),
    *("fingerprint_hash", "country", "city", "asn", "org", "cloud_provider"),
    *("honeypot_score", "cluster_id", "notes"),
)
TLS_PROMISED = ("ip", "port", "ssl", "certificate_sha256", "issuer", "valid_from", "valid_to", "san_dns")
FINGERPRINTS_PROMISED = (
    *("ip", "port", "ssl", "balance_response", "history_response", "rate_limit_triggered", "malformed_response"),
    *("timing_variance", "fingerprint_hash"),
)
_RENAMED = {
    "address": "ip",
    "ping_median_ms": "latency_ms",
    "protocol": "protocol_version",
    "software": "server_version",
}
_CELL_LIMIT = 16_000  # spreadsheets take 32,767 UTF-16 units in a cell and may spill the rest into the next

Cells = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What stands in one CSV file.

    Attributes:
        name: File name without ``.csv``.
        promised: Columns that come first, in this order.
        row_type: The dataclass whose fields follow, as :func:`column_of` names them.
        of_machines: Whether each row also names the machine that its endpoint belongs to.
    """

    name: str
    promised: tuple[str, ...]
    row_type: type[Any]
    of_machines: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in order."""
        further = ("machine_id",) if self.of_machines else ()
        own = (column_of(field.name) for field in fields(self.row_type))
        return tuple(dict.fromkeys((*self.promised, *further, *own)))


SERVERS = Layout(name="servers", promised=SERVERS_PROMISED, row_type=servers.ServerRow)
TLS = Layout(name="tls", promised=TLS_PROMISED, row_type=tls.TlsRow)
FINGERPRINTS = Layout(name="fingerprints", promised=FINGERPRINTS_PROMISED, row_type=fingerprints.FingerprintRow)
SIGHTINGS = Layout(name="sightings", promised=(), row_type=sightings.SightingRow, of_machines=False)
FAILURES = Layout(name="failures", promised=(), row_type=failures.FailureRow)
FINDINGS = Layout(name="findings", promised=(), row_type=finding_rows.FindingRow)
LAYOUTS = (SERVERS, TLS, FINGERPRINTS, SIGHTINGS, FAILURES, FINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One CSV file, before it is written.

    Attributes:
        name: File name without ``.csv``.
        columns: In order.
        rows: Column to value; a missing one is an empty cell.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]


def write_tables(reader: StoredCampaigns, campaign_id: str, out_dir: Path, places: PlaceLookup) -> tuple[Path, ...]:
    """Write every table of one campaign to ``out_dir`` and return the files. Each file is replaced as a whole."""
    judged, truths = behaviours(reader, campaign_id), truths_of(reader, campaign_id)
    return write_tables_of(load(reader, campaign_id), out_dir, places, first_seen(reader), judged, truths)


def write_tables_of(
    facts: CampaignFacts,
    out_dir: Path,
    places: PlaceLookup,
    seen: Mapping[str, int],
    judged: Mapping[str, EndpointBehaviour],
    truths: Mapping[str, EndpointTruth] = NOTHING_JUDGED,
) -> tuple[Path, ...]:
    """Do the same from facts at hand.

    Args:
        facts: The campaign.
        out_dir: Where to.
        places: Where addresses live.
        seen: As :func:`~electrum_observatory.analysis.machines.assign` takes it.
        judged: Endpoint id to what its conversations say.
        truths: Endpoint id to how its answers stand.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    tables = tables_of(facts, places, seen, judged, truths)
    return tuple(_write(table, out_dir / f"{table.name}.csv") for table in tables)


def tables_of(
    facts: CampaignFacts,
    places: PlaceLookup,
    seen: Mapping[str, int],
    judged: Mapping[str, EndpointBehaviour],
    truths: Mapping[str, EndpointTruth] = NOTHING_JUDGED,
) -> tuple[Table, ...]:
    """Return every table of one campaign; arguments as :func:`write_tables_of`."""
    server_rows = servers.build(facts, places)
    tls_rows = tls.build(facts, places)
    fingerprint_rows = [with_behaviour(row, judged) for row in fingerprints.build(facts, places)]
    machines = machine_of(assign(server_rows, seen))
    by_endpoint: dict[str, Cells] = {}
    for certificate in tls_rows:
        by_endpoint.setdefault(certificate.endpoint_id, {}).update(_cells(certificate))
    for fingerprint in fingerprint_rows:
        by_endpoint.setdefault(fingerprint.endpoint_id, {}).update(_cells(fingerprint))
    return (
        _table(SERVERS, server_rows, machines, by_endpoint),
        _table(TLS, tls_rows, machines),
        _table(FINGERPRINTS, fingerprint_rows, machines),
        _table(SIGHTINGS, sightings.build(facts, places), machines),
        _table(FAILURES, failures.build(facts, places), machines),
        _table(FINDINGS, finding_rows.build(facts, truths), machines),
    )


def column_of(field_name: str) -> str:
    """Return the column that a row's field is exported as: promised names, and times as ``…_at``."""
    renamed = _RENAMED.get(field_name, field_name)
    if not renamed.endswith("_us"):
        return renamed
    return renamed.removesuffix("_us").removesuffix("_at") + "_at"


def _table(
    layout: Layout, rows: Iterable[Any], machines: Mapping[str, str], more: Mapping[str, Cells] | None = None
) -> Table:
    return Table(
        name=layout.name,
        columns=layout.columns,
        rows=[
            (more or {}).get(getattr(row, "endpoint_id", ""), {})
            | _cells(row)
            | ({"machine_id": machines[row.endpoint_id]} if layout.of_machines else {})
            for row in rows
        ],
    )


def _cells(row: Any) -> Cells:
    cells: Cells = {column_of(field.name): _exported(field.name, getattr(row, field.name)) for field in fields(row)}
    if "ip" in cells:
        cells["ssl"] = Transport(row.transport).encrypted
    if getattr(row, "failure_kind", None) is not None:
        cells["notes"] = f"no answer: {row.failure_stage}/{row.failure_kind}"
    return cells


def _exported(field_name: str, value: object) -> object:
    return iso_time(value) if field_name.endswith("_us") and isinstance(value, int) else value


def _write(table: Table, path: Path) -> Path:
    partial = path.with_suffix(".csv.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([_cell(row.get(column)) for column in table.columns] for row in table.rows)
    os.replace(partial, path)
    return path


def _cell(value: object) -> str:
    for kind, spell in _SPELLINGS:
        if isinstance(value, kind):
            return spell(value)
    return "" if value is None else for_csv(str(value), limit=_CELL_LIMIT)


def _list_cell(items: tuple[object, ...]) -> str:
    return for_csv(";".join(str(item).replace(";", ",") for item in items), limit=_CELL_LIMIT)


_SPELLINGS: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (float, repr),
    (tuple, _list_cell),
)
