"""What the data folder knows of earlier dials, as the scanner takes it."""

from pathlib import Path

from electrum_observatory.model.campaign import Campaign
from electrum_observatory.scanner.history import LONGEST_MEMORY_S, History, PastDial
from electrum_observatory.store.dials import dials_since
from electrum_observatory.store.reader import StoreReader, has_campaigns


def history_of(data: Path, campaign: Campaign, *, now_us: int) -> History:
    """Return the dials of the last week, by whatever vantage and for whatever network; of a lab's run, its own only.

    The campaign itself is left out: where it is gone on with, its spacing is its own.
    """
    if not has_campaigns(data):
        return History()
    overlay = campaign.overlay or {}
    with StoreReader.open(data) as reader:
        dials = dials_since(
            reader,
            now_us - round(LONGEST_MEMORY_S * 1e6),
            overlay_sha256=overlay.get("sha256"),
            without=(campaign.campaign_id,),
        )
        return History.of(
            PastDial(endpoint=endpoint, at_us=at_us, is_handshake=is_handshake, failure=failure)
            for endpoint, at_us, is_handshake, failure in dials
        )
