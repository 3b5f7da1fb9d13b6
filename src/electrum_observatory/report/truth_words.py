"""Whether answers hold, in words: fair ones, that say what does not fit and what would explain it, never who is bad."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.analysis.truth.areas import SCOPES, Area, Standing
from electrum_observatory.analysis.truth.finding import Severity
from electrum_observatory.report.words import many

AREAS: Mapping[Area, str] = MappingProxyType(
    {
        Area.HEADERS: "headers and proof of work",
        Area.PROOFS: "proofs and transactions",
        Area.HISTORIES: "histories and balances",
        Area.TIPS: "tips and forks",
        Area.FEES: "fee estimates",
        Area.HISTOGRAMS: "fee histograms",
        Area.TEXTS: "banners and errors",
        Area.ADDRESS_KINDS: "kinds of addresses",
    }
)
"""Area of the truth tests to words; a test holds the table to the areas that there are."""

HELD = "held"
INSUFFICIENT = Severity.INSUFFICIENT.value


def standing_words(standing: Standing) -> str:
    """Return in one word how a server stands in an area: held, or a severity that docs/truth.md explains."""
    if standing.severity is not None:
        return standing.severity.value
    return INSUFFICIENT if standing.insufficient else HELD


def visits_needed(standing: Standing) -> str | None:
    """Return in words how many visits a test wants that too few were made for; None where something else is wanting."""
    needed = SCOPES[standing.area].visits
    return f"{standing.visits} of {needed} visits" if standing.insufficient and standing.visits < needed else None


def heard_words(standing: Standing) -> str:
    """Return how much an area had to go by."""
    return f"{many(standing.answers, 'answer')} in {many(standing.visits, 'visit')}"
