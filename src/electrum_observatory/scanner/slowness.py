"""When a server begins to limit us: the moment to stop a series of equal questions.

ElectrumX lets a client wait once its cost is above the soft limit, in steps up to 2.5 s. A reply a second late is no
sign of it: since 1.18 replies are padded and sent once a second (field reference §1.2).
"""

import statistics
from collections.abc import Sequence

from electrum_observatory.scanner.conversation import Asked

TIMES = 4.0
_FIRST = 5
_PADDING_NS = 1_300_000_000


def sign_of_a_limit(asked: Sequence[Asked]) -> str | None:
    """Return the first sign of a limit, in words: an error reply, or a reply that came much later than the first ones.

    Much later is ``TIMES`` the median of the first five, and more than padding explains.
    """
    last = asked[-1].reply if asked else None
    if last is not None and last.error is not None:
        return f"reply {len(asked)} was an error, code {last.error.code}"
    waits = [one.lines[-1].received_monotonic_ns - one.sent_ns for one in asked if one.answered]
    if len(waits) <= _FIRST:
        return None
    usual = statistics.median(waits[:_FIRST])
    if waits[-1] <= max(TIMES * usual, _PADDING_NS):
        return None
    return f"reply {len(waits)} took {waits[-1] / 1e9:.1f} s, the first ones {usual / 1e9:.2f} s"
