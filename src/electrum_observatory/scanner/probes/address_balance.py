"""Whether ``blockchain.address.get_balance`` is still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBalanceProbe(BehaviourProbe):
    """Asks ``blockchain.address.get_balance``, which protocol 1.3 removed in 2018."""

    id: ClassVar[str] = "address_balance"
    group: ClassVar[Group] = Group.SCRIPTS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1370

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.address.get_balance", PUBLISHED_ADDRESSES[0].address),)
