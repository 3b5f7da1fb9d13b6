SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA observatory;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE observatory.boots (
    boot_pk integer NOT NULL,
    boot_id text NOT NULL
);
ALTER TABLE observatory.boots ALTER COLUMN boot_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.boots_boot_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE observatory.endpoints (
    endpoint_pk integer NOT NULL,
    endpoint_id text NOT NULL,
    host text NOT NULL,
    address text,
    port integer NOT NULL,
    transport text NOT NULL
);
ALTER TABLE observatory.endpoints ALTER COLUMN endpoint_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.endpoints_endpoint_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE observatory.failures (
    failure_pk integer NOT NULL,
    digest bytea NOT NULL,
    stage text NOT NULL,
    kind text NOT NULL,
    detail bytea NOT NULL
);
ALTER TABLE observatory.failures ALTER COLUMN failure_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.failures_failure_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE observatory.migrations (
    schema_version integer NOT NULL,
    name text NOT NULL,
    applied_at_us bigint NOT NULL
);
CREATE TABLE observatory.news (
    received_at_us bigint NOT NULL,
    number bigint NOT NULL,
    received_monotonic_ns bigint NOT NULL,
    watch_pk integer NOT NULL,
    endpoint_pk integer NOT NULL,
    boot_pk integer NOT NULL,
    height bigint NOT NULL,
    header_text_pk bigint NOT NULL,
    lag_us bigint NOT NULL,
    first smallint NOT NULL
)
PARTITION BY RANGE (received_at_us);
CREATE TABLE observatory.news_2026_11 (
    received_at_us bigint NOT NULL,
    number bigint NOT NULL,
    received_monotonic_ns bigint NOT NULL,
    watch_pk integer NOT NULL,
    endpoint_pk integer NOT NULL,
    boot_pk integer NOT NULL,
    height bigint NOT NULL,
    header_text_pk bigint NOT NULL,
    lag_us bigint NOT NULL,
    first smallint NOT NULL
);
CREATE TABLE observatory.readings (
    started_at_us bigint NOT NULL,
    round_pk integer NOT NULL,
    endpoint_pk integer NOT NULL,
    availability smallint NOT NULL,
    failure_pk integer,
    sent_us bigint,
    lag_us bigint NOT NULL,
    histogram_text_pk bigint,
    tip_text_pk bigint,
    fee_floor_text_pk bigint,
    estimates_text_pk bigint,
    ping_text_pk bigint,
    histogram_after_us bigint,
    tip_after_us bigint,
    fee_floor_after_us bigint,
    estimates_after_us bigint,
    ping_after_us bigint,
    pending_text_pk bigint,
    pending_after_us bigint
)
PARTITION BY RANGE (started_at_us);
CREATE TABLE observatory.readings_2026_11 (
    started_at_us bigint NOT NULL,
    round_pk integer NOT NULL,
    endpoint_pk integer NOT NULL,
    availability smallint NOT NULL,
    failure_pk integer,
    sent_us bigint,
    lag_us bigint NOT NULL,
    histogram_text_pk bigint,
    tip_text_pk bigint,
    fee_floor_text_pk bigint,
    estimates_text_pk bigint,
    ping_text_pk bigint,
    histogram_after_us bigint,
    tip_after_us bigint,
    fee_floor_after_us bigint,
    estimates_after_us bigint,
    ping_after_us bigint,
    pending_text_pk bigint,
    pending_after_us bigint
);
CREATE TABLE observatory.rounds (
    round_pk integer NOT NULL,
    watch_pk integer NOT NULL,
    number bigint NOT NULL,
    due_at_us bigint NOT NULL,
    started_at_us bigint NOT NULL,
    started_monotonic_ns bigint NOT NULL,
    boot_id text NOT NULL,
    duration_us bigint NOT NULL,
    questions text NOT NULL,
    lag_max_us bigint NOT NULL
);
ALTER TABLE observatory.rounds ALTER COLUMN round_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.rounds_round_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE observatory.spells (
    spell_pk integer NOT NULL,
    watch_pk integer NOT NULL,
    why text NOT NULL,
    from_us bigint NOT NULL,
    to_us bigint NOT NULL,
    step_us bigint NOT NULL
);
ALTER TABLE observatory.spells ALTER COLUMN spell_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.spells_spell_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE observatory.stints (
    stint_pk integer NOT NULL,
    watch_pk integer NOT NULL,
    started_at_us bigint NOT NULL,
    started_monotonic_ns bigint NOT NULL,
    boot_id text NOT NULL,
    tool_version text NOT NULL,
    config text NOT NULL,
    acts bigint DEFAULT 0 NOT NULL,
    seen_at_us bigint NOT NULL,
    seen_monotonic_ns bigint NOT NULL,
    ended_at_us bigint,
    ended_monotonic_ns bigint
);
ALTER TABLE observatory.stints ALTER COLUMN stint_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.stints_stint_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE observatory.text_pks
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE observatory.texts (
    month_us bigint NOT NULL,
    text_pk bigint DEFAULT nextval('observatory.text_pks'::regclass) NOT NULL,
    digest bytea NOT NULL,
    data bytea NOT NULL
)
PARTITION BY RANGE (month_us);
CREATE TABLE observatory.texts_2026_11 (
    month_us bigint NOT NULL,
    text_pk bigint DEFAULT nextval('observatory.text_pks'::regclass) NOT NULL,
    digest bytea NOT NULL,
    data bytea NOT NULL
);
CREATE TABLE observatory.watches (
    watch_pk integer NOT NULL,
    watch_id text NOT NULL,
    vantage text NOT NULL,
    network text NOT NULL,
    started_at_us bigint NOT NULL,
    config text NOT NULL,
    config_sha256 text NOT NULL,
    "overlay" text,
    note bytea NOT NULL,
    last_news bigint DEFAULT 0 NOT NULL
);
ALTER TABLE observatory.watches ALTER COLUMN watch_pk ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME observatory.watches_watch_pk_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY observatory.news ATTACH PARTITION observatory.news_2026_11 FOR VALUES FROM ('1793491200000000') TO ('1796083200000000');
ALTER TABLE ONLY observatory.readings ATTACH PARTITION observatory.readings_2026_11 FOR VALUES FROM ('1793491200000000') TO ('1796083200000000');
ALTER TABLE ONLY observatory.texts ATTACH PARTITION observatory.texts_2026_11 FOR VALUES FROM ('1793491200000000') TO ('1796083200000000');
INSERT INTO observatory.boots OVERRIDING SYSTEM VALUE VALUES (1, '5e1c7d0a-boot');
INSERT INTO observatory.endpoints OVERRIDING SYSTEM VALUE VALUES (1, '4edbd1add22aaaaf', 'one.example', '192.0.2.1', 50002, 'ssl');
INSERT INTO observatory.endpoints OVERRIDING SYSTEM VALUE VALUES (2, 'ddf4d34fe55d93e9', 'one.example', '192.0.2.1', 50001, 'tcp');
INSERT INTO observatory.failures OVERRIDING SYSTEM VALUE VALUES (1, '\x4448baf2d1e9f37744577eda7ecb6656', 'connect', 'connect_refused', '\x00201b5b324a20e280ae2027202220293b2044524f50205441424c452072656164696e67733b202d2d200a20e29aa1');
INSERT INTO observatory.migrations VALUES (1, 'first tables', 1795000000000000);
INSERT INTO observatory.migrations VALUES (2, 'pending transactions', 1795213000000000);
INSERT INTO observatory.news_2026_11 VALUES (1795000300000001, 1, 300000001001, 1, 1, 1, 900000, 4, 7, 0);
INSERT INTO observatory.news_2026_11 VALUES (1795001500000001, 2, 1500000001001, 1, 1, 1, 900000, 4, 7, 0);
INSERT INTO observatory.readings_2026_11 VALUES (1795000000000000, 1, 1, 0, NULL, 900, 40, 1, 2, NULL, NULL, NULL, 80014, 80002, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.readings_2026_11 VALUES (1795000000000000, 1, 2, 1, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.readings_2026_11 VALUES (1795000300000000, 2, 1, 0, NULL, 900, 40, 1, 3, NULL, NULL, NULL, 80014, 80002, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.readings_2026_11 VALUES (1795000300000000, 2, 2, 1, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.readings_2026_11 VALUES (1795001500000000, 3, 1, 0, NULL, 900, 40, 1, 5, NULL, NULL, NULL, 80014, 80002, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.readings_2026_11 VALUES (1795001500000000, 3, 2, 1, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO observatory.rounds OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, 1794999999998500, 1795000000000000, 1, '5e1c7d0a-boot', 4000000, 'histogram,tip,fee_floor,estimates,ping', 120);
INSERT INTO observatory.rounds OVERRIDING SYSTEM VALUE VALUES (2, 1, 2, 1795000299998500, 1795000300000000, 300000000001, '5e1c7d0a-boot', 4000000, 'histogram,tip,fee_floor,estimates,ping', 120);
INSERT INTO observatory.rounds OVERRIDING SYSTEM VALUE VALUES (3, 1, 6, 1795001499998500, 1795001500000000, 1500000000001, '5e1c7d0a-boot', 4000000, 'histogram,tip,fee_floor,estimates,ping', 120);
INSERT INTO observatory.spells OVERRIDING SYSTEM VALUE VALUES (1, 1, 'not_running', 1795000304000000, 1795001500000000, 0);
INSERT INTO observatory.stints OVERRIDING SYSTEM VALUE VALUES (1, 1, 1795000000000000, 1, '5e1c7d0a-boot', '0.1.0', '{"pid":1}', 3, 1795000304000000, 304000000001, NULL, NULL);
INSERT INTO observatory.stints OVERRIDING SYSTEM VALUE VALUES (2, 1, 1795001500000000, 1500000000001, '5e1c7d0a-boot', '0.1.0', '{"pid":1}', 2, 1795001504000000, 1504000000001, NULL, NULL);
INSERT INTO observatory.texts_2026_11 VALUES (1793491200000000, 1, '\x8ec01a04a1da6012201913d9843ff320', '\x5b5b31322c3132383831325d5d0a');
INSERT INTO observatory.texts_2026_11 VALUES (1793491200000000, 2, '\xc1657674e9d53e8c09ffab92df88d875', '\x310a');
INSERT INTO observatory.texts_2026_11 VALUES (1793491200000000, 3, '\xf764046b26e7c78c808088af0e982f97', '\x320a');
INSERT INTO observatory.texts_2026_11 VALUES (1793491200000000, 4, '\x8d82bd204eda35f1bf313eeeb9a941e0', '\xa0bb0d0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO observatory.texts_2026_11 VALUES (1793491200000000, 5, '\x1d097ebca87112eb59bdb2962bb410af', '\x360a');
INSERT INTO observatory.watches OVERRIDING SYSTEM VALUE VALUES (1, '20261118T110640Z-sample-0a1b2c', 'local', 'mainnet', 1795000000000000, '{"every":{"histogram":300},"text":"\u0000 \u001b[2J \u202e '' \" ); DROP TABLE readings; -- \n \u26a1"}', '0000000000000000000000000000000000000000000000000000000000000000', '{"name":"lab","time_scale":60.0}', '\x612073616d706c65', 2);
SELECT pg_catalog.setval('observatory.boots_boot_pk_seq', 2, true);
SELECT pg_catalog.setval('observatory.endpoints_endpoint_pk_seq', 4, true);
SELECT pg_catalog.setval('observatory.failures_failure_pk_seq', 2, true);
SELECT pg_catalog.setval('observatory.rounds_round_pk_seq', 3, true);
SELECT pg_catalog.setval('observatory.spells_spell_pk_seq', 1, true);
SELECT pg_catalog.setval('observatory.stints_stint_pk_seq', 2, true);
SELECT pg_catalog.setval('observatory.text_pks', 7, true);
SELECT pg_catalog.setval('observatory.watches_watch_pk_seq', 2, true);
ALTER TABLE ONLY observatory.boots
    ADD CONSTRAINT boots_boot_id_key UNIQUE (boot_id);
ALTER TABLE ONLY observatory.boots
    ADD CONSTRAINT boots_pkey PRIMARY KEY (boot_pk);
ALTER TABLE ONLY observatory.endpoints
    ADD CONSTRAINT endpoints_endpoint_id_key UNIQUE (endpoint_id);
ALTER TABLE ONLY observatory.endpoints
    ADD CONSTRAINT endpoints_pkey PRIMARY KEY (endpoint_pk);
ALTER TABLE ONLY observatory.failures
    ADD CONSTRAINT failures_digest_key UNIQUE (digest);
ALTER TABLE ONLY observatory.failures
    ADD CONSTRAINT failures_pkey PRIMARY KEY (failure_pk);
ALTER TABLE ONLY observatory.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (schema_version);
ALTER TABLE ONLY observatory.rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (round_pk);
ALTER TABLE ONLY observatory.rounds
    ADD CONSTRAINT rounds_watch_pk_number_key UNIQUE (watch_pk, number);
ALTER TABLE ONLY observatory.spells
    ADD CONSTRAINT spells_pkey PRIMARY KEY (spell_pk);
ALTER TABLE ONLY observatory.stints
    ADD CONSTRAINT stints_pkey PRIMARY KEY (stint_pk);
ALTER TABLE ONLY observatory.stints
    ADD CONSTRAINT stints_watch_pk_boot_id_started_monotonic_ns_started_at_us_key UNIQUE (watch_pk, boot_id, started_monotonic_ns, started_at_us);
ALTER TABLE ONLY observatory.texts
    ADD CONSTRAINT texts_digest_month_us_key UNIQUE (digest, month_us);
ALTER TABLE ONLY observatory.texts_2026_11
    ADD CONSTRAINT texts_2026_11_digest_month_us_key UNIQUE (digest, month_us);
ALTER TABLE ONLY observatory.texts
    ADD CONSTRAINT texts_pkey PRIMARY KEY (text_pk, month_us);
ALTER TABLE ONLY observatory.texts_2026_11
    ADD CONSTRAINT texts_2026_11_pkey PRIMARY KEY (text_pk, month_us);
ALTER TABLE ONLY observatory.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (watch_pk);
ALTER TABLE ONLY observatory.watches
    ADD CONSTRAINT watches_watch_id_key UNIQUE (watch_id);
CREATE INDEX news_by_time ON ONLY observatory.news USING brin (received_at_us) WITH (pages_per_range='32');
CREATE INDEX news_2026_11_received_at_us_idx ON observatory.news_2026_11 USING brin (received_at_us) WITH (pages_per_range='32');
CREATE INDEX readings_by_endpoint ON ONLY observatory.readings USING btree (endpoint_pk);
CREATE INDEX readings_2026_11_endpoint_pk_idx ON observatory.readings_2026_11 USING btree (endpoint_pk);
CREATE INDEX readings_by_time ON ONLY observatory.readings USING brin (started_at_us) WITH (pages_per_range='32');
CREATE INDEX readings_2026_11_started_at_us_idx ON observatory.readings_2026_11 USING brin (started_at_us) WITH (pages_per_range='32');
CREATE INDEX rounds_by_time ON observatory.rounds USING btree (watch_pk, started_at_us);
CREATE INDEX spells_by_watch ON observatory.spells USING btree (watch_pk, from_us);
ALTER INDEX observatory.news_by_time ATTACH PARTITION observatory.news_2026_11_received_at_us_idx;
ALTER INDEX observatory.readings_by_endpoint ATTACH PARTITION observatory.readings_2026_11_endpoint_pk_idx;
ALTER INDEX observatory.readings_by_time ATTACH PARTITION observatory.readings_2026_11_started_at_us_idx;
ALTER INDEX observatory.texts_digest_month_us_key ATTACH PARTITION observatory.texts_2026_11_digest_month_us_key;
ALTER INDEX observatory.texts_pkey ATTACH PARTITION observatory.texts_2026_11_pkey;
ALTER TABLE ONLY observatory.rounds
    ADD CONSTRAINT rounds_watch_pk_fkey FOREIGN KEY (watch_pk) REFERENCES observatory.watches(watch_pk);
ALTER TABLE ONLY observatory.spells
    ADD CONSTRAINT spells_watch_pk_fkey FOREIGN KEY (watch_pk) REFERENCES observatory.watches(watch_pk);
ALTER TABLE ONLY observatory.stints
    ADD CONSTRAINT stints_watch_pk_fkey FOREIGN KEY (watch_pk) REFERENCES observatory.watches(watch_pk);
