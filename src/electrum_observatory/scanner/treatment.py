"""The visits that ask one server the same questions in every arm, round by round, in an order that chance decides.

A round is two visits: wallet and bare client on two connections of one, the arm with the burst alone in the other, for
a visit has room for no more. Which visit and which connection comes first is drawn anew in each round, from the id of
the campaign and the endpoint, so that anybody can draw the order again and no server shares another's.
"""

import random
from functools import cache
from itertools import count

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES, published_scripts
from electrum_observatory.scanner.arms import AFTER_BURST, BARE_CLIENT, WALLET, Arm, Question, round_of
from electrum_observatory.scanner.behaviour import Opening, Subject
from electrum_observatory.scanner.packing import PlannedConnection, PlannedVisit
from electrum_observatory.scanner.probes.treatment import BareTreatmentProbe, BurstTreatmentProbe, TreatmentProbe

FEE_TARGETS = (2, 25)
KINDS = (AddressKind.P2PKH, AddressKind.P2WPKH, AddressKind.P2TR)
_FIRST_INDEX = 1_000  # far from the addresses that strangers send dust to
_PROBES = {WALLET.id: TreatmentProbe, BARE_CLIENT.id: BareTreatmentProbe, AFTER_BURST.id: BurstTreatmentProbe}


def questions(subject: Subject) -> tuple[Question, ...]:
    """Return what every arm asks: fees, and the history of one script of each of three kinds of address."""
    fees = [Question(name=f"fee.{target}", method="blockchain.estimatefee", params=(target,)) for target in FEE_TARGETS]
    histories = [
        Question(
            name=f"history.{kind.value}",
            method="blockchain.scripthash.get_history",
            params=(_script(kind, subject),),
            stratum=kind.value,
        )
        for kind in KINDS
    ]
    return (*fees, *histories)


def treatment_visits(
    endpoint: str, subject: Subject, *, batches: int, rounds: int, first_number: int
) -> tuple[PlannedVisit, ...]:
    """Return all visits to one endpoint.

    Args:
        endpoint: Its canonical text; the draw is its own.
        subject: What is asked about, by whom, in which campaign.
        batches: How many independent batches.
        rounds: Rounds in each.
        first_number: Number of the first visit.
    """
    asked = questions(subject)
    seed = f"{subject.campaign} {endpoint}"
    rng = random.Random(seed)  # noqa: S311 (chance of an order, to be drawn again)
    numbers = count(first_number)
    visits: list[PlannedVisit] = []
    for number in range(batches * rounds):
        order = count()
        halves: list[tuple[Arm, ...]] = rng.sample([(WALLET, BARE_CLIENT), (AFTER_BURST,)], 2)
        for arms in halves:
            drawn = round_of(asked, rng=rng, client_name=subject.client_name, burst_scripts=_burst_scripts(), arms=arms)
            probes = [
                _PROBES[said.arm.id](said=said, batch=number // rounds, round=number, order=next(order), seed=seed)
                for said in drawn
            ]
            connections = [
                PlannedConnection(number=place, opening=Opening.BARE, probes=(probe,))
                for place, probe in enumerate(probes)
            ]
            visits.append(PlannedVisit(number=next(numbers), connections=tuple(connections)))
    return tuple(visits)


@cache
def _burst_scripts() -> tuple[str, ...]:
    derived = published_scripts(AddressKind.P2WPKH, count=AFTER_BURST.burst, first=_FIRST_INDEX)
    return tuple(one.scripthash for one in derived)


def _script(kind: AddressKind, subject: Subject) -> str:
    """Return the script that the chain's reference names, or else that of a published address."""
    frozen = () if subject.reference is None else subject.reference.frozen_scripts
    found = next((one.scripthash for one in frozen if one.kind is kind and one.history), None)
    return found or next(one.scripthash for one in PUBLISHED_ADDRESSES if one.kind is kind)
