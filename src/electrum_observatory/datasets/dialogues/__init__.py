"""From stored facts back to conversations: what each server was sent, and what it said, as :class:`Dialogue`.

Observations keep the bytes of every reply as witnesses; what was sent follows from the probe (``routine``), is recorded
beside them (``behaviour``), or is what a known crawl sent (``crawl``). Whatever was not recorded stays unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from electrum_observatory.datasets.dialogues.behaviour import behaviour_dialogues, is_behaviour, without_arms
from electrum_observatory.datasets.dialogues.crawl import crawl_dialogues, is_of_crawl
from electrum_observatory.datasets.dialogues.replies import lone_replies
from electrum_observatory.datasets.dialogues.routine import routine_dialogues
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation


def client_name_of(campaign: Campaign) -> str:
    """Return what we called ourselves in a campaign of ours."""
    name = campaign.config.get("client_name")
    return name if isinstance(name, str) else default_client_name(campaign.tool_version)


def default_client_name(tool_version: str) -> str:
    """Return what a version of ours calls itself where nobody told it otherwise."""
    return f"electrum-observatory/{tool_version}"


def dialogues_by_endpoint(
    observations: Iterable[Observation], *, client_name: str
) -> Mapping[Endpoint, tuple[Dialogue, ...]]:
    """Return the conversations with each endpoint, ordered by canonical text; endpoints that said nothing are absent.

    Args:
        observations: Of one campaign, with their witnesses, in the order they were recorded.
        client_name: What we called ourselves.
    """
    of_endpoint: dict[Endpoint, list[Observation]] = {}
    for observation in observations:
        of_endpoint.setdefault(observation.endpoint, []).append(observation)
    found = {
        endpoint: dialogues_of(of_endpoint[endpoint], client_name=client_name)
        for endpoint in sorted(of_endpoint, key=lambda one: one.canonical)
    }
    return {endpoint: dialogues for endpoint, dialogues in found.items() if dialogues}


def dialogues_of(observations: Sequence[Observation], *, client_name: str) -> tuple[Dialogue, ...]:
    """Return the conversations with one endpoint in one campaign; routine first, then the visits of behaviour."""
    observations = without_arms(observations)
    behaviour = [one for one in observations if is_behaviour(one)]
    routine = [one for one in observations if not is_behaviour(one)]
    found: list[Dialogue] = []
    for asked in _rounds(routine):
        if is_of_crawl(asked):
            found += crawl_dialogues(asked)
        else:
            found += [*routine_dialogues(asked, client_name), *lone_replies(asked)]
    return (*found, *behaviour_dialogues(behaviour))


def _rounds(observations: Sequence[Observation]) -> Iterator[Mapping[str, Observation]]:
    """Part what was asked several times: a probe that comes again begins the next round."""
    asked: dict[str, Observation] = {}
    for observation in observations:
        if observation.probe in asked:
            yield asked
            asked = {}
        asked[observation.probe] = observation
    if asked:
        yield asked
