"""Whether answers hold, as a page or a screen shows it: alike findings and alike endpoints together, bytes as text.

Machines count once: one is held to be unusual where any of its endpoints is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.machines import Machine
from electrum_observatory.analysis.truth.areas import Area, Standing, strength
from electrum_observatory.analysis.truth.finding import Severity
from electrum_observatory.analysis.truth.stored import EndpointTruth, Found, Shown
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.report.truth_words import AREAS, heard_words, standing_words, visits_needed

_MOST_WORDS = 4
_MOST_QUOTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """Bytes that a server sent.

    Attributes:
        witness_id: Which reply it is.
        server: Whose, where it is not the subject's; None where it is.
        text: The reply as text; what is not UTF-8 is spelled with backslashes.
    """

    witness_id: str
    server: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """All findings of one sort about one endpoint.

    Attributes:
        finding: Id of the sort, explained in docs/truth.md.
        severity: How strong it is.
        words: What does not fit, the first few.
        more: How many further ones there are.
        visits: In how many visits it showed.
        innocent: What would explain it without any intent.
        quotes: The first few of the replies that show it.
        more_quotes: How many further replies there are.
    """

    finding: str
    severity: Severity
    words: tuple[str, ...]
    more: int
    visits: int
    innocent: str
    quotes: tuple[QuoteView, ...]
    more_quotes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthView:
    """What the page of a machine says of the answers of one or several of its endpoints.

    Attributes:
        ports: ``tcp 50001`` and the like: the endpoints that it is about.
        areas: What was judged: its words, how much was heard, how it stands, and how many visits are wanting.
        findings: What does not fit.
        unjudged: Why something could not be judged, in words.
    """

    ports: tuple[str, ...]
    areas: tuple[tuple[str, str, str, str | None], ...]
    findings: tuple[FindingView, ...]
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCount:
    """How many machines stand how in one area; each is in one of the three.

    Attributes:
        words: The area.
        held: Machines whose answers were judged, and nothing did not fit.
        unusual: Machines of which something did not fit, however strong.
        insufficient: Machines of which too little was heard.
    """

    words: str
    held: int
    unusual: int
    insufficient: int

    @property
    def judged(self) -> int:
        """Machines of which enough was heard."""
        return self.held + self.unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A machine of which something did not fit.

    Attributes:
        machine_id: Whose page shows it.
        areas: What was asked about, in words.
        severity: The strongest of its findings.
    """

    machine_id: str
    areas: tuple[str, ...]
    severity: Severity


def misfits(machines: Iterable[Machine], truths: Mapping[str, EndpointTruth]) -> tuple[Misfit, ...]:
    """Return the machines of which something did not fit, the strongest finding first."""
    found = []
    for machine in machines:
        strongest: dict[Area, Severity] = {}
        for standing in _standings(machine, truths):
            if standing.severity is not None and not standing.insufficient:
                known = strongest.get(standing.area, standing.severity)
                strongest[standing.area] = max(known, standing.severity, key=strength)
        if strongest:
            areas = tuple(words for area, words in AREAS.items() if area in strongest)
            severity = max(strongest.values(), key=strength)
            found.append(Misfit(machine_id=machine.machine_id, areas=areas, severity=severity))
    return tuple(sorted(found, key=lambda one: -strength(one.severity)))


def truth_views(rows: Sequence[ServerRow], truths: Mapping[str, EndpointTruth]) -> tuple[TruthView, ...]:
    """Return how the answers of these endpoints stand; endpoints of which the same is to be said stand together."""
    together: dict[tuple[object, ...], tuple[EndpointTruth, list[str]]] = {}
    for row in rows:
        truth = truths.get(row.endpoint_id)
        if truth is not None and truth.standings:
            _, ports = together.setdefault(_said(truth), (truth, []))
            ports.append(f"{row.transport} {row.port}")
    return tuple(_view(truth, tuple(dict.fromkeys(ports))) for truth, ports in together.values())


def findings_of(truth: EndpointTruth) -> tuple[FindingView, ...]:
    """Return what does not fit at an endpoint, the strongest first."""
    sorts: dict[str, list[Found]] = {}
    for one in sorted(truth.found, key=lambda one: -strength(one.finding.severity)):
        if one.finding.severity is not Severity.INSUFFICIENT:
            sorts.setdefault(one.finding.id, []).append(one)
    return tuple(_finding_view(sort) for sort in sorts.values())


def area_counts(machines: Iterable[Machine], truths: Mapping[str, EndpointTruth]) -> tuple[AreaCount, ...]:
    """Count machines by how they stand in each area; an area that nobody was asked about is left out."""
    counts: dict[Area, Counter[str]] = {}
    for machine in machines:
        stand: dict[Area, list[Standing]] = {}
        for standing in _standings(machine, truths):
            stand.setdefault(standing.area, []).append(standing)
        for area, of_area in stand.items():
            counts.setdefault(area, Counter())[_of_machine(of_area)] += 1
    return tuple(
        AreaCount(words=AREAS[area], held=count["held"], unusual=count["unusual"], insufficient=count["insufficient"])
        for area in Area
        if (count := counts.get(area)) is not None
    )


def _standings(machine: Machine, truths: Mapping[str, EndpointTruth]) -> Iterator[Standing]:
    for row in machine.endpoints:
        if (truth := truths.get(row.endpoint_id)) is not None:
            yield from truth.standings


def _of_machine(standings: Sequence[Standing]) -> str:
    if any(not one.held and not one.insufficient for one in standings):
        return "unusual"
    return "held" if any(one.held for one in standings) else "insufficient"


def _said(truth: EndpointTruth) -> tuple[object, ...]:
    """Return what a page would say, without whose bytes show it."""
    return (truth.standings, *((one.finding.id, one.finding.words, len(one.visits)) for one in truth.found))


def _view(truth: EndpointTruth, ports: tuple[str, ...]) -> TruthView:
    unjudged = (one.finding for one in truth.found if one.finding.severity is Severity.INSUFFICIENT)
    return TruthView(
        ports=ports,
        areas=tuple(
            (AREAS[one.area], heard_words(one), standing_words(one), visits_needed(one)) for one in truth.standings
        ),
        findings=findings_of(truth),
        unjudged=tuple(dict.fromkeys(f"{one.words} ({one.innocent})" for one in unjudged)),
    )


def _finding_view(sort: Sequence[Found]) -> FindingView:
    finding = sort[0].finding
    quotes = list(dict.fromkeys(_quote_view(shown, finding.subject) for one in sort for shown in one.witnesses))
    return FindingView(
        finding=finding.id,
        severity=finding.severity,
        words=tuple(one.finding.words for one in sort[:_MOST_WORDS]),
        more=max(0, len(sort) - _MOST_WORDS),
        visits=len({visit for one in sort for visit in one.visits}),
        innocent=finding.innocent,
        quotes=tuple(quotes[:_MOST_QUOTES]),
        more_quotes=max(0, len(quotes) - _MOST_QUOTES),
    )


def _quote_view(shown: Shown, subject: str) -> QuoteView:
    quote = shown.quote
    return QuoteView(
        witness_id=shown.witness_id,
        server=None if quote.server == subject else quote.server,
        text=quote.line.decode("utf-8", "backslashreplace").rstrip(),
    )
