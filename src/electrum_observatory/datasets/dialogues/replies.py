"""Replies that somebody else collected and handed on alone: what was sent, and what came before, was not told."""

from collections.abc import Mapping, Sequence

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.observation import Observation, WitnessKind


def lone_replies(asked: Mapping[str, Observation]) -> Sequence[Dialogue]:
    """Return a dialogue for each reply without a label: bytes and the probe's name are all that is known."""
    return [
        Dialogue(
            transport=one.endpoint.transport,
            exchanges=(Exchange(name=f"{one.probe} (request not recorded)", sent=b"", lines=(Line(data=reply.data),)),),
            from_start=False,
            terminators=reply.data.endswith(b"\n"),
            origin=f"{one.campaign_id} import {one.endpoint.canonical}",
        )
        for one in asked.values()
        for reply in one.witnesses
        if reply.kind is WitnessKind.REPLY and not reply.label
    ]
