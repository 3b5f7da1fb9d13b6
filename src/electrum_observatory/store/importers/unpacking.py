"""Lines of a file that may be packed with xz, under limits: a file of a kilobyte can unpack to any size."""

import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from electrum_observatory.model.errors import InputError

MAX_BYTES = 512 * 1024 * 1024
"""Unpacked, all lines together."""
MAX_LINE_BYTES = 32 * 1024 * 1024
MAX_LINES = 4_000_000
"""More than ``MAX_BYTES`` hold of any that says something; empty ones would go on for minutes."""
_MAX_MEMORY = 256 * 1024 * 1024
_CHUNK = 256 * 1024
_XZ = b"\xfd7zXZ\x00"


def unpacked_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield line number and line, terminator included.

    Raises:
        InputError: The file cannot be read or unpacked, or is longer than we take (the line is named).
    """
    number, begun, total = 1, bytearray(), 0
    for chunk in _chunks(path):
        total += len(chunk)
        if total > MAX_BYTES:
            raise InputError(f"{path} line {number}: more than {MAX_BYTES} bytes")
        begun += chunk
        *whole, rest = begun.split(b"\n") if b"\n" in chunk else (begun,)
        for line in whole:
            yield number, bytes(line) + b"\n"
            number += 1
        if number > MAX_LINES:
            raise InputError(f"{path} line {number}: more than {MAX_LINES} lines")
        begun = bytearray(rest)
        if len(begun) > MAX_LINE_BYTES:
            raise InputError(f"{path} line {number}: longer than {MAX_LINE_BYTES} bytes")
    if begun:
        yield number, bytes(begun)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            packed = file.read(len(_XZ)) == _XZ
            file.seek(0)
            yield from _unpacked(file) if packed else iter(lambda: file.read(_CHUNK), b"")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except lzma.LZMAError as error:
        raise InputError(f"{path}: cannot be unpacked: {error}") from error


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Unpack stream after stream, little by little and in bounded memory. Raises LZMAError."""
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MAX_MEMORY)
    while True:
        given = b""
        if unpacker.eof:
            given = unpacker.unused_data or file.read(_CHUNK)
            if not given:
                return
            unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MAX_MEMORY)
        elif unpacker.needs_input:
            given = file.read(_CHUNK)
            if not given:
                raise lzma.LZMAError("it ends in the middle")
        yield unpacker.decompress(given, _CHUNK)
