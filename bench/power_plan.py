"""Which lies are planted, in which programs, at which doses, and from which dose on they are promised to be found."""

from dataclasses import dataclass

PANEL = (
    *("fulcrum_2_1_1", "electrumx_1_20", "electrumx_1_18", "fulcrum_1_12") * 3,
    *("electrs_romanz", "electrs_esplora", "electrumx_2_0", "electrumx_1_16_git"),
)
"""Programs of the honest servers that the others are compared with."""

EVERY = (
    *("electrumx_1_16", "electrumx_1_16_git", "electrumx_1_18", "electrumx_1_20", "electrumx_2_0"),
    *("fulcrum_1", "fulcrum_1_9_8", "fulcrum_2_1_1", "electrs_romanz", "electrs_esplora"),
)
"""What public servers run."""

_TELLING_POLICY = ("electrumx_1_17", "electrumx_1_20", "electrumx_2_0", "fulcrum_1_12", "fulcrum_2_1_1")
"""Programs that tell their relay fee and answer for both modes of estimates; others have no equals to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A mutator to be planted.

    Attributes:
        mutator: Its id.
        doses: Doses of the curve.
        documented: The dose from which on it is promised to be found.
        personalities: Programs that are modified.
        text: Its ``text``.
        arms: Whether it is looked for with the arms of differential treatment.
    """

    mutator: str
    doses: tuple[float, ...]
    documented: float
    personalities: tuple[str, ...] = EVERY
    text: str | None = None
    arms: bool = False

    @property
    def slug(self) -> str:
        """Name of its machines."""
        name = self.mutator.replace("_", "-")
        return name if self.text is None else f"{name}-{self.text}"


LIES: tuple[Lie, ...] = (
    Lie(mutator="drop_history_item", doses=(0.05, 0.1, 0.2, 0.4), documented=0.4),
    Lie(mutator="hide_transaction", doses=(0.05, 0.1, 0.2, 0.4), documented=0.4),
    Lie(mutator="alter_balance", doses=(0.1, 0.3, 0.6), documented=0.6),
    Lie(mutator="censor_address_type", doses=(0.5, 1.0), documented=1.0),
    Lie(mutator="rate_limit_taproot", doses=(0.5, 1.0), documented=1.0),
    Lie(mutator="alter_fee", doses=(0.2, 0.3, 0.6, 0.8), documented=0.6, personalities=_TELLING_POLICY),
    Lie(mutator="stale_tip", doses=(0.01, 0.03, 0.1), documented=0.1),
    Lie(mutator="forged_headers", doses=(0.01, 0.05, 0.2), documented=0.05),
    Lie(mutator="forged_headers", doses=(0.01, 0.05, 0.2), documented=0.2, text="links"),
    Lie(mutator="replay_histogram", doses=(0.5, 1.0), documented=1.0),
    Lie(mutator="inject_text", doses=(0.05, 0.2, 0.5), documented=0.5),
    Lie(mutator="foreign_error_texts", doses=(0.1, 0.3, 0.6), documented=0.6),
    Lie(mutator="lie_about_version", doses=(0.2, 0.5, 1.0), documented=1.0),
    Lie(mutator="reserialise_json", doses=(0.05, 0.2, 0.5), documented=0.5),
    Lie(mutator="delay_sweeps", doses=(0.1, 0.25, 0.5), documented=0.5, arms=True),
    Lie(mutator="treat_scanners_differently", doses=(0.5, 1.0), documented=1.0, arms=True),
)
"""Every lie of the power curve."""
