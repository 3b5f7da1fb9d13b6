"""Smaller pieces of evidence: relay policies and joint gaps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.facts import ServerFacts
from electrum_observatory.analysis.backends.null import PRIOR_PAIRS
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

Mask = NDArray[np.bool_]

_CONTRADICTION = -10.0
_MOST_POLICY = 2.0
_MOST_GAPS = 4.0
_OURS = 0.25  # where a quarter of all vanish at once the cause lies nearer to us


def policy_bits(facts: Sequence[ServerFacts], voters: Mask) -> Floats:
    """Weigh relay fees: another one is strong evidence against one node, the same one little for it.

    A fee that a program learned when it last connected says nothing against: its node may have been told another since.
    Its agreement counts, shrunk to the whole population.
    """
    relay = np.array([one.relay for one in facts])
    live = np.array([one.relay_is_live for one in facts])
    known = relay != NOTHING
    values, counts = np.unique(relay[known & voters], return_counts=True)
    frequency = dict(zip(values.tolist(), (counts + 0.5) / (counts.sum() + 1), strict=True))
    equally = sum(share**2 for share in frequency.values())
    each = np.array([max(frequency.get(int(one), 1.0), equally) for one in relay])
    agree = np.minimum(-np.log2(np.maximum(each, 1e-3)), _MOST_POLICY)
    same = relay[:, None] == relay[None, :]
    both = known[:, None] & known[None, :]
    against = np.where(live[:, None] & live[None, :], _CONTRADICTION, 0.0)
    return np.where(both, np.where(same, agree[:, None], against), 0.0)


def gap_bits(up: Mask, height: Numbers, window: Numbers) -> Floats:
    """Weigh outages and stalls that begin together, those of a quarter of all servers left out.

    A provider's trouble takes down several nodes at once, so few bits can be had here; and most outages are a server's
    own, so none against.
    """
    begins = gaps_begin(up, height, window)
    near = begins.copy()
    near[1:] |= begins[:-1]
    near[:-1] |= begins[1:]
    together = begins.astype(np.float64).T @ near.astype(np.float64)
    own = begins.sum(axis=0).astype(np.float64)
    fewer, more = np.minimum(own[:, None], own[None, :]), np.maximum(own[:, None], own[None, :])
    hits = np.minimum(np.minimum(together, together.T), fewer)
    chance = np.clip(3 * more / max(len(up), 1) + 1 / PRIOR_PAIRS, 0.02, 0.5)
    related = _log_beta_binomial(hits, fewer, 1.5, 2.0)
    unrelated = hits * np.log(chance) + (fewer - hits) * np.log1p(-chance)
    return np.where(fewer > 0, np.clip((related - unrelated) / np.log(2), 0.0, _MOST_GAPS), 0.0)


def gaps_begin(up: Mask, height: Numbers, window: Numbers) -> Mask:
    """Return where a server's outages and stalls begin, without the moments at which a quarter of all vanish."""
    stalled = (height != NOTHING) & (height < window[:, None] - 1) & (window[:, None] != NOTHING)
    well = up & ~stalled
    begins = np.zeros_like(up)
    begins[1:] = well[:-1] & ~well[1:]
    begins[begins.mean(axis=1) > _OURS] = False
    return begins


def _log_beta_binomial(hits: Floats, moments: Floats, a: float, b: float) -> Floats:
    from scipy.special import betaln

    return np.asarray(betaln(hits + a, moments - hits + b) - betaln(a, b))
