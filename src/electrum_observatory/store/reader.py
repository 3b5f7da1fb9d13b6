"""Reading a data folder, beside a writer if there is one. Reads are short, so that the writer's log can be emptied."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from electrum_observatory.model.campaign import Campaign, CampaignSeal, CampaignState
from electrum_observatory.model.errors import InputError, ObservatoryError, UsageError
from electrum_observatory.model.observation import Observation, Witness
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import rows
from electrum_observatory.store.database import DATABASE_ERRORS, DATABASE_NAME, explain, open_for_reading
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.lock import writing_process
from electrum_observatory.store.migrations import schema_version
from electrum_observatory.store.sittings import (
    SITTING_COLUMNS,
    ClockStep,
    Moment,
    StoredSitting,
    last_counts,
    read_sitting,
)

LATEST = "latest"
_CHUNK = 1000
_CAMPAIGNS = f"""
SELECT {rows.CAMPAIGN_COLUMNS},
    (SELECT count(*) FROM observations o WHERE o.campaign_pk = c.campaign_pk),
    (SELECT count(*) FROM sightings s WHERE s.campaign_pk = c.campaign_pk),
    (SELECT count(DISTINCT endpoint_pk) FROM observations o WHERE o.campaign_pk = c.campaign_pk)
FROM campaigns c ORDER BY c.campaign_pk
"""  # noqa: S608 (our own column names)
_BOUNDS = "SELECT min(observation_pk) - 1, max(observation_pk) FROM observations WHERE campaign_pk = ?"
_OBSERVED = ", ".join(("e.host", "e.address", "e.port", "e.transport", *rows.OBSERVATION_COLUMNS.split(", ")[2:]))
_OBSERVATIONS = f"""
SELECT observation_pk, {_OBSERVED} FROM observations o CROSS JOIN endpoints e USING (endpoint_pk)
WHERE observation_pk > :after AND observation_pk <= :last AND +campaign_pk = :campaign_pk
AND (:probes IS NULL OR probe IN (SELECT value FROM json_each(:probes)))
ORDER BY observation_pk LIMIT {_CHUNK}
"""  # noqa: S608 (our own column names; the + keeps to the order of the primary key)
_OF_HOST = f"""
SELECT observation_pk, {_OBSERVED} FROM observations o JOIN endpoints e USING (endpoint_pk)
WHERE campaign_pk = :campaign_pk AND endpoint_pk IN (SELECT value FROM json_each(:endpoints))
ORDER BY e.endpoint_id, observation_pk
"""  # noqa: S608
_WITNESSES = """
SELECT observation_pk, kind, label, digest, pad_at, pad_length, result_start, result_end, received_monotonic_ns, data
FROM witnesses JOIN blobs USING (digest)
WHERE observation_pk IN (SELECT value FROM json_each(?)) ORDER BY observation_pk, ordinal
"""
_SIGHTINGS = f"""
SELECT sighting_pk, {", ".join(rows.SIGHTING_COLUMNS.split(", ")[1:])} FROM sightings
WHERE campaign_pk = :campaign_pk AND (host, port, transport, sighting_pk) > (:host, :port, :transport, :after)
ORDER BY host, port, transport, sighting_pk LIMIT {_CHUNK}
"""  # noqa: S608
_SITTINGS = f"SELECT {SITTING_COLUMNS} FROM sittings WHERE campaign_pk = ? ORDER BY number"  # noqa: S608
_STEPS = """
SELECT noticed_at_us, noticed_monotonic_ns, boot_id, step_us FROM clock_steps WHERE campaign_pk = ?
ORDER BY clock_step_pk
"""
_GONE_ON = """
SELECT 1 FROM sittings WHERE campaign_pk = :campaign_pk
AND after_observation_pk >= (SELECT min(observation_pk) FROM observations WHERE campaign_pk = :campaign_pk)
"""
_ASKED_ANEW = """
WITH spans AS (
    SELECT endpoint_pk, min(observation_pk) AS first, max(observation_pk) AS last FROM observations
    WHERE campaign_pk = :campaign_pk AND probe = 'connection' GROUP BY endpoint_pk
)
SELECT host, address, port, transport, max(after_observation_pk) FROM spans
JOIN sittings ON sittings.campaign_pk = :campaign_pk AND after_observation_pk >= first AND after_observation_pk < last
JOIN endpoints USING (endpoint_pk) GROUP BY endpoint_pk
"""
_BEGUN_LAST = """
SELECT campaign_id FROM campaigns c LEFT JOIN sittings s USING (campaign_pk) ORDER BY coalesce(
    after_observation_pk, (SELECT min(observation_pk) - 1 FROM observations o WHERE o.campaign_pk = c.campaign_pk), 0
) DESC, coalesce(s.started_at_us, c.started_at_us) DESC LIMIT 1
"""
_UNFINISHED_FILES = """
SELECT campaign_id FROM campaigns WHERE seal_state IS NOT NULL AND files_at_us IS NULL ORDER BY campaign_pk
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCampaign:
    """A campaign as the store has it.

    Attributes:
        campaign: What it set out to do.
        seal: How it ended; None while it runs, or where its process died before it could say.
        observations: Number of observations stored.
        sightings: Number of sightings stored.
        endpoints: Number of endpoints with at least one observation.
    """

    campaign: Campaign
    seal: CampaignSeal | None
    observations: int
    sightings: int
    endpoints: int

    @property
    def state(self) -> CampaignState:
        """``open`` where there is no seal: still running, or interrupted."""
        return CampaignState.OPEN if self.seal is None else self.seal.state


