"""What is kept once and referred to by number: servers, failures, boots, and the texts of a month.

The memory holds for committed rows only: after a roll-back its numbers may mean nothing, and :meth:`Registers.forget`
drops it.
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, LiteralString, TypeAlias, TypeVar

from psycopg import Cursor

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.store.postgres.months import Month, make_partitions

_REMEMBERED = 1 << 16
"""With more numbers a register begins afresh."""

K = TypeVar("K", bound=Hashable)
Row: TypeAlias = tuple[Any, ...]

_ENDPOINTS: LiteralString = """
INSERT INTO endpoints (endpoint_id, host, address, port, transport)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::text[]) ON CONFLICT DO NOTHING
"""
_FAILURES: LiteralString = """
INSERT INTO failures (digest, stage, kind, detail)
SELECT * FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::bytea[]) ON CONFLICT DO NOTHING
"""
_BOOTS: LiteralString = "INSERT INTO boots (boot_id) SELECT * FROM unnest(%s::text[]) ON CONFLICT DO NOTHING"
_TEXTS: LiteralString = """
INSERT INTO texts (month_us, digest, data)
SELECT %s, one.* FROM unnest(%b::bytea[], %b::bytea[]) AS one ON CONFLICT DO NOTHING RETURNING digest, text_pk
"""
_KNOWN_TEXTS: LiteralString = "SELECT digest, text_pk FROM texts WHERE month_us = %s AND digest = ANY(%b::bytea[])"


def exact(text: str) -> bytes:
    """Return any text as bytes, lone surrogates included; :func:`text_of` brings it back."""
    return text.encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    """Read what :func:`exact` wrote."""
    return bytes(data).decode("utf-8", "surrogatepass")


def digest_of(*parts: bytes) -> bytes:
    """Return the first 16 bytes of the SHA-256 of the parts, each after its length."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()[:16]


class Register(dict[K, int], Generic[K]):
    """Key to number, as far as remembered."""

    def missing(self, keys: Iterable[K]) -> list[K]:
        """Return the keys whose numbers are not remembered, each once."""
        return [key for key in dict.fromkeys(keys) if key not in self]


class Registers:
    """The registers of one writer."""

    def __init__(self) -> None:
        self._endpoints = Register[str]()
        self._failures = Register[bytes]()
        self._boots = Register[str]()
        self._texts = Register[tuple[int, bytes]]()
        self._months = Register[int]()

    def forget(self) -> None:
        """Drop the memory: a transaction was rolled back, or somebody dropped a month."""
        for register in self._all():
            register.clear()

    def limit(self) -> None:
        """Drop what has grown too large; to be called between transactions."""
        for register in self._all():
            if len(register) > _REMEMBERED:
                register.clear()

    def month(self, cursor: Cursor[Any], month: Month) -> None:
        """See to it that a month has its partitions."""
        if self._months.missing([month.from_us]):
            make_partitions(cursor, month)
            self._months[month.from_us] = 1

    def endpoints(self, cursor: Cursor[Any], endpoints: Sequence[Endpoint]) -> list[int]:
        """Return the number of each server."""
        by_id = {one.endpoint_id: one for one in endpoints}
        missing = sorted(self._endpoints.missing(by_id))
        rows = [(key, (one := by_id[key]).host, one.address, one.port, one.transport.value) for key in missing]
        found = "SELECT endpoint_id, endpoint_pk FROM endpoints WHERE endpoint_id = ANY(%s)"
        _add(cursor, self._endpoints, rows, _ENDPOINTS, found)
        return [self._endpoints[one.endpoint_id] for one in endpoints]

    def failures(self, cursor: Cursor[Any], failures: Sequence[Failure]) -> list[int]:
        """Return the number of each failure."""
        details = [exact(one.detail) for one in failures]
        digests = [
            digest_of(one.stage.encode(), one.kind.encode(), detail)
            for one, detail in zip(failures, details, strict=True)
        ]
        by_digest = {
            digest: (digest, one.stage.value, one.kind.value, detail)
            for digest, one, detail in zip(digests, failures, details, strict=True)
        }
        rows = [by_digest[digest] for digest in sorted(self._failures.missing(by_digest))]
        found = "SELECT digest, failure_pk FROM failures WHERE digest = ANY(%s)"
        _add(cursor, self._failures, rows, _FAILURES, found)
        return [self._failures[digest] for digest in digests]

    def boots(self, cursor: Cursor[Any], boot_ids: Sequence[str]) -> list[int]:
        """Return the number of each boot."""
        rows = [(boot_id,) for boot_id in sorted(self._boots.missing(boot_ids))]
        _add(cursor, self._boots, rows, _BOOTS, "SELECT boot_id, boot_pk FROM boots WHERE boot_id = ANY(%s)")
        return [self._boots[boot_id] for boot_id in boot_ids]

    def texts(self, cursor: Cursor[Any], month: Month, texts: Mapping[bytes, bytes]) -> list[int]:
        """Return the number in a month of each text; the keys are the digests."""
        at = month.from_us
        missing = sorted(self._texts.missing((at, digest) for digest in texts))
        if missing:
            digests = [digest for _, digest in missing]
            cursor.execute(_TEXTS, (at, digests, [texts[digest] for digest in digests]), binary=True)
            self._texts.update({(at, digest): number for digest, number in cursor})
        if known := [digest for _, digest in self._texts.missing(missing)]:
            cursor.execute(_KNOWN_TEXTS, (at, known), binary=True)
            self._texts.update({(at, digest): number for digest, number in cursor})
        return [self._texts[at, digest] for digest in texts]

    def _all(self) -> tuple[Register[Any], ...]:
        return (self._endpoints, self._failures, self._boots, self._texts, self._months)


def _add(
    cursor: Cursor[Any], register: Register[Any], rows: Sequence[Row], insert: LiteralString, found: LiteralString
) -> None:
    """Insert the rows that nobody else has inserted, and learn the numbers of all; a row begins with its key."""
    if rows:
        cursor.execute(insert, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(found, ([row[0] for row in rows],), binary=True)
        register.update(dict(cursor.fetchall()))
