"""Histories of scripts, compared among servers: what one leaves out, and whether it provably exists.

An omission is proven where the reference names the entry, or where somebody proved the transaction's place in the chain
and its bytes pay the script, or most backends list it. A mere difference from the majority is called that. Limits and
errors omit nothing; a server that knows no script at all is a personal one, most likely.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of, majority
from electrum_observatory.analysis.truth.consistency import SHORT
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS
from electrum_observatory.analysis.truth.proofs import Placed, transaction_of
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.analysis.truth.scripts import Entry, ScriptAnswers
from electrum_observatory.bitcoin.reference import ChainReference


def judge_histories(
    scripts: Sequence[ScriptAnswers],
    *,
    tips: Mapping[str, int],
    reference: ChainReference,
    backends: Backends,
    placed: Iterable[Placed] = (),
    answers: Iterable[Answer] = (),
) -> tuple[Finding, ...]:
    """Judge the histories of all servers.

    Args:
        scripts: What all servers answered.
        tips: Server to its newest height; a history is judged up to some blocks below it.
        reference: What is known beforehand.
        backends: Who shares a vote.
        placed: Transactions whose place was proven, by whomever.
        answers: All answers; transactions among them show which scripts they pay.
    """
    given = [script for script in scripts if script.history is not None and script.server in tips]
    expected = _Expected(given, tips, reference, backends, placed, answers)
    personal = _personal(given, expected)
    findings = [
        found
        for script in given
        if script.server not in personal
        for found in _judge(script, tips[script.server] - SETTLED_BLOCKS, expected)
    ]
    for server in sorted(personal):
        quotes = [quote for script in given if script.server == server for quote in script.quote("get_history")]
        words = f"it knows none of {len(quotes)} scripts that others have histories of"
        findings.append(finding("history_knows_nothing", server, words, quotes))
    return tuple(findings)


class _Expected:
    """What each history must contain, and how surely."""

    def __init__(
        self,
        scripts: Sequence[ScriptAnswers],
        tips: Mapping[str, int],
        reference: ChainReference,
        backends: Backends,
        placed: Iterable[Placed],
        answers: Iterable[Answer],
    ) -> None:
        self._known = {script.scripthash: script for script in reference.frozen_scripts}
        self._proofs = {(one.txid, one.height): one.answer.quote for one in placed}
        self._pays = _payments(answers)
        by_script: dict[str, list[ScriptAnswers]] = {}
        self.longest = longest_histories(scripts, backends)
        knows = {script.server for script in scripts if script.history}
        for script in scripts:
            by_script.setdefault(script.scripthash, [])
            if script.history or (script.server in knows and self.longest[script.scripthash] <= SHORT):
                by_script[script.scripthash].append(script)  # who knows no script at all, or has a limit, lacks nothing
        self._votes = {key: _votes(records, tips, backends) for key, records in by_script.items()}
        self._entries: dict[str, Mapping[Entry, tuple[bool, tuple[Quote, ...]]]] = {}

    def entries(self, scripthash: str) -> Mapping[Entry, tuple[bool, tuple[Quote, ...]]]:
        """Return entry to (whether it surely belongs to the script, who proves it)."""
        if scripthash not in self._entries:
            self._entries[scripthash] = self._gathered(scripthash)
        return self._entries[scripthash]

    def _gathered(self, scripthash: str) -> Mapping[Entry, tuple[bool, tuple[Quote, ...]]]:
        found: dict[Entry, tuple[bool, tuple[Quote, ...]]] = {}
        for entry, quote in self._votes[scripthash].listed.items():
            proof = self._proofs.get((entry.txid, entry.height))
            found[entry] = (proof is not None, (quote,) if proof is None else (proof, quote))
        for (txid, height), proof in self._proofs.items():
            if scripthash in self._pays.get(txid, ()):
                found[Entry(txid=txid, height=height)] = (True, (proof,))
        known = self._known.get(scripthash)
        for txid, height in known.history if known is not None else ():
            entry = Entry(txid=txid, height=height)
            found[entry] = (True, found.get(entry, (True, ()))[1])
        return found

    def foreign(self, scripthash: str, entry: Entry) -> bool:
        """Whether an entry that nothing proves does not belong: most lack it, or the history is known to be whole."""
        known, votes = self._known.get(scripthash), self._votes[scripthash]
        return entry in votes.lacked or (votes.short and entry not in votes.seen) or (known is not None and known.final)


def longest_histories(scripts: Iterable[ScriptAnswers], backends: Backends) -> Mapping[str, int]:
    """Return scripthash to the length of history that two backends gave for it, or the only one did.

    One alone could make every empty answer of others look like a limit; nor can a few, where most gave a short history.
    """
    lengths: dict[str, dict[str, int]] = {}
    for script in scripts:
        if script.history is not None:
            of_script, backend = lengths.setdefault(script.scripthash, {}), backend_of(script.server, backends)
            of_script[backend] = max(of_script.get(backend, 0), len(script.history))
    return {key: sorted(_comparable(of_script.values()))[-2:][0] for key, of_script in lengths.items()}


def _comparable(lengths: Collection[int]) -> Collection[int]:
    """Return the short ones where most are, of those that are not nothing; all elsewhere."""
    some = [length for length in lengths if length]
    short = [length for length in some if length <= SHORT]
    return short if len(short) >= FEWEST and 2 * len(short) > len(some) else lengths


def _judge(script: ScriptAnswers, up_to: int, expected: _Expected) -> Iterator[Finding]:
    given = frozenset(script.history or ())
    if not given and expected.longest[script.scripthash] > SHORT:
        return  # beyond a limit some programs answer with an empty list
    wanted = expected.entries(script.scripthash)
    for entry, (proven, quotes) in wanted.items():
        if entry.height <= up_to and entry not in given:
            words = f"its history of {script.scripthash} lacks {entry.txid} of block {entry.height}"
            identity = "history_omits" if proven else "history_differs"
            yield finding(identity, script.server, words, [*script.quote("get_history"), *quotes])
    strange = [
        entry
        for entry in given - wanted.keys()
        if 0 < entry.height <= up_to and expected.foreign(script.scripthash, entry)
    ]
    if strange:
        first = min(strange, key=lambda one: (one.height, one.txid))
        words = (
            f"its history of {script.scripthash} has {len(strange)} entries that most others lack, the first "
            f"{first.txid!r} at {first.height}"
        )
        yield finding("history_differs", script.server, words, script.quote("get_history"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Votes:
    """What backends say of one script.

    Attributes:
        listed: Entries that most list, each with the reply of one who does.
        lacked: Entries that somebody lists and most lack.
        seen: Every entry of a history that is short enough to be compared.
        short: Whether most gave such a history.
    """

    listed: Mapping[Entry, Quote]
    lacked: frozenset[Entry]
    seen: frozenset[Entry]
    short: bool


def _votes(records: Sequence[ScriptAnswers], tips: Mapping[str, int], backends: Backends) -> _Votes:
    """Count votes on every entry of the short histories; limits make long ones incomparable.

    About an entry only those vote whose tip is far enough above it.
    """
    alike: dict[frozenset[Entry], list[ScriptAnswers]] = {}
    for record in records:
        alike.setdefault(frozenset(record.history or ()), []).append(record)
    short: dict[bool, set[str]] = {True: set(), False: set()}
    for entries, given in alike.items():
        if entries:  # nothing at all may be a limit
            short[len(entries) <= SHORT].update(record.server for record in given)
    seen = {entry for entries in alike if len(entries) <= SHORT for entry in entries if entry.height > 0}
    listed: dict[Entry, Quote] = {}
    lacked: set[Entry] = set()
    counted: dict[tuple[frozenset[str], frozenset[str]], bool | None] = {}
    for entry in sorted(seen, key=lambda one: (one.height, one.txid)):
        said = _said(entry, alike, tips)
        key = said[True], said[False]
        if key not in counted:
            counted[key] = majority(said, backends)
        if counted[key] is False:
            lacked.add(entry)
        elif counted[key]:
            listed[entry] = _quote_of(min(said[True]), entry, alike)
    return _Votes(
        listed=listed, lacked=frozenset(lacked), seen=frozenset(seen), short=majority(short, backends) is True
    )


def _said(
    entry: Entry, alike: Mapping[frozenset[Entry], Sequence[ScriptAnswers]], tips: Mapping[str, int]
) -> Mapping[bool, frozenset[str]]:
    """Return who lists an entry and who lacks it, of those whose tip is far enough above it."""
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for entries, given in alike.items():
        said[entry in entries].update(
            record.server for record in given if tips[record.server] - SETTLED_BLOCKS >= entry.height
        )
    return {whether: frozenset(servers) for whether, servers in said.items()}


def _quote_of(server: str, entry: Entry, alike: Mapping[frozenset[Entry], Sequence[ScriptAnswers]]) -> Quote:
    """Return the reply of a server in which it lists an entry."""
    return next(
        quote
        for entries, given in alike.items()
        if entry in entries
        for record in given
        if record.server == server
        for quote in record.quote("get_history")
    )


def _payments(answers: Iterable[Answer]) -> dict[str, frozenset[str]]:
    """Return transaction id to the scripthashes that it pays, of all transactions that were given."""
    parsed = [found for answer in answers if (found := transaction_of(answer)) is not None]
    return {one.txid: frozenset(one.pays) for one in parsed}


def _personal(scripts: Sequence[ScriptAnswers], expected: _Expected) -> frozenset[str]:
    """Return the servers that have nothing on any of several scripts which have a history elsewhere."""
    known: dict[str, list[bool]] = {}
    for script in scripts:
        if expected.entries(script.scripthash):
            known.setdefault(script.server, []).append(bool(script.history))
    return frozenset(server for server, any_history in known.items() if len(any_history) > 1 and not any(any_history))
