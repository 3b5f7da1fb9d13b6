"""20 scripts in a row, as a wallet would ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.published import published_scripts
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import about_each_script

_FIRST_INDEX = 1_000  # far from the addresses that strangers send dust to


@dataclass(frozen=True, slots=True, kw_only=True)
class XpubSweepTwentyLegacyProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_history`` for 20 scripts derived from a published P2PKH account."""

    id: ClassVar[str] = "xpub_sweep_twenty_legacy"
    group: ClassVar[Group] = Group.SWEEPS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=20, bytes=65536)
    first_id: ClassVar[int] = 1730
    in_flight: ClassVar[int] = 6

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        derived = published_scripts(AddressKind.P2PKH, count=20, first=_FIRST_INDEX)
        scripts = [(f"index_{place}", one.scripthash) for place, one in enumerate(derived, _FIRST_INDEX)]
        return about_each_script(self.first_id, "blockchain.scripthash.get_history", scripts)
