"""Defences against too much text, and against certificates that nobody can read."""

import asyncio

from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.scanner.probe_visit import ProbeVisit
from electrum_observatory.scanner.probes.base import Received
from tests.hostile.defence import Defence


def keep_without_counting(self: ProbeVisit, request_id: int, answer: asyncio.Future[Received]) -> None:
    """Keep a reply, however much came before it."""
    if answer.cancelled() or answer.exception() is not None:
        return
    line = answer.result().reply.line
    at_ns = answer.result().received_monotonic_ns
    self.witnesses.append(
        Witness(kind=WitnessKind.REPLY, data=line, label=str(request_id), received_monotonic_ns=at_ns)
    )


WORDING_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="bytes_per_probe",
        what="All replies to one probe together are counted.",
        target="electrum_observatory.scanner.probe_visit:ProbeVisit._keep_reply",
        replacement=keep_without_counting,
    ),
    Defence(
        id="pointer_cap",
        what="No more than eight names of reverse DNS are kept, and looked up.",
        target="electrum_observatory.scanner.probes.reverse_dns:_MAX_NAMES",
        replacement=1_000_000,
    ),
    Defence(
        id="certificate_name_cap",
        what="No more than 200 names of a certificate are kept.",
        target="electrum_observatory.protocol.certificate:_MAX_NAMES",
        replacement=1_000_000,
    ),
    Defence(
        id="unreadable_parts_are_warnings",
        what="What cannot be read of a certificate is a warning, and the rest is read.",
        target="electrum_observatory.protocol.certificate:_UNREADABLE",
        replacement=(),
    ),
)
