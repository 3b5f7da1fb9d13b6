"""How each program makes a fee histogram: the table that everything else here goes by.

From the programs' sources (field reference §4.1). A feerate's key, the measure of a transaction's size, the rule by
which keys are gathered into bins, and what becomes of the cheapest transactions, all differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntFlag
from types import MappingProxyType

from electrum_observatory.datasets.watch.answers import LabelForm


class Algorithm(IntFlag):
    """A way in which some program makes histograms; sets of them are sums."""

    ELECTRUMX_1_15 = 1
    ELECTRUMX_1_16 = 2
    ELECTRUMX_1_19 = 4
    ELECTRUMX_1_20 = 8
    FULCRUM_1_9_1 = 16
    FULCRUM_1_9_7 = 32
    FULCRUM_1_9_8 = 64
    ROMANZ = 128
    ESPLORA_SINGLE = 256
    ESPLORA_DOUBLE = 512
    EPS = 1024
    BWT = 2048


class Cut(Enum):
    """How keys, from the highest feerate down, become bins.

    Attributes:
        CARRIED: A bin ends when it is larger than the threshold, what earlier bins had too much counted in.
        LUMPS: A bin ends when it is larger than the threshold, or before a key of more than twice the threshold.
        POWERS: Fixed bins between powers of two, labelled with the upper end less one.
        FIFTY: A bin ends when it is larger than 50,000 and the feerate changes.

    The thresholds of CARRIED and LUMPS grow by a tenth with each bin.
    """

    CARRIED = "carried"
    LUMPS = "lumps"
    POWERS = "powers"
    FIFTY = "fifty"


class Measure(Enum):
    """What a size is a size of: virtual bytes, serialised bytes (witness at full weight), or one of the two."""

    VIRTUAL = "virtual"
    SERIALISED = "serialised"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """How wrong a program's virtual sizes are: never above the true ones, so that its feerates are never below.

    Attributes:
        size: Most of true size over told size.
        rate: Most of told feerate over true feerate.
    """

    size: float = 1.0
    rate: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One algorithm.

    Attributes:
        program: Whose.
        versions: Which of its versions, for people.
        forms: Forms that its feerates may have.
        spaced: Whether its JSON has blanks between members; None where both occur.
        cut: How it makes bins.
        first_bin: First threshold; 0 for POWERS.
        whole: Whether the cheapest transactions are told, too; otherwise what fills no bin is dropped.
        below_one: Whether it tells feerates below 1 sat/vB apart.
        measure: What its sizes are.
        bias: Of its virtual sizes; None where feerates are per serialised byte, too, so that another share of the
            transactions pays them.
    """

    program: str
    versions: str
    forms: LabelForm
    spaced: bool | None
    cut: Cut
    first_bin: float
    whole: bool
    below_one: bool
    measure: Measure
    bias: Bias | None


_TENTHS = LabelForm.WHOLE | LabelForm.TENTH
_EXACT = _TENTHS | LabelForm.SHORT | LabelForm.SINGLE
_SMALL, _LARGE, _FIFTY = 30_000.0, 100_000.0, 50_000.0

_LEAST_VSIZE = 61
"""Of a transaction with witness: one input and one output without scripts weigh 4 x 60; marker, flag, and one empty
item with its count, 4 more."""

_LACKS_24_UNITS = Bias(size=(_LEAST_VSIZE + 1) / (_LEAST_VSIZE - 6), rate=(_LEAST_VSIZE + 1) / (_LEAST_VSIZE - 6))
"""ElectrumX to 1.19 left version and lock time out of the tripled part of the weight, and rounded down: of weight 4k to
4k + 3 it counts k - 6 vB for k or k + 1, and divides the fee by them. It errs most over the smallest transaction; usual
ones are told 2 to 7 % too small."""

_ROUNDED_DOWN = Bias(size=1.003)
"""floor(weight / 4) loses 3/8 vB of a transaction on average; few pay so near to an edge that they cross it."""

_NONE = Bias()


def _electrumx(versions: str, *, spaced: bool | None, first_bin: float, bias: Bias) -> Rule:
    return Rule(
        program="ElectrumX",
        versions=versions,
        forms=_TENTHS,
        spaced=spaced,
        cut=Cut.LUMPS,
        first_bin=first_bin,
        whole=False,
        below_one=True,
        measure=Measure.VIRTUAL,
        bias=bias,
    )


