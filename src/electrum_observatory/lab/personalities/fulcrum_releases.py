"""What tells the Fulcrum releases apart: the negotiated-version ladder and what came when.

Read from the tags (1.x) and recorded (2.1.1).
"""

from dataclasses import dataclass

from electrum_observatory.lab.histograms import Histogram, fulcrum_a, fulcrum_b, fulcrum_c

Version = tuple[int, ...]

_LADDER: tuple[tuple[Version, str], ...] = (
    ((2, 1), "1.6"),
    ((1, 10), "1.5.3"),
    ((1, 9, 8), "1.5.2"),
    ((1, 9), "1.5"),
    ((1, 6), "1.4.5"),
    ((1, 3), "1.4.4"),
    ((1, 0), "1.4.2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One Fulcrum version and what follows from it.

    Attributes:
        version: As numbers.
        name: As it calls itself, a zero revision trimmed ("2.0", "1.12", "2.1.1").
        protocol_max: The highest protocol it speaks.
        histogram: How it cuts its mempool.
        histogram_seconds: How often.
        version_takes_more: 2.1: extra arguments of ``server.version`` are ignored.
        has_mempool_info: 2.1.
        has_tip_method: 1.9.0: ``headers.get_tip`` and ``headers.unsubscribe``.
        has_header_methods: 1.9.7: ``header.get``, ``scripthash.get_first_use``, ``daemon.passthrough``.
        has_status_method: 2.1.1: ``scripthash.get_status``.
        tells_dsproof: 1.6: the features hold ``dsproof``.
        wants_jsonrpc: Before 1.6: a request without ``"jsonrpc":"2.0"`` is refused (its issue 91, of November 2021).
    """

    version: Version
    name: str
    protocol_max: str
    histogram: Histogram
    histogram_seconds: float
    version_takes_more: bool
    has_mempool_info: bool
    has_tip_method: bool
    has_header_methods: bool
    has_status_method: bool
    tells_dsproof: bool
    wants_jsonrpc: bool

    @classmethod
    def of(cls, text: str) -> "Release":
        """Read a version such as "1.9.8". Raises ValueError for what is none, or before 1.0."""
        version = tuple(int(part) for part in text.split("."))
        protocol_max = next((protocol for since, protocol in _LADDER if version >= since), None)
        if protocol_max is None:
            raise ValueError(f"Fulcrum {text} is unknown")
        trimmed = version[:2] if len(version) > 2 and not any(version[2:]) else version
        return cls(
            version=version,
            name=".".join(str(part) for part in trimmed),
            protocol_max=protocol_max,
            histogram=fulcrum_c if version >= (1, 9, 8) else fulcrum_b if version >= (1, 9, 2) else fulcrum_a,
            histogram_seconds=10.0 if version >= (1, 9, 8) else 30.0,
            version_takes_more=version >= (2, 1),
            has_mempool_info=version >= (2, 1),
            has_tip_method=version >= (1, 9),
            has_header_methods=version >= (1, 9, 7),
            has_status_method=version >= (2, 1, 1),
            tells_dsproof=version >= (1, 6),
            wants_jsonrpc=version < (1, 6),
        )
