"""What the data folder knows of earlier dials, as the scanner takes it."""

from pathlib import Path

from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.history import LONGEST_MEMORY_S, History, PastDial
from electrum_observatory.store.dials import StoredDial, dials_since
from electrum_observatory.store.reader import StoreReader, has_campaigns
from electrum_observatory.store.watching.source import WatchReader

_WATCHED_S = 3_600.0
"""Whom a watch asked before that decides nothing: no pause between visits is so long."""


def history_of(data: Path, campaign: Campaign, clock: Clock) -> History:
    """Return the dials of the last week, by whatever vantage and for whatever network; of a lab's run, its own only.

    The campaign itself is left out: where it is gone on with, its spacing is its own.
    """
    if not has_campaigns(data):
        return History()
    overlay = campaign.overlay or {}
    with StoreReader.open(data) as reader:
        dials = dials_since(
            reader,
            clock.now_us() - round(LONGEST_MEMORY_S * 1e6),
            overlay_sha256=overlay.get("sha256"),
            without=(campaign.campaign_id,),
        )
        past = [
            PastDial(
                endpoint=one.endpoint, at_us=_made_at_us(one, clock), is_handshake=one.is_handshake, failure=one.failure
            )
            for one in dials
        ]
    return History.of(sorted(past, key=lambda one: one.at_us))


def _made_at_us(dial: StoredDial, clock: Clock) -> int:
    """Return when a dial was made, by the clock as it is set now: it may have been set since, in either direction."""
    if dial.boot_id != clock.boot_id or dial.monotonic_ns is None:
        return dial.at_us
    return clock.now_us() - (clock.monotonic_ns() - dial.monotonic_ns) // 1_000


def watched_of_late(data: Path, campaign: Campaign, clock: Clock) -> dict[str, int]:
    """Return whom watches of the data folder asked within the last hour: machine to UTC microseconds."""
    if not has_campaigns(data):
        return {}
    lab = (campaign.overlay or {}).get("sha256")
    asked: dict[str, int] = {}
    with WatchReader.open(data) as reader:
        for watch in reader.watches():
            if (watch.overlay or {}).get("sha256") != lab:
                continue
            columns = reader.readings(watch.watch_id, clock.now_us() - round(_WATCHED_S * 1e6), questions=())
            for round_at, endpoint_at, sent_us in zip(
                columns.round_at.tolist(), columns.endpoint_at.tolist(), columns.sent_us.tolist(), strict=True
            ):
                at_us = columns.rounds[round_at].started_at_us + (0 if sent_us == NOTHING else sent_us)
                machine = machine_key(columns.endpoints[endpoint_at])
                asked[machine] = max(at_us, asked.get(machine, 0))
    return asked