def _fulcrum(versions: str, *, cut: Cut, first_bin: float, measure: Measure, bias: Bias | None = None) -> Rule:
    return Rule(
        program="Fulcrum",
        versions=versions,
        forms=LabelForm.INTEGER,
        spaced=False,
        cut=cut,
        first_bin=first_bin,
        whole=False,
        below_one=False,
        measure=measure,
        bias=bias,
    )


def _fifty(program: str, versions: str, *, forms: LabelForm, bias: Bias) -> Rule:
    return Rule(
        program=program,
        versions=versions,
        forms=forms,
        spaced=False,
        cut=Cut.FIFTY,
        first_bin=_FIFTY,
        whole=True,
        below_one=True,
        measure=Measure.VIRTUAL,
        bias=bias,
    )


def _large_carried(program: str, versions: str, *, forms: LabelForm, bias: Bias) -> Rule:
    return Rule(
        program=program,
        versions=versions,
        forms=forms,
        spaced=True,
        cut=Cut.CARRIED,
        first_bin=_LARGE,
        whole=False,
        below_one=False,
        measure=Measure.VIRTUAL,
        bias=bias,
    )


RULES: Mapping[Algorithm, Rule] = MappingProxyType(
    {
        Algorithm.ELECTRUMX_1_15: _large_carried("ElectrumX", "≤1.15", forms=LabelForm.INTEGER, bias=_LACKS_24_UNITS),
        Algorithm.ELECTRUMX_1_16: _electrumx("1.16", spaced=None, first_bin=_LARGE, bias=_LACKS_24_UNITS),
        Algorithm.ELECTRUMX_1_19: _electrumx("1.16–1.19", spaced=False, first_bin=_SMALL, bias=_LACKS_24_UNITS),
        Algorithm.ELECTRUMX_1_20: _electrumx("≥1.20", spaced=False, first_bin=_SMALL, bias=_NONE),
        Algorithm.FULCRUM_1_9_1: _fulcrum("≤1.9.1", cut=Cut.CARRIED, first_bin=_LARGE, measure=Measure.SERIALISED),
        Algorithm.FULCRUM_1_9_7: _fulcrum("1.9.2–1.9.7", cut=Cut.LUMPS, first_bin=_SMALL, measure=Measure.SERIALISED),
        Algorithm.FULCRUM_1_9_8: _fulcrum(
            "≥1.9.8", cut=Cut.LUMPS, first_bin=_SMALL, measure=Measure.VIRTUAL, bias=_ROUNDED_DOWN
        ),
        Algorithm.ROMANZ: Rule(
            program="electrs (romanz)",
            versions="≥0.9",
            forms=LabelForm.INTEGER,
            spaced=False,
            cut=Cut.POWERS,
            first_bin=0.0,
            whole=True,
            below_one=False,
            measure=Measure.VIRTUAL,
            bias=_NONE,
        ),
        Algorithm.ESPLORA_SINGLE: _fifty("electrs (esplora)", "before 2025", forms=_EXACT, bias=_ROUNDED_DOWN),
        Algorithm.ESPLORA_DOUBLE: _fifty("electrs (esplora)", "2025 on", forms=_EXACT | LabelForm.LONG, bias=_NONE),
        Algorithm.EPS: _large_carried("EPS", "all", forms=LabelForm.WHOLE, bias=_NONE),
        Algorithm.BWT: _fifty("bwt", "all", forms=_EXACT, bias=_NONE),
    }
)

EVERY = Algorithm(sum(Algorithm))
"""What an empty histogram is consistent with."""

GROWTH = 1.1
"""By which factor the threshold of a bin exceeds the one before it."""


def name_of(algorithms: Algorithm) -> str:
    """Return a name for a set: programs with their versions, ``ElectrumX 1.16–1.19, ≥1.20``."""
    if not algorithms:
        return "several programs"
    if algorithms == EVERY:
        return "no bins seen"
    by_program: dict[str, list[str]] = {}
    for algorithm in algorithms:
        rule = RULES[algorithm]
        by_program.setdefault(rule.program, []).append(rule.versions)
    return " or ".join(f"{program} {', '.join(versions)}" for program, versions in by_program.items())
