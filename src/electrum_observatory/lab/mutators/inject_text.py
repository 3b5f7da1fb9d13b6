"""Puts words of its own into what wallets show to people: error messages and the banner.

Electrum's phishing of December 2018 worked so: malicious servers answered broadcasts with "update your wallet".
"""

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Question, Visit
from electrum_observatory.model.observation import Json

DEFAULT_TEXT = "<b>Your wallet is out of date.</b> Get the new one at https://wallet-update.example/"


class InjectText(Mutator):
    """Appends its words to error messages and banner."""

    def answer(self, question: Question, reply: dict[str, Json], visit: Visit) -> dict[str, Json]:  # noqa: ARG002
        """Append the words where this question was chosen."""
        words = f" {self.place.text or DEFAULT_TEXT}"
        error, result = reply.get("error"), reply.get("result")
        if not self.place.hits("text", question.key):
            return reply
        if isinstance(error, str):
            return {**reply, "error": error + words}
        if isinstance(error, dict) and isinstance(error.get("message"), str):
            return {**reply, "error": {**error, "message": error["message"] + words}}
        if question.method == "server.banner" and isinstance(result, str):
            return {**reply, "result": result + words}
        return reply


KIND = MutatorKind(
    id="inject_text",
    summary="Appends words with markup and an address to error messages and banner (`text` replaces them).",
    dose_is="Share of the questions whose error message is altered; the banner counts as one.",
    make=InjectText,
)
