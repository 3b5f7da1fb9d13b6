"""Defences against lines that are too long, too many or too late."""

from tests.hostile.defence import Defence

LINE_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="line_cap",
        what="A line that grows past the cap ends the conversation before it is complete.",
        target="electrum_observatory.protocol.framing:LineSplitter._check",
        replacement=lambda self, size: None,
    ),
    Defence(
        id="byte_cap",
        what="All bytes of one connection are counted.",
        target="electrum_observatory.net.limits:Meter.count_bytes",
        replacement=lambda self, size: None,
    ),
    Defence(
        id="request_deadline",
        what="A request whose time is up is given up.",
        target="electrum_observatory.scanner.session:Session._expire",
        replacement=lambda self, question: None,
    ),
)
