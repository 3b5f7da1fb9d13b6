"""What scripts a question is about: those that the chain's reference names, or else published test vectors."""

from collections.abc import Sequence

from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES
from electrum_observatory.scanner.behaviour import Step, Subject, ask

MOST_SCRIPTS = 6
"""One of each address kind, and a bare key."""

UNUSED_SCRIPTHASH = "5eed" * 16
"""A script that nobody has, as far as anybody can know: the number was chosen, and no script has been found for it."""

NO_TRANSACTION = "00" * 32


def known_scripts(subject: Subject) -> Sequence[tuple[str, str]]:
    """Return name and scripthash of a few scripts, no two of one address kind."""
    frozen = () if subject.reference is None else subject.reference.frozen_scripts
    by_kind = {one.kind: one for one in reversed(frozen)}
    first = [one for one in frozen if by_kind[one.kind] is one]
    if not first:
        return [(one.kind.value, one.scripthash) for one in PUBLISHED_ADDRESSES]
    return [(one.kind.value if one.kind else "bare", one.scripthash) for one in first[:MOST_SCRIPTS]]


def about_each_script(first_id: int, method: str, scripts: Sequence[tuple[str, str]]) -> Sequence[Step]:
    """Return one request for each script."""
    return [ask(first_id + place, method, one, name=name) for place, (name, one) in enumerate(scripts)]
