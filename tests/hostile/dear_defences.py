"""Defences against texts that are cheap to send and dear to read."""

from electrum_observatory.model.endpoint import normalise_host
from tests.hostile.defence import Defence

DEAR_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="few_international_names",
        what="Of the names of a reply that are not ASCII the first fifty are spelled out, and no long ones.",
        target="electrum_observatory.protocol.peers:_Names.read",
        replacement=lambda self, host: normalise_host(host),
    ),
    Defence(
        id="member_cap",
        what="Nothing that has more than 100,000 elements, names and values reaches a parser.",
        target="electrum_observatory.protocol.limits:_members",
        replacement=lambda text: 0,
    ),
    Defence(
        id="details_are_cut",
        what="A stranger's words are cut before addresses are looked for in them.",
        target="electrum_observatory.net.errors:_MAX_SCRUBBED",
        replacement=10**12,
    ),
)
