"""Output scripts of one public key, and the addresses that spell them on each network.

Thin over embit, which does the hashing, Base58Check, Bech32 and Bech32m.
"""

from enum import StrEnum

from embit import base58, bech32, ec
from embit import script as embit_script

from electrum_observatory.bitcoin.networks import Network

_OP_1 = 0x51
_DIGEST_BYTES = 20


class AddressKind(StrEnum):
    """The shapes of output that wallets use for a single key.

    ``p2wsh`` is the witness script ``OP_1 <key> OP_1 OP_CHECKMULTISIG`` (descriptor ``wsh(multi(1,KEY))``): the
    smallest of the multisig scripts that wallets put behind a P2WSH output.
    """

    P2PKH = "p2pkh"
    P2SH_P2WPKH = "p2sh-p2wpkh"
    P2WPKH = "p2wpkh"
    P2WSH = "p2wsh"
    P2TR = "p2tr"


def output_script(kind: AddressKind, public_key: bytes) -> bytes:
    """Return the output script that pays to a compressed public key.

    For ``p2tr`` the key is the internal key and there is no script tree (BIP341, BIP86).

    Raises:
        ValueError: Where the bytes are not a point of the curve in compressed form.
    """
    key = _public_key(public_key)
    match kind:
        case AddressKind.P2PKH:
            script = embit_script.p2pkh(key)
        case AddressKind.P2SH_P2WPKH:
            script = embit_script.p2sh(embit_script.p2wpkh(key))
        case AddressKind.P2WPKH:
            script = embit_script.p2wpkh(key)
        case AddressKind.P2WSH:
            script = embit_script.p2wsh(embit_script.multisig(1, [key]))
        case AddressKind.P2TR:
            script = embit_script.p2tr(key)
    return bytes(script.data)


def encode_address(script: bytes, network: Network) -> str:
    """Return the address of an output script on a network.

    Raises:
        ValueError: Where the script has no address (bare public key, data carrier, …).
    """
    prefixes = {
        "p2pkh": bytes([network.p2pkh_prefix]),
        "p2sh": bytes([network.p2sh_prefix]),
        "bech32": network.bech32_hrp,
    }
    return str(embit_script.Script(script).address(prefixes))


def decode_address(text: str, network: Network) -> bytes:
    """Return the output script that an address of a network pays to.

    Raises:
        ValueError: It is no address, or one of another network.
    """
    if text.lower().startswith(f"{network.bech32_hrp}1"):
        version, program = bech32.decode(network.bech32_hrp, text)
        if version is None:
            raise ValueError("a mistyped address")
        return bytes([version and _OP_1 - 1 + version, len(program), *program])
    try:
        payload = bytes(base58.decode_check(text))
    except Exception as error:  # embit raises whatever its steps do
        raise ValueError(f"no address of {network.network_id}, or a mistyped one") from error
    prefix, digest = payload[:1], payload[1:]
    if len(digest) == _DIGEST_BYTES and prefix == bytes([network.p2pkh_prefix]):
        return b"\x76\xa9\x14" + digest + b"\x88\xac"
    if len(digest) == _DIGEST_BYTES and prefix == bytes([network.p2sh_prefix]):
        return b"\xa9\x14" + digest + b"\x87"
    raise ValueError(f"no address of {network.network_id}")


def _public_key(data: bytes) -> ec.PublicKey:
    try:
        key = ec.PublicKey.parse(data)
    except Exception as error:  # embit raises bare exceptions of several kinds here
        raise ValueError(f"not a public key: {error}") from error
    if not key.compressed:
        raise ValueError("not a compressed public key")
    return key
