"""What a dialogue shows: its observations, and the few facts that only count together with other dialogues."""

from collections.abc import Iterable
from dataclasses import dataclass

from electrum_observatory.analysis.builds.aspects.fees import fees
from electrum_observatory.analysis.builds.aspects.handshake import handshake
from electrum_observatory.analysis.builds.aspects.methods import methods
from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.questions import answers
from electrum_observatory.analysis.builds.aspects.results import results
from electrum_observatory.analysis.builds.aspects.wire import unpadded_lines, wire
from electrum_observatory.analysis.builds.names import SelfName, self_names
from electrum_observatory.analysis.builds.turns import Conversation, read_turns
from electrum_observatory.model.dialogue import Dialogue

_LONGEST = 200
"""Characters kept of a value: longer than any text that a rule knows, and a bound for what strangers make us keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one dialogue shows.

    Attributes:
        observations: Each aspect and value once, with the first exchange that shows it.
        names: What the server calls itself.
        unpadded: Exchange of each line without padding where a server could have padded.
        genesis: Hash of the first block as the server tells it; None where it does not.
    """

    observations: tuple[Observation, ...]
    names: tuple[SelfName, ...]
    unpadded: tuple[str, ...]
    genesis: str | None


def observe(conversation: Conversation) -> tuple[Observation, ...]:
    """Read every aspect off a conversation, as often as it shows."""
    turns = conversation.turns
    return (
        *wire(conversation),
        *handshake(conversation),
        *answers(turns),
        *methods(turns),
        *results(turns),
        *fees(turns),
    )


def read_dialogue(dialogue: Dialogue) -> Evidence:
    """Read everything off a dialogue; what is returned is small and holds nothing of its bytes."""
    conversation = read_turns(dialogue)
    return evidence_of(conversation, observe(conversation))


def evidence_of(conversation: Conversation, observed: Iterable[Observation]) -> Evidence:
    """Do the same from what was read before."""
    seen: dict[tuple[str, str], Observation] = {}
    for found in observed:
        short = found if len(found.value) <= _LONGEST else found._replace(value=found.value[:_LONGEST])
        seen.setdefault((short.aspect, short.value), short)
    return Evidence(
        observations=tuple(seen.values()),
        names=tuple(self_names(conversation.turns)),
        unpadded=unpadded_lines(conversation),
        genesis=_genesis(conversation),
    )


def _genesis(conversation: Conversation) -> str | None:
    for turn in conversation.turns:
        if turn.request.method == "server.features" and turn.reply is not None and isinstance(turn.reply.value, dict):
            features = turn.reply.value.get("result")
            genesis = features.get("genesis_hash") if isinstance(features, dict) else None
            if isinstance(genesis, str):
                return genesis
    return None
