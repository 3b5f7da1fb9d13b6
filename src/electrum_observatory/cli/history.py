"""What the data folder knows of earlier dials, as the scanner takes it."""

from pathlib import Path

from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.ports import Clock
from electrum_observatory.scanner.history import LONGEST_MEMORY_S, History, PastDial
from electrum_observatory.store.dials import StoredDial, dials_since
from electrum_observatory.store.reader import StoreReader, has_campaigns


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
