"""Defences against too much text, and against certificates that nobody can read."""

from tests.hostile.defence import Defence

WORDING_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="bytes_per_probe",
        what="All replies to one probe together are counted.",
        target="electrum_observatory.scanner.pipeline:check_size",
        replacement=lambda size, limits, stage: None,
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
