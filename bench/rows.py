"""Every row of the bench, in the order in which they run."""

from bench import (
    arms,
    backends,
    builds,
    false_alarms,
    identification,
    jsd,
    kill9,
    kill9_monitor,
    monitoring,
    mutations,
    politeness,
    postgres,
    power,
    ratio,
    silent,
    storage,
    subscriptions,
    ten_thousand,
    virtual_month,
    visit_cost,
    wiring,
)
from bench.frame import Row

ROWS: tuple[Row, ...] = (
    Row(
        name="ratio",
        asks="The real scanner against a floor client and the published way: endpoints per client CPU second.",
        run=ratio.run,
    ),
    Row(
        name="politeness",
        asks="The default profile, spacing and all: how often does a machine see us, and what is it asked?",
        run=politeness.run,
        limits="default",
    ),
    Row(
        name="ten_thousand",
        asks="10,000 endpoints of 5,000 machines in one campaign: is memory flat in their number?",
        run=ten_thousand.run,
    ),
    Row(
        name="silent",
        asks="1,000 endpoints of which 30 % never answer, 8 s timeouts: does the scan wait for them one by one?",
        run=silent.run,
    ),
    Row(
        name="subscriptions",
        asks="2,000 idle subscriptions in one process: what do they weigh, and is its loop on time?",
        run=subscriptions.run,
    ),
    Row(
        name="kill9",
        asks="50 scans killed at random moments: is anything acknowledged missing, is anybody asked twice?",
        run=kill9.run,
    ),
    Row(
        name="monitor",
        asks="The whole command over 1,000 servers, every five minutes: CPU, memory, cycle, stamps.",
        run=monitoring.run,
    ),
    Row(
        name="kill9_monitor",
        asks="20 monitors killed at random moments: is an acknowledged round missing, is a gap invented or hidden?",
        run=kill9_monitor.run,
    ),
    Row(
        name="mutations",
        asks="Every defence against hostile servers, switched off for each act that needs it: does its judge notice?",
        run=mutations.run,
        limits="default",
    ),
    Row(
        name="builds",
        asks="300 honest machines over every program and build: is each named, and its version in the range?",
        run=builds.run,
    ),
    Row(
        name="identification",
        asks="Conversations with real and simulated servers, thinned: is an answer as often right as it says?",
        run=identification.run,
    ),
    Row(
        name="false_alarms",
        asks="3,000 visits to honest servers of every program, in world time: is anything held against one of them?",
        run=false_alarms.run,
    ),
    Row(
        name="power",
        asks="Modified servers of every kind among honest ones: how much of a lie, how many rounds, until it is found?",
        run=power.run,
    ),
    Row(
        name="arms",
        asks="The same questions in several ways, by the command: who is found to treat them differently, who wrongly?",
        run=arms.run,
    ),
    Row(
        name="visit_cost",
        asks="Visits, ten minutes apart, to real servers with their own limits: what does each cost, by their books?",
        run=visit_cost.run,
        limits="default",
    ),
    Row(
        name="wiring",
        asks="Six real servers of three versions on two real nodes: are those put together that stand on one node?",
        run=wiring.run,
        limits="default",
    ),
    Row(
        name="jsd",
        asks="Divergences of all pairs of 1,000 servers, at a moment and over a day: how long, beside scipy?",
        run=jsd.run,
    ),
    Row(
        name="virtual_month",
        asks="Thirty days of 300 servers, rendered by two processes and written in batches: how long does it take?",
        run=virtual_month.run,
    ),
    Row(
        name="postgres",
        asks="A day of 1,000 servers into PostgreSQL and out again: is anything lost, and how long does it take?",
        run=postgres.run,
    ),
    Row(
        name="storage",
        asks="Days of a watch of 1,000 servers: what do they take on disk, how fast is one server's year read?",
        run=storage.run,
    ),
    Row(
        name="backends",
        asks="Virtual weeks of 300 servers on 120 nodes: who is rightly put on one node, and who is told apart?",
        run=backends.run,
    ),
)
