"""Each program's histogram algorithm in columns: which key a transaction has, which size, how bins are cut from both.

Sources: as in ``lab.histograms``, whose functions these are the columns of. Esplora's, whose keys are exact, are in
``exact``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab import histograms
from electrum_observatory.lab.personalities import electrumx, esplora, fulcrum_releases
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.cutting import Bins, Ints, Table, cut_lumps, cut_powers, cut_surplus
from electrum_observatory.lab.time.exact import ESPLORA_NEW, ESPLORA_OLD, ExactAlgorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """Step A and step B of a program.

    Attributes:
        name: As in ``implementations.md``: "EX-a" …
        tenths: Whether keys count tenths of a sat/vB rather than whole ones.
        size: Fee-independent size that it counts, of (weight, size, segwit).
        cut: Table and keys to bins.
    """

    name: str
    tenths: bool
    size: Callable[[Ints, Ints, NDArray[np.bool_]], Ints]
    cut: Callable[[Table, Ints], Bins]

    def keys(self, fee: Ints, size: Ints) -> Ints:
        """Return the key of each transaction."""
        return 10 * fee // size if self.tenths else fee // size


def vsize_without_version_and_locktime(weight: Ints, size: Ints, segwit: NDArray[np.bool_]) -> Ints:
    """ElectrumX to 1.19: 6 to 8 vB too small where there is a witness."""
    return np.where(segwit, (weight - 24) // 4, size)


def vsize_ceil(weight: Ints, size: Ints, segwit: NDArray[np.bool_]) -> Ints:  # noqa: ARG001 - one shape for all
    """BIP 141."""
    return -(-weight // 4)


def vsize_floor(weight: Ints, size: Ints, segwit: NDArray[np.bool_]) -> Ints:  # noqa: ARG001
    """BIP 141, rounded down."""
    return weight // 4


def serialised_size(weight: Ints, size: Ints, segwit: NDArray[np.bool_]) -> Ints:  # noqa: ARG001
    """Bytes, witness included."""
    return size


def _algorithm(
    name: str,
    size: Callable[[Ints, Ints, NDArray[np.bool_]], Ints],
    cut: Callable[[Table, Ints], Bins],
    *,
    tenths: bool = False,
) -> Algorithm:
    return Algorithm(name=name, tenths=tenths, size=size, cut=cut)


ELECTRUMX_A = _algorithm("EX-a", vsize_without_version_and_locktime, cut_surplus(100_000))
ELECTRUMX_B = _algorithm("EX-b", vsize_without_version_and_locktime, cut_lumps(100_000), tenths=True)
ELECTRUMX_C = _algorithm("EX-c", vsize_without_version_and_locktime, cut_lumps(30_000), tenths=True)
ELECTRUMX_D = _algorithm("EX-d", vsize_ceil, cut_lumps(30_000), tenths=True)
FULCRUM_A = _algorithm("FU-a", serialised_size, cut_surplus(100_000))
FULCRUM_B = _algorithm("FU-b", serialised_size, cut_lumps(30_000))
FULCRUM_C = _algorithm("FU-c", vsize_floor, cut_lumps(30_000))
ROMANZ = _algorithm("RE", vsize_ceil, cut_powers)

_COLUMNS: Mapping[histograms.Histogram, Algorithm | ExactAlgorithm] = MappingProxyType(
    {
        histograms.electrumx_a: ELECTRUMX_A,
        histograms.electrumx_b: ELECTRUMX_B,
        histograms.electrumx_c: ELECTRUMX_C,
        histograms.electrumx_d: ELECTRUMX_D,
        histograms.fulcrum_a: FULCRUM_A,
        histograms.fulcrum_b: FULCRUM_B,
        histograms.fulcrum_c: FULCRUM_C,
        histograms.romanz: ROMANZ,
        histograms.esplora_old: ESPLORA_OLD,
        histograms.esplora_new: ESPLORA_NEW,
    }
)


def algorithm_of(personality_id: str, version: str) -> Algorithm | ExactAlgorithm:
    """Return the algorithm of a build. Raises KeyError for a personality that worlds in time do not hold."""
    personality = PERSONALITIES[personality_id]
    if isinstance(personality, electrumx.ElectrumX):
        return _COLUMNS[personality.release.histogram]
    if isinstance(personality, esplora.Esplora):
        return _COLUMNS[personality.build.histogram]
    if personality.implementation == "fulcrum":
        return _COLUMNS[fulcrum_releases.Release.of(version).histogram]
    return {"romanz_electrs": ROMANZ}[personality.implementation]
