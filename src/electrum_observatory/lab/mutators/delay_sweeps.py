"""Takes its time over whoever asks for many scripts at once, as somebody does who opens a whole wallet."""

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Question, Visit

WINDOW_S = 10.0
SCRIPTS = 8
LONGEST_DELAY_S = 10.0
_PREFIX = "blockchain.scripthash."


class DelaySweeps(Mutator):
    """From the ninth different script within ten seconds on, every question about one waits."""

    def delay_s(self, question: Question, visit: Visit) -> float:
        """Return the delay of a question that looks like part of a sweep."""
        if not question.method.startswith(_PREFIX):
            return 0.0
        recent = {str(one.params) for one in _recent(visit, question.at) if one.method.startswith(_PREFIX)}
        return LONGEST_DELAY_S * self.place.dose if len(recent) > SCRIPTS else 0.0


def _recent(visit: Visit, at: float) -> list[Question]:
    return [question for question in visit.questions if question.at > at - WINDOW_S]


KIND = MutatorKind(
    id="delay_sweeps",
    summary="Delays questions about scripts, once more than eight different ones came within ten seconds.",
    dose_is="Delay of each such answer, in units of ten seconds.",
    make=DelaySweeps,
)
