"""The runs of the scanner that a campaign took, as the database keeps them: begun, counted along, ended, gone on from.

The writer thread alone calls the functions that change something, inside a transaction that it opened. A sitting whose
process died keeps its last counts and no end: that is how it is told from one that was sealed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from electrum_observatory.model.campaign import CampaignSeal, CampaignState, Sitting
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.observation import Json
from electrum_observatory.model.ports import Clock
from electrum_observatory.store.json_text import from_json_text, to_json_text

LARGEST_DRIFT_US = 1_000_000
"""What the two clocks may disagree by before it is called a step (design: one second)."""

SITTING_COLUMNS = (
    "number, started_at_us, started_monotonic_ns, boot_id, tool_version, config, config_sha256, options, "
    "after_observation_pk, counts, state, ended_at_us, ended_monotonic_ns"
)
_BEGIN = f"""
INSERT INTO sittings (campaign_pk, {SITTING_COLUMNS})
SELECT c.campaign_pk, (SELECT coalesce(max(number), 0) + 1 FROM sittings s WHERE s.campaign_pk = c.campaign_pk),
    ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(observation_pk), 0) FROM observations), NULL, NULL, NULL, NULL
FROM campaigns c WHERE campaign_id = ?
"""  # noqa: S608 (our own column names)
_LAST = """
campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = :campaign_id)
AND number = (SELECT max(number) FROM sittings WHERE campaign_pk =
    (SELECT campaign_pk FROM campaigns WHERE campaign_id = :campaign_id))
"""
_COUNT = f"UPDATE sittings SET counts = :counts WHERE {_LAST}"  # noqa: S608
_END = f"""
UPDATE sittings SET counts = :counts, state = :state, ended_at_us = :at_us, ended_monotonic_ns = :monotonic_ns
WHERE {_LAST}
"""  # noqa: S608
_STEP = """
INSERT INTO clock_steps (campaign_pk, noticed_at_us, noticed_monotonic_ns, boot_id, step_us)
SELECT campaign_pk, ?, ?, ?, ? FROM campaigns WHERE campaign_id = ?
"""
_REOPEN = """
UPDATE campaigns SET seal_state = NULL, sealed_at_us = NULL, seal_counts = NULL, files_at_us = NULL
WHERE campaign_id = ?
"""
_FILES = "UPDATE campaigns SET files_at_us = ? WHERE campaign_id = ? AND seal_state IS NOT NULL"
_STANDING = """
SELECT seal_state, (SELECT max(observation_pk) FROM observations o WHERE o.campaign_pk = c.campaign_pk)
FROM campaigns c WHERE campaign_id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One instant on both clocks.

    Attributes:
        at_us: UTC, microseconds.
        monotonic_ns: Monotonic nanoseconds of ``boot_id``.
        boot_id: Names the boot.
    """

    at_us: int
    monotonic_ns: int
    boot_id: str

    @classmethod
    def now(cls, clock: Clock) -> "Moment":
        """Read both clocks."""
        return cls(at_us=clock.now_us(), monotonic_ns=clock.monotonic_ns(), boot_id=clock.boot_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """The wall clock and the monotonic clock came to disagree by more than a second: it was set, or the machine slept.

    Attributes:
        noticed: The first commit after it; the step lies between this and the commit before.
        step_us: By how much the wall clock ran ahead of the monotonic one; negative where it was set back.
    """

    noticed: Moment
    step_us: int


class StepWatch:
    """Compares the two clocks whenever it is asked, and tells each step once."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock; from now on the two ought to run alike."""
        self._clock = clock
        self._offset_us = _offset_us(Moment.now(clock))

    def step(self) -> ClockStep | None:
        """Return the step since the last call, if there was one."""
        now = Moment.now(self._clock)
        step_us = _offset_us(now) - self._offset_us
        if abs(step_us) <= LARGEST_DRIFT_US:
            return None
        self._offset_us += step_us
        return ClockStep(noticed=now, step_us=step_us)


