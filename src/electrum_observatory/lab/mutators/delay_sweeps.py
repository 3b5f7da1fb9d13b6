"""Takes its time over whoever asks for many scripts at once, as somebody does who opens a whole wallet."""

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Question, Visit

WINDOW_S = 10.0
SCRIPTS = 8
LONGEST_DELAY_S = 10.0
_PREFIX = "blockchain.scripthash."
_MARK = "sweep"


class DelaySweeps(Mutator):
    """From the ninth different script within ten seconds on, every question about one waits."""

    def delay_s(self, question: Question, visit: Visit) -> float:
        """Return the delay of a question about a script, once the connection looks like a sweep."""
        if not question.method.startswith(_PREFIX):
            return 0.0
        if _MARK not in visit.marks and _recent_scripts(visit, question.at) > SCRIPTS:
            visit.marks.add(_MARK)
        return LONGEST_DELAY_S * self.place.dose if _MARK in visit.marks else 0.0


def _recent_scripts(visit: Visit, at: float) -> int:
    recent = (one for one in visit.questions if one.at > at - WINDOW_S and one.method.startswith(_PREFIX))
    return len({str(one.params) for one in recent})


KIND = MutatorKind(
    id="delay_sweeps",
    summary="Delays questions about scripts, once a connection asked for more than eight within ten seconds.",
    dose_is="Delay of each such answer, in units of ten seconds.",
    make=DelaySweeps,
)
