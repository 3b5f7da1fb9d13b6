"""Campaigns that asked nobody, because an earlier one had just done so: said, lest an empty report surprise."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from electrum_observatory.cli.console import say
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.report.words import many

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign, StoreReader

_LEFT_IN_PEACE = (f"refused_{FailureKind.TOO_SOON}", f"refused_{FailureKind.BACKED_OFF}")


def in_peace_words(counts: Mapping[str, int]) -> str | None:
    """Say that nobody was asked for the sake of peace; None where somebody was, or there was another reason."""
    spared = sum(counts.get(name, 0) for name in _LEFT_IN_PEACE)
    if counts.get("dialled", 0) or not spared:
        return None
    who = "everybody" if spared == counts.get("endpoints", 0) else many(spared, "endpoint")
    return (
        f"Nobody was asked: {who} was asked, or failed, shortly before and is left in peace; --again asks all the same."
    )


def say_if_in_peace(reader: "StoreReader", stored: "StoredCampaign") -> None:
    """Say so of a campaign that somebody is about to read, and name the last one that has something to tell."""
    words = in_peace_words(reader.counts(stored))
    if words is None:
        return
    before = [one for one in reader.campaigns() if reader.counts(one).get("answered", 0)]
    instead = f" {before[-1].campaign.campaign_id} is the last in which somebody answered." if before else ""
    say(f"{stored.campaign.campaign_id}: {words}{instead}")
