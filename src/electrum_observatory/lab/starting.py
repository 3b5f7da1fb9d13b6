"""A server that has only just been started: it answers, but has yet to learn what others know.

For about a quarter of an hour ElectrumX and Fulcrum have no histogram, no fee estimates and no verified peers; nothing
of it says anything about whoever runs them.
"""

from dataclasses import replace

from electrum_observatory.lab.state import ServerState

LEARNING_S = 900.0
"""How long it takes, world seconds."""


def still_learning(state: ServerState) -> ServerState:
    """Return what such a server knows instead."""
    return replace(state, peers=(), node=replace(state.node, mempool=(), estimate=lambda _target: None))
