"""Refuses questions about Taproot scripts as if too much had been asked, and answers all others."""

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Question, Visit
from electrum_observatory.lab.mutators.handwriting import refusal
from electrum_observatory.lab.mutators.ledgers import address_type
from electrum_observatory.model.observation import Json

EXCESSIVE = -101, "excessive resource usage"
"""ElectrumX's words for a client that has cost too much (``server/session.py``)."""
_PREFIX = "blockchain.scripthash."


class RateLimitTaproot(Mutator):
    """A script is known to be Taproot once an output of the chain pays to it."""

    def answer(self, question: Question, reply: dict[str, Json], visit: Visit) -> dict[str, Json]:  # noqa: ARG002
        """Refuse in place of answering, where the script was chosen."""
        if not question.method.startswith(_PREFIX) or not question.params or reply.get("error") is not None:
            return reply
        script = str(question.params[0])
        place = self.place
        ledger = place.state(question.at).node.ledger
        if not place.hits("script", script) or address_type(ledger, script) != "p2tr":
            return reply
        return refusal(reply, *EXCESSIVE)


KIND = MutatorKind(
    id="rate_limit_taproot",
    summary="Refuses questions about Taproot scripts with ElectrumX's words for excessive use.",
    dose_is="Share of the Taproot scripts.",
    make=RateLimitTaproot,
)
