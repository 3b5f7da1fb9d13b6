"""Stints of a watch: how one begins, shows that it lives and ends; the time between two of them is a blind spell."""

from typing import Any

import apsw

from electrum_observatory.model.watch import Blindness, BlindSpell, Stint, Watch
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.rows import storable
from electrum_observatory.store.watching.recorder import StintKey, WatchRecorder

_WATCH = """
INSERT OR IGNORE INTO watches (
    watch_id, vantage, network, started_at_us, config, config_sha256, overlay, note
) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_STINT = """
INSERT INTO watch_stints (
    watch_pk, number, started_at_us, started_monotonic_ns, boot_id, tool_version, config, alive_at_us,
    alive_monotonic_ns
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_BEFORE = """
SELECT number, alive_at_us, alive_monotonic_ns, boot_id FROM watch_stints WHERE watch_pk = ?
ORDER BY number DESC LIMIT 1
"""
_END = "UPDATE watch_stints SET ended = 1 WHERE watch_pk = ? AND number = ?"


def begin(recorder: WatchRecorder, watch: Watch, stint: Stint) -> StintKey:
    """Make the watch known if it is new, keep the time since its last stint as a blind spell, and begin a stint."""
    connection = recorder.connection
    watch_pk = _watch_pk(connection, watch)
    before: Any = connection.execute(_BEFORE, (watch_pk,)).fetchall()
    number = 1
    if before:
        last, alive_at_us, alive_monotonic_ns, boot_id = before[0]
        number = last + 1
        from_us = last_sign(stint, alive_at_us, alive_monotonic_ns, boot_id)
        spell = BlindSpell(why=Blindness.NOT_RUNNING, from_us=from_us, to_us=stint.started_at_us)
        recorder.add_spell(watch_pk, spell)
    started = (stint.started_at_us, stint.started_monotonic_ns)
    config = to_json_text(stint.config)
    connection.execute(_STINT, (watch_pk, number, *started, stint.boot_id, stint.tool_version, config, *started))
    return StintKey(watch_pk=watch_pk, number=number)


def end(recorder: WatchRecorder, stint: StintKey, at_us: int, monotonic_ns: int) -> None:
    """Note that a stint ended by itself, its last sign of life."""
    recorder.alive(stint, at_us, monotonic_ns)
    recorder.connection.execute(_END, (stint.watch_pk, stint.number))


def _watch_pk(connection: apsw.Connection, watch: Watch) -> int:
    values = (
        watch.watch_id,
        watch.vantage,
        watch.network,
        watch.started_at_us,
        to_json_text(watch.config),
        watch.config_sha256,
        None if watch.overlay is None else to_json_text(watch.overlay),
        storable(watch.note),
    )
    connection.execute(_WATCH, values)
    found: Any = connection.execute("SELECT watch_pk FROM watches WHERE watch_id = ?", (watch.watch_id,)).get
    return int(found)


def last_sign(stint: Stint, alive_at_us: int, alive_monotonic_ns: int, boot_id: str) -> int:
    """Return when the stint before was last seen alive, by the clock of this one.

    Where the wall clock was set back meanwhile, the boot's monotonic clock says how long ago that was; over a reboot
    nobody knows, and the spell is an instant.
    """
    if alive_at_us <= stint.started_at_us:
        return alive_at_us
    if boot_id == stint.boot_id and alive_monotonic_ns <= stint.started_monotonic_ns:
        return stint.started_at_us - (stint.started_monotonic_ns - alive_monotonic_ns) // 1000
    return stint.started_at_us
