"""Scripts as bitcoind writes them: the names of the standard output types, and the assembler text.

Bitcoin Core ``script/solver.cpp`` (``GetTxnOutputType``) and ``core_write.cpp`` (``ScriptToAsmStr``), as far as the
lab's own transactions go: pushes, and the operations of standard outputs.
"""

_OPERATIONS = {
    0x00: "0",
    0x51: "1",
    0x6A: "OP_RETURN",
    0x76: "OP_DUP",
    0x87: "OP_EQUAL",
    0x88: "OP_EQUALVERIFY",
    0xA9: "OP_HASH160",
    0xAC: "OP_CHECKSIG",
    0xAE: "OP_CHECKMULTISIG",
}
_SHAPES = (
    # type, length of the script, its beginning, its end
    ("pubkeyhash", 25, b"\x76\xa9\x14", b"\x88\xac"),
    ("scripthash", 23, b"\xa9\x14", b"\x87"),
    ("witness_v0_keyhash", 22, b"\x00\x14", b""),
    ("witness_v0_scripthash", 34, b"\x00\x20", b""),
    ("witness_v1_taproot", 34, b"\x51\x20", b""),
)
WITH_ADDRESS = frozenset(shape[0] for shape in _SHAPES)
"""The types that have an address."""
_OP_RETURN, _DATA_1, _DATA_2, _LONGEST_PUSH = 0x6A, 0x4C, 0x4D, 0x4B
_SIGNATURE_BYTES = range(70, 74)


def script_type(script: bytes) -> str:
    """Return bitcoind's name of an output script's type."""
    for name, length, beginning, end in _SHAPES:
        if len(script) == length and script.startswith(beginning) and script.endswith(end):
            return name
    return "nulldata" if script[:1] == bytes([_OP_RETURN]) else "nonstandard"


def spelled_out(script: bytes, *, signatures: bool = False) -> str:
    """Return the assembler text; ``signatures``: write DER signatures with the name of what they sign, as in inputs."""
    words: list[str] = []
    position = 0
    while position < len(script):
        code = script[position]
        if code in _OPERATIONS:
            words.append(_OPERATIONS[code])
            position += 1
            continue
        skipped = {_DATA_1: 2, _DATA_2: 3}.get(code, 1)
        length = code if code <= _LONGEST_PUSH else int.from_bytes(script[position + 1 : position + skipped], "little")
        words.append(_pushed(script[position + skipped : position + skipped + length], signatures=signatures))
        position += skipped + length
    return " ".join(words)


def _pushed(data: bytes, *, signatures: bool) -> str:
    if signatures and len(data) in _SIGNATURE_BYTES and data[:1] == b"\x30":
        return f"{data[:-1].hex()}[ALL]"
    return data.hex()