class StoreReader:
    """Reads one data folder. Any number may be open at once; each belongs to one thread."""

    def __init__(self, data_dir: Path, connection: apsw.Connection) -> None:
        """Use :meth:`open`."""
        self.data_dir = data_dir
        self._connection = connection
        self._anew: dict[int, dict[rows.Row, int]] = {}  # of the campaign read last

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Open a data folder for reading.

        Raises:
            InputError: There is no campaign yet.
            StoreError: What lies there cannot be opened.
        """
        try:
            if not has_campaigns(data_dir):
                raise InputError(_nothing_in(data_dir))
            connection = open_for_reading(data_dir)
            if schema_version(connection) == 0:  # its writer is just making it
                connection.close()
                raise InputError(_nothing_in(data_dir))
            return cls(data_dir, connection)
        except (*DATABASE_ERRORS, ObservatoryError) as error:
            raise error if isinstance(error, ObservatoryError) else explain(error, data_dir) from error

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the database. May be called twice."""
        self._connection.close()

    def campaigns(self) -> list[StoredCampaign]:
        """Return every campaign, in the order they were opened in this folder."""
        return [_stored_campaign(row) for row in self.select(_CAMPAIGNS)]

    def campaign(self, wanted: str = LATEST) -> StoredCampaign:
        """Return one campaign, by its id, an unambiguous beginning of it, or "latest" (the one opened last here).

        Raises:
            UsageError: None fits, or several do.
        """
        found = self.campaigns()
        fitting = found[-1:] if wanted == LATEST else [one for one in found if _id(one).startswith(wanted)]
        exact = [one for one in fitting if _id(one) == wanted]
        if len(exact or fitting) == 1:
            return (exact or fitting)[0]
        if not found:
            raise InputError(_nothing_in(self.data_dir))
        if not fitting:
            raise UsageError(f"no campaign {wanted!r} in {self.data_dir}: see `{self._list}`")
        raise UsageError(f"{wanted!r} fits {', '.join(_id(one) for one in fitting)}: give more of the id")

    def sittings(self, campaign_id: str) -> list[StoredSitting]:
        """Return the runs that a campaign took, the first first; none for an import."""
        if not self._has_sittings():
            return []
        return [read_sitting(row) for row in self.select(_SITTINGS, (self._campaign_pk(campaign_id),))]

    def counts(self, stored: StoredCampaign) -> Mapping[str, int]:
        """Return the counts a campaign was sealed with, or those of its last commit; empty where it never counted."""
        if stored.seal is not None:
            return stored.seal.counts
        return last_counts(self.sittings(stored.campaign.campaign_id)) or {}

    def process_at(self, stored: StoredCampaign) -> str | None:
        """Return the id of the process that is making an open campaign right now; None where it was broken off."""
        process = writing_process(self.data_dir) if stored.state is CampaignState.OPEN else None
        if process is None or not self._has_sittings():
            return process
        begun_last = self.select(_BEGUN_LAST)[0][0]  # one process writes at a time, and it works at what it began
        return process if begun_last == stored.campaign.campaign_id else None

    def clock_steps(self, campaign_id: str) -> list[ClockStep]:
        """Return the steps of the clock that were noticed while a campaign ran."""
        if not self._has_sittings():
            return []
        return [
            ClockStep(noticed=Moment(at_us=at_us, monotonic_ns=monotonic_ns, boot_id=boot_id), step_us=step_us)
            for at_us, monotonic_ns, boot_id, step_us in self.select(_STEPS, (self._campaign_pk(campaign_id),))
        ]

    def unfinished_files(self) -> list[str]:
        """Return the sealed campaigns whose raw JSON and Parquet were never written to the end."""
        return [row[0] for row in self.select(_UNFINISHED_FILES)] if self._has_sittings() else []

    def observations(
        self,
        campaign_id: str,
        probes: Collection[str] | None = None,
        *,
        with_witnesses: bool = False,
        broken_off: bool = False,
    ) -> Iterator[Observation]:
        """Yield the observations of a campaign in the order they were recorded.

        Args:
            campaign_id: The whole id.
            probes: Only these; None for all.
            with_witnesses: Also restore the bytes, exactly as they came; otherwise ``witnesses`` is empty.
            broken_off: Also those of visits that were broken off by an interruption and made anew in a later sitting.
        """
        campaign_pk = self._campaign_pk(campaign_id)
        anew = {} if broken_off else self._asked_anew(campaign_pk)
        bounds = (
            "SELECT coalesce(min(observation_pk), 1) - 1, max(observation_pk) FROM observations WHERE campaign_pk = ?"
        )
        after, last = self.select(bounds, (campaign_pk,))[0]
        wanted = None if probes is None else to_json_text(list(probes))
        while last is not None and after < last:
            values = {"after": after, "last": last, "campaign_pk": campaign_pk, "probes": wanted}
            chunk = self.select(_OBSERVATIONS, values)
            if not chunk:
                return
            yield from self._read(campaign_id, _valid(chunk, anew), with_witnesses=with_witnesses)
            after = chunk[-1][0]

    def hosts(self, campaign_id: str) -> dict[str, list[int]]:
        """Return every host with observations, in order, with the keys of its endpoints for ``observations_of``."""
        statement = """
            SELECT host, endpoint_pk FROM endpoints WHERE endpoint_pk IN
            (SELECT endpoint_pk FROM observations WHERE campaign_pk = ?) ORDER BY host, endpoint_pk
        """
        found: dict[str, list[int]] = {}
        for host, endpoint_pk in self.select(statement, (self._campaign_pk(campaign_id),)):
            found.setdefault(host, []).append(endpoint_pk)
        return found

    def observations_of(self, campaign_id: str, endpoints: Sequence[int]) -> Iterator[Observation]:
        """Yield the observations of some endpoints (keys from ``hosts``) with witnesses, endpoint by endpoint.

        Those of visits that were broken off and made anew are left out.
        """
        campaign_pk = self._campaign_pk(campaign_id)
        values = {"campaign_pk": campaign_pk, "endpoints": to_json_text(list(endpoints))}
        chunk = _valid(self.select(_OF_HOST, values), self._asked_anew(campaign_pk))
        yield from self._read(campaign_id, chunk, with_witnesses=True)

    def sightings(self, campaign_id: str) -> Iterator[Sighting]:
        """Yield the sightings of a campaign by host, port and transport, then in the order they were recorded."""
        values: dict[str, Any] = {"campaign_pk": self._campaign_pk(campaign_id)}
        values |= {"host": "", "port": 0, "transport": "", "after": 0}
        while chunk := self.select(_SIGHTINGS, values):
            for row in chunk:
                yield rows.read_sighting(row[1:])
            values |= {"after": chunk[-1][0], "host": chunk[-1][1], "port": chunk[-1][2], "transport": chunk[-1][3]}

    def _read(self, campaign_id: str, chunk: Sequence[rows.Row], *, with_witnesses: bool) -> Iterator[Observation]:
        witnesses: dict[int, list[Witness]] = {}
        if with_witnesses:
            keys = to_json_text([row[0] for row in chunk])
            for key, *parts in self.select(_WITNESSES, (keys,)):
                witnesses.setdefault(key, []).append(rows.read_witness(parts))
        for key, *parts in chunk:
            yield rows.read_observation(campaign_id, parts, tuple(witnesses.get(key, ())))

    def _asked_anew(self, campaign_pk: int) -> dict[rows.Row, int]:
        """Return endpoint columns to the key above which its observations count; the sitting before broke it off.

        Every routine visit has a ``connection``; further visits, which have none, go on where the last sitting stopped.
        """
        if campaign_pk not in self._anew:
            key = {"campaign_pk": campaign_pk}
            gone_on = self._has_sittings() and self.select(_GONE_ON, key)
            found = self.select(_ASKED_ANEW, key) if gone_on else []
            self._anew = {campaign_pk: {tuple(row[:4]): row[4] for row in found}}
        return self._anew[campaign_pk]

    @property
    def _list(self) -> str:
        return shlex.join(["observatory", "campaigns", "list", "--data", str(self.data_dir)])

    def _has_sittings(self) -> bool:
        return schema_version(self._connection) >= 2  # an archive of version 1 that nobody has written to since

    def _campaign_pk(self, campaign_id: str) -> int:
        found = self.select("SELECT campaign_pk FROM campaigns WHERE campaign_id = ?", (campaign_id,))
        if not found:
            raise UsageError(f"no campaign {campaign_id!r} in {self.data_dir}: see `{self._list}`")
        return int(found[0][0])

    def select(self, statement: str, values: Any = ()) -> list[rows.Row]:
        """Return the rows of a query of ours. Raises StoreError where the database cannot be read."""
        try:
            found: list[rows.Row] = self._connection.execute(statement, values).fetchall()
        except apsw.Error as error:
            raise explain(error, self.data_dir) from error
        return found


