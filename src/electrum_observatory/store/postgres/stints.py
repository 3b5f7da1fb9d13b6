"""Stints of a watch: how one begins, shows that it lives and ends; the time between two of them is a blind spell."""

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Cursor

from electrum_observatory.model.watch import Blindness, BlindSpell, Stint, Watch
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.postgres.registers import exact
from electrum_observatory.store.watching.stints import last_sign

_WATCH: LiteralString = """
INSERT INTO watches (watch_id, vantage, network, started_at_us, config, config_sha256, overlay, note)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (watch_id) DO NOTHING
"""
_STINT: LiteralString = """
INSERT INTO stints (watch_pk, started_at_us, started_monotonic_ns, boot_id, tool_version, config, seen_at_us,
                    seen_monotonic_ns)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING stint_pk
"""
_SAME: LiteralString = """
SELECT stint_pk, watch_pk FROM stints JOIN watches USING (watch_pk)
WHERE watch_id = %s AND boot_id = %s AND started_monotonic_ns = %s AND stints.started_at_us = %s
"""
_BEFORE: LiteralString = """
SELECT seen_at_us, seen_monotonic_ns, boot_id FROM stints WHERE watch_pk = %s ORDER BY stint_pk DESC LIMIT 1
"""
_SPELL: LiteralString = "INSERT INTO spells (watch_pk, why, from_us, to_us, step_us) VALUES (%s, %s, %s, %s, %s)"
_SEEN: LiteralString = """
UPDATE stints SET seen_at_us = %s, seen_monotonic_ns = %s WHERE stint_pk = %s AND seen_monotonic_ns <= %s
"""
_END: LiteralString = "UPDATE stints SET ended_at_us = %s, ended_monotonic_ns = %s WHERE stint_pk = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class StintKeys:
    """Which stint facts are recorded in.

    Attributes:
        stint_pk: Its key.
        watch_pk: Key of its watch.
    """

    stint_pk: int
    watch_pk: int


def begin(cursor: Cursor[Any], watch: Watch, stint: Stint) -> StintKeys:
    """Make the watch known if it is new, keep the time since its last stint as a blind spell, and begin a stint."""
    overlay = None if watch.overlay is None else to_json_text(watch.overlay)
    config, note = to_json_text(watch.config), exact(watch.note)
    values = (watch.watch_id, watch.vantage, watch.network, watch.started_at_us, config, watch.config_sha256)
    cursor.execute(_WATCH, (*values, overlay, note))
    watch_pk = _key(cursor.execute("SELECT watch_pk FROM watches WHERE watch_id = %s", (watch.watch_id,)))
    if (before := cursor.execute(_BEFORE, (watch_pk,)).fetchone()) is not None:
        from_us = last_sign(stint, *before)
        spell = BlindSpell(why=Blindness.NOT_RUNNING, from_us=from_us, to_us=stint.started_at_us)
        add_spell(cursor, watch_pk, spell)
    started = (stint.started_at_us, stint.started_monotonic_ns)
    config = to_json_text(stint.config)
    cursor.execute(_STINT, (watch_pk, *started, stint.boot_id, stint.tool_version, config, *started))
    return StintKeys(stint_pk=_key(cursor), watch_pk=watch_pk)


def begun(cursor: Cursor[Any], watch: Watch, stint: Stint) -> StintKeys | None:
    """Return the keys of this very stint where it began before the connection was lost."""
    values = (watch.watch_id, stint.boot_id, stint.started_monotonic_ns, stint.started_at_us)
    found = cursor.execute(_SAME, values).fetchone()
    return None if found is None else StintKeys(stint_pk=found[0], watch_pk=found[1])


def end(cursor: Cursor[Any], keys: StintKeys, at_us: int, monotonic_ns: int) -> None:
    """Note that a stint ended by itself, its last sign of life."""
    seen(cursor, keys, at_us, monotonic_ns)
    cursor.execute(_END, (at_us, monotonic_ns, keys.stint_pk))


def seen(cursor: Cursor[Any], keys: StintKeys, at_us: int, monotonic_ns: int) -> None:
    """Note a sign of life, unless a later one is known."""
    cursor.execute(_SEEN, (at_us, monotonic_ns, keys.stint_pk, monotonic_ns))


def add_spell(cursor: Cursor[Any], watch_pk: int, spell: BlindSpell) -> None:
    """Add a blind spell."""
    cursor.execute(_SPELL, (watch_pk, spell.why.value, spell.from_us, spell.to_us, spell.step_us))


def count_act(cursor: Cursor[Any], keys: StintKeys) -> None:
    """Count a transaction of a stint, so that one whose end was not heard of can be asked for."""
    cursor.execute("UPDATE stints SET acts = acts + 1 WHERE stint_pk = %s", (keys.stint_pk,))


def acts(cursor: Cursor[Any], keys: StintKeys) -> int:
    """Return how many transactions of a stint were committed."""
    return _key(cursor.execute("SELECT acts FROM stints WHERE stint_pk = %s", (keys.stint_pk,)))


def _key(cursor: Cursor[Any]) -> int:
    found = cursor.fetchone()
    assert found is not None
    return int(found[0])
