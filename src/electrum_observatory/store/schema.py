"""The tables of the live database, version by version (reference for readers: docs/formats.md).

Facts are only ever added. Times are UTC microseconds, monotonic times nanoseconds of ``boot_id``; an absent value is
NULL. Columns are only ever added within a version.
"""

SCHEMA_VERSION = 4

TABLES_V1 = (
    """
    CREATE TABLE campaigns (
        campaign_pk    INTEGER PRIMARY KEY,
        campaign_id    TEXT NOT NULL UNIQUE,
        kind           TEXT NOT NULL,
        vantage        TEXT NOT NULL,
        network        TEXT NOT NULL,
        started_at_us  INTEGER NOT NULL,
        tool_version   TEXT NOT NULL,
        config         TEXT NOT NULL,
        config_sha256  TEXT NOT NULL,
        overlay        TEXT,
        note           TEXT NOT NULL,
        seal_state     TEXT,
        sealed_at_us   INTEGER,
        seal_counts    TEXT
    ) STRICT
    """,
    """
    CREATE TABLE endpoints (
        endpoint_pk  INTEGER PRIMARY KEY,
        endpoint_id  TEXT NOT NULL UNIQUE,
        host         TEXT NOT NULL,
        address      TEXT,
        port         INTEGER NOT NULL,
        transport    TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE observations (
        observation_pk        INTEGER PRIMARY KEY,
        campaign_pk           INTEGER NOT NULL REFERENCES campaigns,
        endpoint_pk           INTEGER NOT NULL REFERENCES endpoints,
        vantage               TEXT NOT NULL,
        probe                 TEXT NOT NULL,
        probe_version         INTEGER NOT NULL,
        started_at_us         INTEGER,
        started_monotonic_ns  INTEGER,
        boot_id               TEXT NOT NULL,
        duration_us           INTEGER,
        loop_lag_us           INTEGER,
        status                TEXT NOT NULL,
        result                TEXT,
        failure_stage         TEXT,
        failure_kind          TEXT,
        failure_detail        TEXT,
        reason                TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX observations_by_endpoint ON observations (campaign_pk, endpoint_pk)",
    """
    CREATE TABLE blobs (
        digest  BLOB NOT NULL UNIQUE,
        data    BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE witnesses (
        observation_pk         INTEGER NOT NULL REFERENCES observations,
        ordinal                INTEGER NOT NULL,
        kind                   TEXT NOT NULL,
        label                  TEXT NOT NULL,
        digest                 BLOB NOT NULL REFERENCES blobs (digest),
        pad_at                 INTEGER,
        pad_length             INTEGER NOT NULL,
        result_start           INTEGER,
        result_end             INTEGER,
        received_monotonic_ns  INTEGER,
        PRIMARY KEY (observation_pk, ordinal)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX witnesses_by_digest ON witnesses (digest)",
    """
    CREATE TABLE sightings (
        sighting_pk       INTEGER PRIMARY KEY,
        campaign_pk       INTEGER NOT NULL REFERENCES campaigns,
        host              TEXT NOT NULL,
        port              INTEGER NOT NULL,
        transport         TEXT NOT NULL,
        source            TEXT NOT NULL,
        told_by           TEXT,
        address_claimed   TEXT,
        protocol_claimed  TEXT,
        assumed_port      INTEGER NOT NULL,
        seen_at_us        INTEGER
    ) STRICT
    """,
    "CREATE INDEX sightings_by_endpoint ON sightings (campaign_pk, host, port, transport)",
)

SITTINGS_V2 = (
    """
    CREATE TABLE sittings (
        campaign_pk           INTEGER NOT NULL REFERENCES campaigns,
        number                INTEGER NOT NULL,
        started_at_us         INTEGER NOT NULL,
        started_monotonic_ns  INTEGER,
        boot_id               TEXT NOT NULL,
        tool_version          TEXT NOT NULL,
        config                TEXT NOT NULL,
        config_sha256         TEXT NOT NULL,
        options               TEXT NOT NULL,
        after_observation_pk  INTEGER NOT NULL,
        counts                TEXT,
        state                 TEXT,
        ended_at_us           INTEGER,
        ended_monotonic_ns    INTEGER,
        PRIMARY KEY (campaign_pk, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE clock_steps (
        clock_step_pk         INTEGER PRIMARY KEY,
        campaign_pk           INTEGER NOT NULL REFERENCES campaigns,
        noticed_at_us         INTEGER NOT NULL,
        noticed_monotonic_ns  INTEGER NOT NULL,
        boot_id               TEXT NOT NULL,
        step_us               INTEGER NOT NULL
    ) STRICT
    """,
    "ALTER TABLE campaigns ADD COLUMN files_at_us INTEGER",
    # Version 1 wrote the files within the same call as the seal, and did not note whether it came to the end.
    "UPDATE campaigns SET files_at_us = sealed_at_us",
    """
    INSERT INTO sittings SELECT campaign_pk, 1, started_at_us, NULL, '', tool_version, config, config_sha256, '{}', 0,
        seal_counts, seal_state, sealed_at_us, NULL
    FROM campaigns WHERE kind = 'scan'
    """,
)
"""Version 2: the runs that a campaign took, steps of the clock, and when the files of a sealed campaign were done."""

WATCHES_V3 = (
    """
    CREATE TABLE watches (
        watch_pk       INTEGER PRIMARY KEY,
        watch_id       TEXT NOT NULL UNIQUE,
        vantage        TEXT NOT NULL,
        network        TEXT NOT NULL,
        started_at_us  INTEGER NOT NULL,
        config         TEXT NOT NULL,
        config_sha256  TEXT NOT NULL,
        overlay        TEXT,
        note           TEXT NOT NULL,
        last_news      INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE watch_stints (
        watch_pk              INTEGER NOT NULL REFERENCES watches,
        number                INTEGER NOT NULL,
        started_at_us         INTEGER NOT NULL,
        started_monotonic_ns  INTEGER NOT NULL,
        boot_id               TEXT NOT NULL,
        tool_version          TEXT NOT NULL,
        config                TEXT NOT NULL,
        alive_at_us           INTEGER NOT NULL,
        alive_monotonic_ns    INTEGER NOT NULL,
        ended                 INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (watch_pk, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE watch_rounds (
        round_pk              INTEGER PRIMARY KEY,
        watch_pk              INTEGER NOT NULL REFERENCES watches,
        number                INTEGER NOT NULL,
        due_at_us             INTEGER NOT NULL,
        started_at_us         INTEGER NOT NULL,
        started_monotonic_ns  INTEGER NOT NULL,
        boot_id               TEXT NOT NULL,
        duration_us           INTEGER NOT NULL,
        questions             TEXT NOT NULL,
        lag_max_us            INTEGER NOT NULL,
        first_reading_pk      INTEGER NOT NULL,
        readings              INTEGER NOT NULL,
        UNIQUE (watch_pk, number)
    ) STRICT
    """,
    """
    CREATE TABLE watch_readings (
        reading_pk      INTEGER PRIMARY KEY,
        endpoint_pk     INTEGER NOT NULL REFERENCES endpoints,
        availability    INTEGER NOT NULL,
        failure_pk      INTEGER REFERENCES watch_failures,
        sent_us         INTEGER,
        lag_us          INTEGER NOT NULL,
        histogram_text  INTEGER REFERENCES watch_texts,
        histogram_us    INTEGER,
        tip_text        INTEGER REFERENCES watch_texts,
        tip_us          INTEGER,
        fee_floor_text  INTEGER REFERENCES watch_texts,
        fee_floor_us    INTEGER,
        estimates_text  INTEGER REFERENCES watch_texts,
        estimates_us    INTEGER,
        ping_text       INTEGER REFERENCES watch_texts,
        ping_us         INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE watch_failures (
        failure_pk  INTEGER PRIMARY KEY,
        stage       TEXT NOT NULL,
        kind        TEXT NOT NULL,
        detail      TEXT NOT NULL,
        UNIQUE (stage, kind, detail)
    ) STRICT
    """,
    """
    CREATE TABLE watch_texts (
        text_pk  INTEGER PRIMARY KEY,
        digest   BLOB NOT NULL UNIQUE,
        data     BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE watch_boots (
        boot_pk  INTEGER PRIMARY KEY,
        boot_id  TEXT NOT NULL UNIQUE
    ) STRICT
    """,
    """
    CREATE TABLE tip_news (
        news_pk                INTEGER PRIMARY KEY,
        watch_pk               INTEGER NOT NULL REFERENCES watches,
        number                 INTEGER NOT NULL,
        endpoint_pk            INTEGER NOT NULL REFERENCES endpoints,
        received_at_us         INTEGER NOT NULL,
        received_monotonic_ns  INTEGER NOT NULL,
        boot_pk                INTEGER NOT NULL REFERENCES watch_boots,
        lag_us                 INTEGER NOT NULL,
        height                 INTEGER NOT NULL,
        header_text            INTEGER NOT NULL REFERENCES watch_texts,
        first                  INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE blind_spells (
        blind_spell_pk  INTEGER PRIMARY KEY,
        watch_pk        INTEGER NOT NULL REFERENCES watches,
        why             TEXT NOT NULL,
        from_us         INTEGER NOT NULL,
        to_us           INTEGER NOT NULL,
        step_us         INTEGER NOT NULL
    ) STRICT
    """,
)
"""Version 3: watches.

The readings of a round stand together, ``readings`` rows from ``first_reading_pk`` on, in the order in which they were
handed over, so the largest table needs no index. ``availability`` is a position in ``AVAILABILITIES``. News is counted
within its watch, and ``last_news`` remembers the count when sealed news has gone.
"""

PENDING_V4 = (
    "ALTER TABLE watch_readings ADD COLUMN pending_text INTEGER REFERENCES watch_texts",
    "ALTER TABLE watch_readings ADD COLUMN pending_us INTEGER",
)
"""Version 4: what is pending for the public scripts of a watch."""
