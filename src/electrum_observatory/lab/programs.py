"""What a world must know of server programs apart from what they answer: how often they poll, what they announce.

Only world-building reads this; what a program says on the wire is its personality's business, and no rule of the
analysis reads either.
"""

from dataclasses import dataclass

HOSTILE_PREFIX = "hostile_"
"""How world files mark a personality that is no program but an act of :mod:`electrum_observatory.lab.hostile`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramHabits:
    """Habits of a program.

    Attributes:
        poll_s: Seconds between two looks at its bitcoind.
        protocol_max: What other servers believe to be its maximum.
    """

    poll_s: float
    protocol_max: str


_HABITS = (
    # prefix of the personality's id, and the habits; the first that fits counts
    # poll: electrumx server/daemon.py and env.py DAEMON_POLL_INTERVAL_BLOCKS; Fulcrum Options.h defaultPollTimeSecs;
    # romanz hears of blocks by P2P; Blockstream electrs main loop, mempool's is ten times as fast; EPS heartbeat
    ("electrumx_1_16_git_2025", ProgramHabits(poll_s=5, protocol_max="1.4.3")),
    ("electrumx_1_15", ProgramHabits(poll_s=5, protocol_max="1.4.2")),
    ("electrumx_1_16", ProgramHabits(poll_s=5, protocol_max="1.4.2")),
    ("electrumx_1_17", ProgramHabits(poll_s=5, protocol_max="1.4.3")),
    ("electrumx_1_18_git_2025_11", ProgramHabits(poll_s=5, protocol_max="1.6.0")),
    ("electrumx_1_18", ProgramHabits(poll_s=5, protocol_max="1.4.3")),
    ("electrumx_2_0_git", ProgramHabits(poll_s=5, protocol_max="1.6.0")),
    ("electrumx_2", ProgramHabits(poll_s=5, protocol_max="1.7.0")),
    ("bsv_electrumx", ProgramHabits(poll_s=5, protocol_max="1.4.2")),
    ("electrumx", ProgramHabits(poll_s=5, protocol_max="1.6.0")),
    ("fulcrum_1_2", ProgramHabits(poll_s=2, protocol_max="1.4.2")),
    ("fulcrum_1_3", ProgramHabits(poll_s=2, protocol_max="1.4.4")),
    ("fulcrum_1_6", ProgramHabits(poll_s=2, protocol_max="1.4.5")),
    ("fulcrum_1_9_8", ProgramHabits(poll_s=2, protocol_max="1.5.2")),
    ("fulcrum_1_9", ProgramHabits(poll_s=2, protocol_max="1.5")),
    ("fulcrum_1", ProgramHabits(poll_s=2, protocol_max="1.5.3")),
    ("fulcrum_2_0", ProgramHabits(poll_s=2, protocol_max="1.5.3")),
    ("fulcrum", ProgramHabits(poll_s=2, protocol_max="1.6")),
    ("electrs_romanz", ProgramHabits(poll_s=1, protocol_max="1.4")),
    ("mempool_electrs", ProgramHabits(poll_s=0.5, protocol_max="1.4")),
    ("eps", ProgramHabits(poll_s=1, protocol_max="1.4")),
)
_OTHERS = ProgramHabits(poll_s=5, protocol_max="1.4")


def habits_of(personality: str) -> ProgramHabits:
    """Return the habits of a personality's program."""
    return next((habits for prefix, habits in _HABITS if personality.startswith(prefix)), _OTHERS)
