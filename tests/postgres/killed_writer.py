"""``python -m tests.postgres.killed_writer URL``: keep two rounds of a watch, say so, and wait to be killed."""

import sys
import time
from dataclasses import replace

from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.watching.columns import columns_of
from tests.contract.watch_facts import answered, new_watch, nth_round, stint_at

WATCH = replace(new_watch(), watch_id="20261118T110640Z-killed-0a1b2c")  # the same in every process

if __name__ == "__main__":
    with PostgresWatchSink.open(sys.argv[1], SystemClock()) as sink:
        sink.begin_stint_now(WATCH, stint_at())
        for number in (1, 2):
            sink.record_columns(columns_of(nth_round(number), [answered(ping=b"pong")]))
        print("acknowledged", flush=True)
        time.sleep(600)
