"""A campaign: one measurement, opened and sealed; and its sittings, the runs of the scanner that it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from electrum_observatory.model.observation import Json


class CampaignKind(StrEnum):
    """How the facts of a campaign came to be."""

    SCAN = "scan"
    IMPORT = "import"


class CampaignState(StrEnum):
    """Open means: still running, or its process died before it could seal."""

    OPEN = "open"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def partial(self) -> bool:
        """Whether something was left undone: whoever shows such a campaign says so."""
        return self is not CampaignState.COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What a run set out to do.

    Attributes:
        campaign_id: ``20261120T221500Z-<vantage>-<6 hex>``.
        kind: Scan or import.
        vantage: Where it ran; "local" unless told otherwise, never the host name.
        network: Id of the network ("bitcoin", "litecoin-regtest", …) whose genesis was expected.
        started_at_us: UTC microseconds.
        tool_version: Version of Electrum Observatory that ran it.
        config: The whole resolved configuration.
        config_sha256: Digest of the configuration's canonical JSON.
        overlay: Name and digest of the lab's identity overlay, and as ``reference`` what the lab says of its chain
            (``bitcoin.reference.ChainReference``; campaigns of early releases lack it); None on a real network.
        note: Free text of the person who ran it; for imports, where the data comes from.
    """

    campaign_id: str
    kind: CampaignKind
    vantage: str
    network: str
    started_at_us: int
    tool_version: str
    config: Mapping[str, Json]
    config_sha256: str
    overlay: Mapping[str, Json] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """How the scanner was called for one run under a campaign: the first, or one that goes on after an interruption.

    Attributes:
        tool_version: Version of Electrum Observatory that ran.
        config: The whole resolved configuration of this run.
        config_sha256: Digest of the configuration's canonical JSON.
        options: What else decides whom it asks and how: targets, filters, proxy, overlay; the next run's defaults.
    """

    tool_version: str
    config: Mapping[str, Json]
    config_sha256: str
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSeal:
    """How a campaign ended.

    Attributes:
        campaign_id: The campaign that is sealed.
        state: Complete, cancelled or failed.
        sealed_at_us: UTC microseconds.
        counts: What was seen and done, by name: endpoints, answered, requests, refused_<reason>, overflow_<cap>, …
    """

    campaign_id: str
    state: CampaignState
    sealed_at_us: int
    counts: Mapping[str, int] = field(default_factory=dict)


def campaign_id(started_at_us: int, vantage: str, nonce: str) -> str:
    """Return ``20261120T221500Z-<vantage>-<nonce>``; the nonce is six hex digits from the caller's randomness."""
    started = datetime.fromtimestamp(started_at_us / 1_000_000, tz=UTC)
    return f"{started:%Y%m%dT%H%M%SZ}-{vantage}-{nonce}"
