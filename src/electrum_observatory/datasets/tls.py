"""The table ``tls``: one row per endpoint that showed a certificate. Certificates are read, never judged valid."""

from dataclasses import dataclass

from electrum_observatory.datasets import fields
from electrum_observatory.datasets.facts import CampaignFacts, EndpointFacts, PlaceLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsRow:
    """The certificate of one endpoint. Where it could not be parsed, all but the digests and TLS facts is None.

    Attributes:
        endpoint_id: The endpoint.
        campaign_id: The campaign.
        host: Canonical host as advertised.
        address: The address that was dialled, or the host where that is an address.
        port: As dialled.
        transport: ssl or wss.
        certificate_sha256: Digest of the certificate (DER).
        spki_sha256: Digest of its public key (SubjectPublicKeyInfo, DER).
        subject: Whole distinguished name, RFC 4514.
        subject_cn: Common name in it.
        issuer: Whole distinguished name of the issuer.
        issuer_cn: Common name in it.
        valid_from: ISO 8601, UTC.
        valid_to: ISO 8601, UTC.
        san_dns: DNS names it is made for.
        san_ip: Addresses it is made for.
        serial_hex: Serial number.
        signature_algorithm: How it is signed.
        key_type: Sort of key (RSA, EC, Ed25519, …).
        key_bits: Size of the key.
        curve: Curve of an EC key.
        x509_version: 1 or 3.
        self_signed: Issuer equals subject and the key verifies its own signature. Usual among Electrum servers.
        is_ca: The CA flag of the basic constraints.
        chain_sha256: Digests of all certificates sent, the server's own first.
        chain_truncated: More were sent than we keep.
        tls_version: Negotiated version.
        cipher: Negotiated cipher suite.
        legacy: Only our fallback with old versions and ciphers got through.
        warnings: What the parser remarked.
    """

    endpoint_id: str
    campaign_id: str
    host: str
    address: str | None
    port: int
    transport: str
    certificate_sha256: str
    spki_sha256: str | None
    subject: str | None
    subject_cn: str | None
    issuer: str | None
    issuer_cn: str | None
    valid_from: str | None
    valid_to: str | None
    san_dns: tuple[str, ...]
    san_ip: tuple[str, ...]
    serial_hex: str | None
    signature_algorithm: str | None
    key_type: str | None
    key_bits: int | None
    curve: str | None
    x509_version: int | None
    self_signed: bool | None
    is_ca: bool | None
    chain_sha256: tuple[str, ...]
    chain_truncated: bool | None
    tls_version: str | None
    cipher: str | None
    legacy: bool | None
    warnings: tuple[str, ...]


def build(facts: CampaignFacts, places: PlaceLookup) -> tuple[TlsRow, ...]:  # noqa: ARG001 (one shape for all tables)
    """Return one row per endpoint with a certificate, ordered by canonical text."""
    rows = (_row(facts.campaign.campaign_id, seen) for seen in facts.endpoints)
    return tuple(row for row in rows if row is not None)


def _row(campaign_id: str, seen: EndpointFacts) -> TlsRow | None:
    result = seen.result("tls_certificate")
    sha256 = fields.text(result, "sha256")
    if sha256 is None:
        return None
    return TlsRow(
        endpoint_id=seen.endpoint.endpoint_id,
        campaign_id=campaign_id,
        host=seen.endpoint.host,
        address=seen.endpoint.known_address,
        port=seen.endpoint.port,
        transport=seen.endpoint.transport.value,
        certificate_sha256=sha256,
        spki_sha256=fields.text(result, "spki_sha256"),
        subject=fields.text(result, "subject"),
        subject_cn=fields.text(result, "subject_cn"),
        issuer=fields.text(result, "issuer"),
        issuer_cn=fields.text(result, "issuer_cn"),
        valid_from=fields.text(result, "valid_from"),
        valid_to=fields.text(result, "valid_to"),
        san_dns=fields.texts(result, "san_dns"),
        san_ip=fields.texts(result, "san_ip"),
        serial_hex=fields.text(result, "serial_hex"),
        signature_algorithm=fields.text(result, "signature_algorithm"),
        key_type=fields.text(result, "key_type"),
        key_bits=fields.integer(result, "key_bits"),
        curve=fields.text(result, "curve"),
        x509_version=fields.integer(result, "x509_version"),
        self_signed=fields.boolean(result, "self_signed"),
        is_ca=fields.boolean(result, "is_ca"),
        chain_sha256=fields.texts(result, "chain_sha256"),
        chain_truncated=fields.boolean(result, "chain_truncated"),
        tls_version=fields.text(result, "tls_version"),
        cipher=fields.text(result, "cipher"),
        legacy=fields.boolean(result, "legacy"),
        warnings=fields.texts(result, "warnings"),
    )
