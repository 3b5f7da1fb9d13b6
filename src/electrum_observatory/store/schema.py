"""The tables of the live database, version by version (reference for readers: docs/formats.md).

Facts are only ever added. Times are UTC microseconds, monotonic times nanoseconds of ``boot_id``; an absent value is
NULL. Columns are only ever added within a version.
"""

SCHEMA_VERSION = 2

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
