"""The tables of watches in PostgreSQL, version by version (reference for readers: docs/postgresql.md).

Facts are only ever added. Times are UTC microseconds, monotonic times nanoseconds of a boot; an absent value is NULL.
Whatever a stranger may have worded is ``bytea``: ``text`` cannot hold a NUL. What grows without end lies in partitions
by month, texts included: a month's rows refer to that month's texts alone, so an old month is dropped as a whole.
"""

from typing import LiteralString

SCHEMA_NAME = "observatory"

PARTITIONED = ("texts", "readings", "news")
"""Tables by month, each by its first column."""

TABLES_V1 = (
    """
    CREATE TABLE watches (
        watch_pk       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        watch_id       text NOT NULL UNIQUE,
        vantage        text NOT NULL,
        network        text NOT NULL,
        started_at_us  bigint NOT NULL,
        config         text NOT NULL,
        config_sha256  text NOT NULL,
        overlay        text,
        note           bytea NOT NULL,
        last_news      bigint NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE stints (
        stint_pk              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        watch_pk              integer NOT NULL REFERENCES watches,
        started_at_us         bigint NOT NULL,
        started_monotonic_ns  bigint NOT NULL,
        boot_id               text NOT NULL,
        tool_version          text NOT NULL,
        config                text NOT NULL,
        acts                  bigint NOT NULL DEFAULT 0,
        seen_at_us            bigint NOT NULL,
        seen_monotonic_ns     bigint NOT NULL,
        ended_at_us           bigint,
        ended_monotonic_ns    bigint,
        UNIQUE (watch_pk, boot_id, started_monotonic_ns, started_at_us)
    )
    """,
    """
    CREATE TABLE spells (
        spell_pk  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        watch_pk  integer NOT NULL REFERENCES watches,
        why       text NOT NULL,
        from_us   bigint NOT NULL,
        to_us     bigint NOT NULL,
        step_us   bigint NOT NULL
    )
    """,
    "CREATE INDEX spells_by_watch ON spells (watch_pk, from_us)",
    """
    CREATE TABLE rounds (
        round_pk              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        watch_pk              integer NOT NULL REFERENCES watches,
        number                bigint NOT NULL,
        due_at_us             bigint NOT NULL,
        started_at_us         bigint NOT NULL,
        started_monotonic_ns  bigint NOT NULL,
        boot_id               text NOT NULL,
        duration_us           bigint NOT NULL,
        questions             text NOT NULL,
        lag_max_us            bigint NOT NULL,
        UNIQUE (watch_pk, number)
    )
    """,
    "CREATE INDEX rounds_by_time ON rounds (watch_pk, started_at_us)",
    """
    CREATE TABLE endpoints (
        endpoint_pk  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        endpoint_id  text NOT NULL UNIQUE,
        host         text NOT NULL,
        address      text,
        port         integer NOT NULL,
        transport    text NOT NULL
    )
    """,
    """
    CREATE TABLE failures (
        failure_pk  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        digest      bytea NOT NULL UNIQUE,
        stage       text NOT NULL,
        kind        text NOT NULL,
        detail      bytea NOT NULL
    )
    """,
    """
    CREATE TABLE boots (
        boot_pk  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        boot_id  text NOT NULL UNIQUE
    )
    """,
    "CREATE SEQUENCE text_pks",
    """
    CREATE TABLE texts (
        month_us  bigint NOT NULL,
        text_pk   bigint NOT NULL DEFAULT nextval('text_pks'),
        digest    bytea NOT NULL,
        data      bytea NOT NULL,
        PRIMARY KEY (text_pk, month_us),
        UNIQUE (digest, month_us)
    ) PARTITION BY RANGE (month_us)
    """,
    """
    CREATE TABLE readings (
        started_at_us       bigint NOT NULL,
        round_pk            integer NOT NULL,
        endpoint_pk         integer NOT NULL,
        availability        smallint NOT NULL,
        failure_pk          integer,
        sent_us             bigint,
        lag_us              bigint NOT NULL,
        histogram_text_pk   bigint,
        tip_text_pk         bigint,
        fee_floor_text_pk   bigint,
        estimates_text_pk   bigint,
        ping_text_pk        bigint,
        histogram_after_us  bigint,
        tip_after_us        bigint,
        fee_floor_after_us  bigint,
        estimates_after_us  bigint,
        ping_after_us       bigint
    ) PARTITION BY RANGE (started_at_us)
    """,
    "CREATE INDEX readings_by_time ON readings USING brin (started_at_us) WITH (pages_per_range = 32)",
    "CREATE INDEX readings_by_endpoint ON readings (endpoint_pk)",
    """
    CREATE TABLE news (
        received_at_us         bigint NOT NULL,
        number                 bigint NOT NULL,
        received_monotonic_ns  bigint NOT NULL,
        watch_pk               integer NOT NULL,
        endpoint_pk            integer NOT NULL,
        boot_pk                integer NOT NULL,
        height                 bigint NOT NULL,
        header_text_pk         bigint NOT NULL,
        lag_us                 bigint NOT NULL,
        first                  smallint NOT NULL
    ) PARTITION BY RANGE (received_at_us)
    """,
    "CREATE INDEX news_by_time ON news USING brin (received_at_us) WITH (pages_per_range = 32)",
)

PENDING_V2: tuple[LiteralString, ...] = (
    "ALTER TABLE readings ADD COLUMN pending_text_pk bigint, ADD COLUMN pending_after_us bigint",
)
"""Version 2: what is pending for the public scripts of a watch."""
