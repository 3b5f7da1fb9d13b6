"""From stored campaigns to how each server treats the ways of asking: who said what in which arm, and beside whom.

Servers are asked each in their own time, so an answer is held against what others said to the same question nearest to
it. Where there are too few others, a fee is held against the lowest that the server itself told in that round, and
everything else only against having been answered. Whatever it is held against, chance decided which arm came when, so
that under equal treatment no arm fares better than another.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.analysis.behaviour import StoredCampaigns
from electrum_observatory.analysis.differential import Arm, Pair
from electrum_observatory.analysis.treatment import (
    IN_TIME_MS,
    USUAL_KIND,
    WALLET,
    Told,
    Usual,
    told_in,
    usual_of,
)
from electrum_observatory.analysis.treatment_tables import Treated, treated
from electrum_observatory.datasets import fields
from electrum_observatory.datasets.dialogues.behaviour import TREATMENT, behaviour_dialogues, is_behaviour
from electrum_observatory.model.dialogue import Exchange
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation

NEAREST_US = 3_600_000_000
"""How far in time another server's answer may lie from the one that is held against it."""

FEWEST_OTHERS = 2
"""Servers on other machines that must have been asked before their word is held against anybody."""

_HANDSHAKE = f"{TREATMENT}.server.version"
_HISTORY = "history."
_USUAL = _HISTORY + USUAL_KIND
_PUT = tuple(f"{TREATMENT}.{what}" for what in ("fee.", _HISTORY, "blockchain.scripthash."))
_QUESTIONS = ("fee.", _HISTORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTreatment:
    """How one endpoint treats the ways of asking.

    Attributes:
        endpoint_id: Whose.
        others: How many servers on other machines its answers were held against.
        treated: What the pairs show.
    """

    endpoint_id: str
    others: int
    treated: Treated


NOBODY_ASKED: Mapping[str, EndpointTreatment] = MappingProxyType({})
"""Of a campaign that did not ask in arms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """One connection whose handshake was accepted; questions that were not put are missing, None is unanswered."""

    endpoint: Endpoint
    arm: str
    batch: int
    round: int
    at_us: int
    told: Mapping[str, Told | None]


def treatment_of(reader: StoredCampaigns, campaign: str) -> Mapping[str, EndpointTreatment]:
    """Return endpoint id to its treatment, of everybody whom a campaign (id, beginning or "latest") asked in arms."""
    stored = reader.campaign(campaign).campaign
    planned = stored.config.get("treatment")
    arms: dict[Endpoint, dict[tuple[int, str], _Arm]] = defaultdict(dict)
    for one in _connections(reader, stored.campaign_id):
        arm = _read(one)
        known = arms[one.endpoint]
        if arm is not None:
            known[arm.round, arm.arm] = arm
    batches = planned if isinstance(planned, int) and planned else 1 + max(_batch_numbers(arms), default=0)
    heard = _by_question(arm for one in arms.values() for arm in one.values())
    return {
        endpoint.endpoint_id: _judged(endpoint, list(own.values()), heard, batches) for endpoint, own in arms.items()
    }


def _connections(reader: StoredCampaigns, campaign_id: str) -> Iterator[Observation]:
    """Yield what was asked in arms, replies included, host by host: most campaigns asked nobody so."""
    asked = {one.endpoint.host for one in reader.observations(campaign_id, probes=(TREATMENT,))}
    for host, keys in reader.hosts(campaign_id).items() if asked else ():
        if host in asked:
            yield from (one for one in reader.observations_of(campaign_id, keys) if one.probe == TREATMENT)


def _batch_numbers(arms: Mapping[Endpoint, Mapping[tuple[int, str], _Arm]]) -> Iterator[int]:
    return (arm.batch for one in arms.values() for arm in one.values())


_Heard = Mapping[str, Mapping[str, Sequence[tuple[int, Told]]]]
"""Question to machine to time and answer, in order of time."""


def _judged(endpoint: Endpoint, own: Sequence[_Arm], heard: _Heard, batches: int) -> EndpointTreatment:
    machine = _machine(endpoint)
    others = len({name for by_machine in heard.values() for name in by_machine} - {machine})
    rounds: dict[int, dict[str, _Arm]] = defaultdict(dict)
    for arm in own:
        rounds[arm.round][arm.arm] = arm
    first: list[Pair] = []
    second: list[Pair] = []
    for number in sorted(rounds):
        one = rounds[number]
        if WALLET in one:
            batch = first if 2 * one[WALLET].batch < batches else second
            batch += _pairs(one, heard, machine)
    return EndpointTreatment(endpoint_id=endpoint.endpoint_id, others=others, treated=treated(first, second))


def _pairs(one: Mapping[str, _Arm], heard: _Heard, machine: str) -> Iterator[Pair]:
    own = list(one.values())
    beside = {
        arm: {name: _usual(name, said.at_us, own, heard, machine) for name in said.told} for arm, said in one.items()
    }
    fits = {arm: _fits(said.told, beside[arm]) for arm, said in one.items()}
    for other in Arm:
        for question, fitting in fits.get(other.value, {}).items():
            if question in fits[WALLET]:
                yield Pair(question=question, arm=other, usual=fits[WALLET][question], other=fitting)
    answered = {name: _answered(told, beside[WALLET][name]) for name, told in one[WALLET].told.items()}
    for question, whether in answered.items():
        if question.startswith(_HISTORY) and question != _USUAL and _USUAL in answered:
            yield Pair(question=question, arm=Arm.ADDRESS_KIND, usual=answered[_USUAL], other=whether)


def _fits(said: Mapping[str, Told | None], beside: Mapping[str, Usual]) -> Mapping[str, bool]:
    return {
        name: told is not None and beside[name].fits(told) and _answered(told, beside[name])
        for name, told in said.items()
    }


def _answered(told: Told | None, usual: Usual) -> bool:
    """Whether an answer came in time and is no refusal but such as the others give; what it says is not looked at.

    Between kinds of address nothing more is compared: what one script's history lacks, the truth tests say.
    """
    if told is None or (told.after_ms is not None and told.after_ms > IN_TIME_MS):
        return False
    return not told.refused or told.text == usual.text


def _usual(question: str, at_us: int, own: Sequence[_Arm], heard: _Heard, machine: str) -> Usual:
    others = [
        told
        for name, answers in heard.get(question, {}).items()
        if name != machine and (told := _nearest(answers, at_us)) is not None
    ]
    if len(others) >= FEWEST_OTHERS:
        return usual_of(others)
    numbers = [told.number for arm in own if (told := arm.told.get(question)) is not None and told.number is not None]
    return Usual(text=None, number=min((one for one in numbers if one > 0), default=None))


def _nearest(answers: Sequence[tuple[int, Told]], at_us: int) -> Told | None:
    place = bisect(answers, at_us, key=_when)
    then_us, told = min(answers[max(0, place - 1) : place + 1], key=lambda one: abs(_when(one) - at_us))
    return told if abs(then_us - at_us) <= NEAREST_US else None


def _when(answer: tuple[int, Told]) -> int:
    return answer[0]


def _by_question(arms: Iterable[_Arm]) -> _Heard:
    heard: dict[str, dict[str, list[tuple[int, Told]]]] = defaultdict(lambda: defaultdict(list))
    for arm in sorted(arms, key=lambda one: one.at_us):
        for name, told in arm.told.items():
            if told is not None:
                heard[name][_machine(arm.endpoint)].append((arm.at_us, told))
    return heard


def _machine(endpoint: Endpoint) -> str:
    return endpoint.address or endpoint.host


def _read(observation: Observation) -> _Arm | None:
    """Read a connection; None where it did not come about, or did not get as far as the questions."""
    result = observation.attempt.result
    if result is None or not is_behaviour(observation):
        return None
    (dialogue,) = behaviour_dialogues([observation])
    told = {exchange.name: told_in(exchange) for exchange in dialogue.exchanges}
    handshake = told.get(_HANDSHAKE)
    arm, batch, number = fields.text(result, "arm"), fields.integer(result, "batch"), fields.integer(result, "round")
    if handshake is None or handshake.refused or _closed_on_opening(dialogue.exchanges):
        return None
    if arm is None or batch is None or number is None:
        return None
    return _Arm(
        endpoint=observation.endpoint,
        arm=arm,
        batch=batch,
        round=number,
        at_us=observation.started_at_us or 0,
        told={
            name.removeprefix(f"{TREATMENT}."): one
            for name, one in told.items()
            if name.removeprefix(f"{TREATMENT}.").startswith(_QUESTIONS)
        },
    )


def _closed_on_opening(exchanges: Sequence[Exchange]) -> bool:
    """Whether the server closed on what comes before the questions.

    Old esplora builds close on ``server.features``, which every current wallet asks first: that is their program, not
    a treatment, whatever questions were on their way.
    """
    opening = (one for one in exchanges if not one.name.startswith(_PUT))
    return any(one.closed for one in exchanges) and any(told_in(one) is None for one in opening)
