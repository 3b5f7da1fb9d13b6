"""Acts of text: what strangers write into every field that somebody will read, and more of it than anybody can.

What the texts do to pages, tables, terminals and logs is the outputs' business; a scan has to keep them as they are.
"""

import datetime
import functools
import ssl
from collections.abc import Iterable, Mapping

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtensionOID, NameOID

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.hostile.base import HostileAct, Scene
from electrum_observatory.lab.hostile.messages import Rewritten
from electrum_observatory.lab.hostile.pump import MEGABYTE
from electrum_observatory.lab.hostile.texts import CONTROLS, FORMULAE, MARKUP, huge
from electrum_observatory.lab.hostile.twisted import ReplaceResults, Twist, framed, twisted
from electrum_observatory.lab.keys import ec_key
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

SOFTWARE = MARKUP["script"] + CONTROLS["escape_title"] + FORMULAE["formula_dde"]
VERSION = "1.4" + CONTROLS["bidi_override"]
BANNER = "\n".join(CONTROLS.values())
DONATION = " ".join(FORMULAE.values()) + MARKUP["javascript_url"]
ERROR = CONTROLS["line_forgery"] + CONTROLS["escape_erase"] + MARKUP["link"]
CERTIFICATE_NAME = MARKUP["script"] + CONTROLS["nul"] + CONTROLS["bidi_isolate"]
ALTERNATIVE_NAMES = 3_000
ALTERNATIVE_NAME = "=1+1\x1b[31m<b>*.example"

_KEY = ec_key(513, 0)
_FROM, _UNTIL = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC), datetime.datetime(2044, 3, 1, tzinfo=datetime.UTC)
_NO_NAMES = bytes.fromhex("3005 8203 fffe80")  # one DNS name of bytes that are no ASCII: OpenSSL minds it not


def spelled(text: str) -> bytes:
    """Return a text as JSON: lone surrogates as escapes, all else as UTF-8."""
    return msgspec.json.encode(text) if _is_utf8(text) else _escaped(text)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> bytes:
    units = memoryview(text.encode("utf-16-be", "surrogatepass")).tobytes()
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return b'"' + "".join(f"\\u{pair}" for pair in pairs).encode() + b'"'


def _everywhere() -> Twist:
    features = {
        "server_version": SOFTWARE,
        "protocol_max": VERSION,
        "hash_function": BANNER,
        "hosts": {SOFTWARE: ERROR},
    }
    return ReplaceResults(
        {
            "server.version": (b"[" + spelled(SOFTWARE) + b"," + spelled(VERSION) + b"]",),
            "server.banner": (spelled(BANNER),),
            "server.donation_address": (spelled(DONATION),),
            "server.features": (b"{" + b",".join(_member(*one) for one in features.items()) + b"}",),
        }
    )


def _member(name: str, value: Json) -> bytes:
    text = (
        b"{" + b",".join(_member(*one) for one in value.items()) + b"}" if isinstance(value, dict) else spelled(value)
    )
    return spelled(name) + b":" + text


def _error(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    error = spelled(ERROR) if request["id"] % 2 else b'{"code":1,"message":' + spelled(ERROR) + b"}"
    return (b'{"jsonrpc":"2.0","error":' + error + b',"id":%d}\n' % request["id"],)


def _fat(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return (reply.strip()[:-1], b" " * len(MEGABYTE), b"}\n")


def _huge_banner(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return framed(request, (spelled(huge()),))


@functools.cache
def _named_badly() -> Minted:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, CERTIFICATE_NAME[:64])]
    attributes += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, FORMULAE["formula_dde"])]
    names = [x509.DNSName(f"{ALTERNATIVE_NAME}{number}") for number in range(ALTERNATIVE_NAMES)]
    return _signed(x509.Name(attributes), x509.SubjectAlternativeName(names))


@functools.cache
def _broken() -> Minted:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broken.example")])
    return _signed(name, x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, _NO_NAMES))


def _signed(name: x509.Name, extension: x509.ExtensionType) -> Minted:
    builder = x509.CertificateBuilder(name, name, _KEY.public_key(), 7, _FROM, _UNTIL)
    certificate = builder.add_extension(extension, critical=False).sign(_KEY, hashes.SHA256())
    pem = _KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Minted(chain=(certificate.public_bytes(serialization.Encoding.DER),), key_pem=pem)


def _context(scene: Scene, minted: Minted) -> ssl.SSLContext:
    return scene.contexts.get(minted, old_tls=False)


_LINES = (Transport.TCP, Transport.SSL)

WORDING_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="hostile_texts",
        summary="Writes scripts, formulae, terminal sequences, bidi and NUL into every field that is text.",
        seen="Known of everything that shows a stranger's text (CWE-79, CWE-150, CWE-1236).",
        transports=_LINES,
        play=twisted(lambda _: _everywhere()),
    ),
    HostileAct(
        id="hostile_errors",
        summary="Answers every question with an error whose message forges log lines and erases the screen.",
        seen="The phishing of December 2018, and log injection (CWE-117).",
        transports=_LINES,
        play=twisted(lambda _: Rewritten(_error)),
    ),
    HostileAct(
        id="banner_10_mb",
        summary="Greets with a banner of 10 MB.",
        seen="Known of every field without a length.",
        transports=_LINES,
        play=twisted(lambda _: Rewritten(_huge_banner, "server.banner")),
    ),
    HostileAct(
        id="fat_answers",
        summary="Pads each of five fee estimates to a megabyte, every line shorter than the cap.",
        seen="ElectrumX's own padding, without restraint.",
        transports=_LINES,
        play=twisted(lambda _: Rewritten(_fat, "blockchain.estimatefee")),
    ),
    HostileAct(
        id="pointer_names",
        summary="Answers honestly, from an address whose reverse DNS gives scripts, paths and local names.",
        seen="PTR records, which whoever has an address writes as they like.",
        transports=_LINES,
        play=twisted(lambda _: Twist()),
    ),
    HostileAct(
        id="certificate_names",
        summary="Shows a certificate whose names are markup, NUL and bidi, and that is for 3,000 hosts.",
        seen="CVE-2009-2408 (NUL in a common name).",
        transports=(Transport.SSL,),
        play=twisted(lambda _: Twist()),
        context=lambda scene: _context(scene, _named_badly()),
    ),
    HostileAct(
        id="certificate_broken",
        summary="Shows a certificate whose alternative names are garbage.",
        seen="Certificates from hand-made scripts; TLS fuzzers.",
        transports=(Transport.SSL,),
        play=twisted(lambda _: Twist()),
        context=lambda scene: _context(scene, _broken()),
    ),
)