def has_campaigns(data_dir: Path) -> bool:
    """Whether the folder holds a live database."""
    return (data_dir / DATABASE_NAME).is_file()


def _nothing_in(data_dir: Path) -> str:
    """Say how something gets there; the demo has a folder of its own, in which a newcomer's only campaign may be."""
    demo = data_dir / "demo"
    if has_campaigns(demo):
        return f"nothing is in {data_dir} yet, only in {demo}: add {shlex.join(['--data', str(demo)])} to read the demo"
    scan = shlex.join(["observatory", "scan", "--data", str(data_dir)])
    return f"nothing is in {data_dir} yet: run `{scan}` first, or `observatory demo`, which has a folder of its own"


def _valid(chunk: Sequence[rows.Row], anew: Mapping[rows.Row, int]) -> Sequence[rows.Row]:
    if not anew:
        return chunk
    return [row for row in chunk if row[0] > anew.get(row[1:5], 0)]


def _id(stored: StoredCampaign) -> str:
    return stored.campaign.campaign_id


def _stored_campaign(row: rows.Row) -> StoredCampaign:
    *columns, observations, sightings, endpoints = row
    campaign, seal = rows.read_campaign(columns)
    return StoredCampaign(
        campaign=campaign, seal=seal, observations=observations, sightings=sightings, endpoints=endpoints
    )
