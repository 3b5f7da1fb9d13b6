"""Aggressive questions are for servers whose operators agreed: those that a person names, and nobody's hearsay."""

from electrum_observatory.cli.settings import Settings
from electrum_observatory.model.errors import UsageError
from electrum_observatory.scanner.behaviour import Group
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.probes.registry import battery

_FOR = "aggressive questions are for servers whose operators agreed"
WARNING = (
    "Asks aggressive questions (many scripts in a row, a search for rate limits, bursts, a line that is no JSON): only "
    "for your own servers, labs and operators who agreed."
)


def is_aggressive(config: ScanConfig) -> bool:
    """Whether a scan puts aggressive questions."""
    return any(probe.group is Group.AGGRESSIVE for probe in battery(config.battery))


def check_consent(settings: Settings, *, named: bool, before: ScanConfig | None) -> None:
    """Refuse to put aggressive questions to anybody but servers that a person names.

    Args:
        settings: What decides who is asked what; of no lab.
        named: Whether a person names targets, and nothing else says who is asked.
        before: The settings of the campaign that is gone on with; None for one that begins.

    Raises:
        UsageError: They would reach others.
    """
    scan = settings.scan
    if not is_aggressive(scan) or scan.limits == "lab":
        return
    if scan.depth > 0:
        raise UsageError(f"{_FOR}, and hearsay leads to others: leave out --depth, or set scan.depth to 0")
    if before is None and not named:
        raise UsageError(f"{_FOR}: name them as targets, and leave out --known and --electrum")
    if before is not None and not is_aggressive(before):
        raise UsageError(f"{_FOR}, and this campaign was begun without them: scan anew, and name those servers")
    if before is not None and before.depth > 0:
        raise UsageError(f"{_FOR}, and this campaign followed hearsay: scan anew, and name those servers")