def _offset_us(moment: Moment) -> int:
    return moment.at_us - moment.monotonic_ns // 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSitting:
    """One run of the scanner, as the store has it.

    Attributes:
        number: 1 for the first.
        sitting: How it was called.
        started: When; the monotonic time is None and the boot "" where version 1 of the database did not keep it.
        after_observation_pk: Its observations have greater keys.
        counts: The campaign's counts at its end, or at its last commit; None where it never committed any.
        state: How it ended; ``open`` while it runs, and where its process died.
        ended_at_us: UTC microseconds; None where it was never sealed.
        ended_monotonic_ns: The same instant on the boot's monotonic clock.
    """

    number: int
    sitting: Sitting
    started_at_us: int
    started_monotonic_ns: int | None
    boot_id: str
    after_observation_pk: int
    counts: Mapping[str, int] | None
    state: CampaignState
    ended_at_us: int | None
    ended_monotonic_ns: int | None


def was_run_here(sittings: Sequence[StoredSitting]) -> bool:
    """Whether this data folder ran a campaign itself.

    An import has no sittings, whoever wrote it; those that were made up for what version 1 of the database held, which
    did not tell the two apart, have no boot.
    """
    return any(one.boot_id for one in sittings)


def read_sitting(row: Sequence[Any]) -> StoredSitting:
    """Read ``SITTING_COLUMNS``."""
    number, at_us, monotonic, boot, tool, config, digest, options, after, counts, state, ended, ended_monotonic = row
    return StoredSitting(
        number=number,
        sitting=Sitting(
            tool_version=tool,
            config=from_json_text(config),
            config_sha256=digest,
            options=from_json_text(options),
        ),
        started_at_us=at_us,
        started_monotonic_ns=monotonic,
        boot_id=boot,
        after_observation_pk=after,
        counts=None if counts is None else from_json_text(counts),
        state=CampaignState.OPEN if state is None else CampaignState(state),
        ended_at_us=ended,
        ended_monotonic_ns=ended_monotonic,
    )


def last_counts(sittings: Sequence[StoredSitting]) -> Mapping[str, int] | None:
    """Return a campaign's counts as they stood with the last commit; None where none were ever kept."""
    return next((one.counts for one in reversed(sittings) if one.counts is not None), None)


def begin(connection: apsw.Connection, campaign_id: str, sitting: Sitting, now: Moment) -> None:
    """Add the next sitting of a campaign."""
    config, options = to_json_text(sitting.config), to_json_text(sitting.options)
    started = (now.at_us, now.monotonic_ns, now.boot_id)
    connection.execute(
        _BEGIN, (*started, sitting.tool_version, config, sitting.config_sha256, options, campaign_id)
    ).fetchall()


def reopen(connection: apsw.Connection, campaign_id: str, *, known_to: int) -> None:
    """Take the seal off a campaign that is to be finished.

    Args:
        connection: Inside a transaction.
        campaign_id: The campaign.
        known_to: Key of its last observation that the caller knows of; 0 where it has none.

    Raises:
        UsageError: It is complete, or was gone on with since the caller looked: nobody may be asked twice.
    """
    state, newest = connection.execute(_STANDING, (campaign_id,)).fetchall()[0]
    if state == CampaignState.COMPLETE or (newest or 0) != known_to:
        raise UsageError(f"{campaign_id} was gone on with by somebody else just now: run the command again")
    connection.execute(_REOPEN, (campaign_id,)).fetchall()


def count(connection: apsw.Connection, campaign_id: str, counts: Mapping[str, Json]) -> None:
    """Keep the counts as they stand with what is committed in this transaction."""
    connection.execute(_COUNT, {"campaign_id": campaign_id, "counts": to_json_text(counts)}).fetchall()


def end(connection: apsw.Connection, seal: CampaignSeal, now: Moment) -> None:
    """End the last sitting as its campaign is sealed; a campaign without sittings (an import) has none to end."""
    values = {"campaign_id": seal.campaign_id, "counts": to_json_text(seal.counts), "state": seal.state.value}
    connection.execute(_END, {**values, "at_us": seal.sealed_at_us, "monotonic_ns": now.monotonic_ns}).fetchall()


def note_step(connection: apsw.Connection, campaign_id: str, step: ClockStep) -> None:
    """Record a step of the clock."""
    noticed = step.noticed
    connection.execute(
        _STEP, (noticed.at_us, noticed.monotonic_ns, noticed.boot_id, step.step_us, campaign_id)
    ).fetchall()


def note_files(connection: apsw.Connection, campaign_id: str, now: Moment) -> None:
    """Record that the raw JSON and the Parquet segments of a sealed campaign are written to the end."""
    connection.execute(_FILES, (now.at_us, campaign_id)).fetchall()
