"""Certificates that several machines show. Reuse among the endpoints of one machine is no reuse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from electrum_observatory.datasets.tls import TlsRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUse:
    """One certificate and who shows it.

    Attributes:
        certificate: The row of one endpoint that shows it.
        machines: Ids of the machines that show it, in order.
        endpoints: Endpoints that show it.
        key_machines: Ids of the machines that show its key, in this or another certificate, in order.
    """

    certificate: TlsRow
    machines: tuple[str, ...]
    endpoints: int
    key_machines: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether more than one machine shows the certificate or its key."""
        return len(self.machines) > 1 or len(self.key_machines) > 1


def uses(rows: Iterable[TlsRow], machine_of: Mapping[str, str]) -> tuple[CertificateUse, ...]:
    """Return one line per certificate: those shown by most machines first, then by digest."""
    by_certificate: dict[str, list[TlsRow]] = {}
    by_key: dict[str, set[str]] = {}
    for row in rows:
        by_certificate.setdefault(row.certificate_sha256, []).append(row)
        if row.spki_sha256 is not None:
            by_key.setdefault(row.spki_sha256, set()).add(machine_of[row.endpoint_id])
    lines = (_use(shown, machine_of, by_key) for shown in by_certificate.values())
    return tuple(
        sorted(
            lines,
            key=lambda use: (-len(use.machines), -len(use.key_machines), use.certificate.certificate_sha256),
        )
    )


def _use(shown: list[TlsRow], machine_of: Mapping[str, str], by_key: Mapping[str, set[str]]) -> CertificateUse:
    machines = tuple(sorted({machine_of[row.endpoint_id] for row in shown}))
    key = shown[0].spki_sha256
    return CertificateUse(
        certificate=shown[0],
        machines=machines,
        endpoints=len(shown),
        key_machines=machines if key is None else tuple(sorted(by_key[key])),
    )
