"""Watches, stints and blind spells, read back."""

from typing import Any

from psycopg import Cursor

from electrum_observatory.model.watch import Blindness, BlindSpell, Stint, Watch
from electrum_observatory.store.json_text import from_json_text
from electrum_observatory.store.postgres.registers import text_of


def watches(cursor: Cursor[Any]) -> dict[int, Watch]:
    """Return every watch by its key, oldest first."""
    cursor.execute(
        "SELECT watch_pk, watch_id, vantage, network, started_at_us, config, config_sha256, overlay, note "
        "FROM watches ORDER BY started_at_us, watch_pk"
    )
    found: dict[int, Watch] = {}
    for key, watch_id, vantage, network, at_us, config, digest, overlay, note in cursor:
        settings: Any = from_json_text(config)
        lab: Any = None if overlay is None else from_json_text(overlay)
        found[key] = Watch(
            watch_id=watch_id,
            vantage=vantage,
            network=network,
            started_at_us=at_us,
            config=settings,
            config_sha256=digest,
            overlay=lab,
            note=text_of(note),
        )
    return found


def stints(cursor: Cursor[Any], watch_pk: int) -> list[Stint]:
    """Return the stints of a watch, oldest first."""
    cursor.execute(
        "SELECT started_at_us, started_monotonic_ns, boot_id, tool_version, config FROM stints WHERE watch_pk = %s "
        "ORDER BY stint_pk",
        (watch_pk,),
    )
    found: list[Stint] = []
    for at_us, monotonic_ns, boot_id, tool_version, config in cursor:
        settings: Any = from_json_text(config)
        found.append(
            Stint(
                started_at_us=at_us,
                started_monotonic_ns=monotonic_ns,
                boot_id=boot_id,
                tool_version=tool_version,
                config=settings,
            )
        )
    return found


def spells(cursor: Cursor[Any], watch_pk: int) -> list[BlindSpell]:
    """Return the blind spells of a watch, oldest first."""
    cursor.execute(
        "SELECT why, from_us, to_us, step_us FROM spells WHERE watch_pk = %s ORDER BY from_us, spell_pk", (watch_pk,)
    )
    return [BlindSpell(why=Blindness(why), from_us=a, to_us=b, step_us=step) for why, a, b, step in cursor]
