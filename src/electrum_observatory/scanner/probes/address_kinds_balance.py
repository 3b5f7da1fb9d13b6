"""Balances of published addresses, one of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import about_each_script


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressKindsBalanceProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_balance`` for one published address of each kind."""

    id: ClassVar[str] = "address_kinds_balance"
    group: ClassVar[Group] = Group.SCRIPTS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=5, bytes=65536)
    first_id: ClassVar[int] = 1350

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        scripts = [(one.kind.value, one.scripthash) for one in PUBLISHED_ADDRESSES]
        return about_each_script(self.first_id, "blockchain.scripthash.get_balance", scripts)
