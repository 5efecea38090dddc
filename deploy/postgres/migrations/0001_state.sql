-- Weir's own state: who owns which partition, which keys were seen, what is still to be published.
-- Analysts have no business here; everything they read is in schema billing (0002).

DO $$
DECLARE
    role_name text;
    purpose   text;
BEGIN
    FOR role_name, purpose IN VALUES
        ('weir_writer', 'Weir itself: `weir run` switches to it after connecting.'),
        ('analyst', 'Reads billing.* for the one organisation named in the setting app.org_id.'),
        ('weir_admin', 'Reads everything of every organisation, and Weir''s state.'),
        -- It may read the tables, but no policy lets it see a row without app.org_id.
        ('weir_views', 'Owns the views of schema billing so that row-level security applies through them.')
    LOOP
        -- Asked first, because CREATE ROLE without the right to make roles fails even for one that is there.
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role_name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', role_name, purpose);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            -- Roles belong to the whole server: another database's migration made it just now.
            NULL;
        END;
    END LOOP;
END $$;

COMMENT ON TABLE weir.migration IS 'Migrations that have run, by `weir migrate`.';
COMMENT ON COLUMN weir.migration.version IS 'Number at the start of the file''s name.';
COMMENT ON COLUMN weir.migration.name IS 'The file''s name.';
COMMENT ON COLUMN weir.migration.sha256 IS 'Of the file as it ran; `weir migrate` refuses a file that changed afterwards.';
COMMENT ON COLUMN weir.migration.applied_at IS 'When.';

CREATE TABLE weir.secret (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    salt bytea NOT NULL CHECK (octet_length(salt) = 16)
);
COMMENT ON TABLE weir.secret IS 'One row: the secret key of all 128-bit hashes. Never change it: stored hashes would no longer be found.';
COMMENT ON COLUMN weir.secret.one IS 'Always true; allows one row.';
COMMENT ON COLUMN weir.secret.salt IS '16 random bytes, made by the first migration.';
INSERT INTO weir.secret (salt) VALUES (decode(replace(gen_random_uuid()::text, '-', ''), 'hex'));

CREATE TABLE weir.meter (
    output_table text NOT NULL,
    meter        text NOT NULL,
    topology     text NOT NULL,
    definition   text NOT NULL,
    claimed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (output_table, meter)
);
COMMENT ON TABLE weir.meter IS 'Which topology writes which meter, and how it is computed: two definitions are never mixed in one meter.';
COMMENT ON COLUMN weir.meter.output_table IS 'Table the meter''s rows are in.';
COMMENT ON COLUMN weir.meter.meter IS 'The meter''s name in that table.';
COMMENT ON COLUMN weir.meter.topology IS 'Topology that claimed it.';
COMMENT ON COLUMN weir.meter.definition IS 'Source, aggregate, field, dimensions and window, in words.';
COMMENT ON COLUMN weir.meter.claimed_at IS 'When it first ran.';

CREATE TABLE weir.partition (
    topology     text NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    epoch        bigint NOT NULL DEFAULT 1,
    next_offset  bigint,
    owner        text NOT NULL,
    counted      bigint NOT NULL DEFAULT 0,
    duplicates   bigint NOT NULL DEFAULT 0,
    conflicts    bigint NOT NULL DEFAULT 0,
    dead_letters bigint NOT NULL DEFAULT 0,
    late         bigint NOT NULL DEFAULT 0,
    skipped      bigint NOT NULL DEFAULT 0,
    assigned_at  timestamptz NOT NULL DEFAULT now(),
    committed_at timestamptz,
    PRIMARY KEY (topology, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.partition IS 'The offsets Weir goes by. Updated in the transaction that writes the results, and only by the owner of the epoch.';
COMMENT ON COLUMN weir.partition.topology IS 'Topology that reads the partition.';
COMMENT ON COLUMN weir.partition.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.partition.partition IS 'Kafka partition.';
COMMENT ON COLUMN weir.partition.epoch IS 'Raised on every assignment; a worker with an older one is fenced.';
COMMENT ON COLUMN weir.partition.next_offset IS 'First offset whose effect is not yet here; null before the first commit.';
COMMENT ON COLUMN weir.partition.owner IS 'Host, process and worker that raised the epoch last.';
COMMENT ON COLUMN weir.partition.counted IS 'Records that were metered.';
COMMENT ON COLUMN weir.partition.duplicates IS 'Records dropped because the same organisation, key and payload was counted before.';
COMMENT ON COLUMN weir.partition.conflicts IS 'Records not counted because their key had come with another payload: billing.conflict.';
COMMENT ON COLUMN weir.partition.dead_letters IS 'Records that became dead letters: weir.dead_letter. Counted again when they are read again.';
COMMENT ON COLUMN weir.partition.late IS 'Of counted: records that came after a window''s end plus grace: billing.correction.';
COMMENT ON COLUMN weir.partition.skipped IS 'Offsets that held no record: transaction markers, compaction, or loss: weir.gap.';
COMMENT ON COLUMN weir.partition.assigned_at IS 'When the epoch was raised.';
COMMENT ON COLUMN weir.partition.committed_at IS 'When next_offset moved last.';

CREATE TABLE weir.seen (
    topology     text NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    first_offset bigint NOT NULL,
    seen_at      timestamptz NOT NULL,
    key_count    integer NOT NULL,
    keys         bytea NOT NULL,
    PRIMARY KEY (topology, topic, partition, id)
);
ALTER TABLE weir.seen ALTER COLUMN keys SET STORAGE EXTERNAL;
COMMENT ON TABLE weir.seen IS 'Idempotency keys within their retention, packed: one row per batch and partition, merged later.';
COMMENT ON COLUMN weir.seen.topology IS 'Topology that saw them.';
COMMENT ON COLUMN weir.seen.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.seen.partition IS 'Kafka partition.';
COMMENT ON COLUMN weir.seen.id IS 'Order of writing.';
COMMENT ON COLUMN weir.seen.first_offset IS 'First offset of the batch.';
COMMENT ON COLUMN weir.seen.seen_at IS 'When the batch was committed (the latest one, of merged batches); retention counts from here.';
COMMENT ON COLUMN weir.seen.key_count IS 'Keys in the row.';
COMMENT ON COLUMN weir.seen.keys IS '24 bytes a key, little endian: 128-bit hash of organisation and key, then a 56-bit payload fingerprint above 8 unused bits.';

CREATE TABLE weir.member (
    member     uuid PRIMARY KEY,
    window_end timestamptz NOT NULL
);
COMMENT ON TABLE weir.member IS 'Members that `unique` meters have counted. Exact whatever partition they come from.';
COMMENT ON COLUMN weir.member.member IS '128-bit hash of organisation, output table, meter, window, dimensions and member.';
COMMENT ON COLUMN weir.member.window_end IS 'End of the window, for whoever clears out old periods.';

CREATE TABLE weir.outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topology      text NOT NULL,
    topic         text NOT NULL,
    partition     integer NOT NULL,
    message_count integer NOT NULL,
    messages      bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_partition ON weir.outbox (topology, topic, partition);
COMMENT ON TABLE weir.outbox IS 'Messages committed but perhaps not yet published. A row goes when the broker has acknowledged all of it.';
COMMENT ON COLUMN weir.outbox.id IS 'Order of publishing.';
COMMENT ON COLUMN weir.outbox.topology IS 'Topology that wants them published.';
COMMENT ON COLUMN weir.outbox.topic IS 'Source topic whose records made them; its owner publishes them.';
COMMENT ON COLUMN weir.outbox.partition IS 'Source partition.';
COMMENT ON COLUMN weir.outbox.message_count IS 'Messages in the row.';
COMMENT ON COLUMN weir.outbox.messages IS 'Packed messages: see Sources/WeirRuntime/OutboxBatch.swift.';
COMMENT ON COLUMN weir.outbox.created_at IS 'When; the oldest row''s age is how far publishing is behind.';

CREATE TABLE weir.dead_letter (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topology         text NOT NULL,
    topology_version integer NOT NULL,
    topic            text NOT NULL,
    partition        integer NOT NULL,
    "offset"         bigint NOT NULL,
    reason           text NOT NULL,
    class            text NOT NULL,
    stage            text NOT NULL,
    message          text NOT NULL,
    org_id           text,
    schema_id        integer,
    record_timestamp timestamptz,
    key              bytea,
    payload          bytea,
    header_names     text[] NOT NULL,
    header_values    bytea[] NOT NULL,
    recorded_at      timestamptz NOT NULL DEFAULT now()
);
-- Reading a record again does not list it again; a topic made anew has other records at the same offsets.
CREATE UNIQUE INDEX dead_letter_record ON weir.dead_letter
    (topology, topic, partition, "offset", sha256(coalesce(payload, '')));
ALTER TABLE weir.dead_letter ALTER COLUMN payload SET STORAGE EXTERNAL;
COMMENT ON TABLE weir.dead_letter IS 'Records that could not be metered, whole, as they came; also published to <topic>.dlq.';
COMMENT ON COLUMN weir.dead_letter.id IS 'Order of recording.';
COMMENT ON COLUMN weir.dead_letter.topology IS 'Topology that gave up on it.';
COMMENT ON COLUMN weir.dead_letter.topology_version IS 'Its version.';
COMMENT ON COLUMN weir.dead_letter.topic IS 'Where the record stands: topic.';
COMMENT ON COLUMN weir.dead_letter.partition IS 'Where the record stands: partition.';
COMMENT ON COLUMN weir.dead_letter."offset" IS 'Where the record stands: offset.';
COMMENT ON COLUMN weir.dead_letter.reason IS 'What was wrong, one word of a fixed list (docs/dead-letters.md).';
COMMENT ON COLUMN weir.dead_letter.class IS 'record or schema: whose fault it is.';
COMMENT ON COLUMN weir.dead_letter.stage IS 'frame, decode, validate or meter: where it was noticed.';
COMMENT ON COLUMN weir.dead_letter.message IS 'What was wrong, in words.';
COMMENT ON COLUMN weir.dead_letter.org_id IS 'Organisation, where the record could be read that far.';
COMMENT ON COLUMN weir.dead_letter.schema_id IS 'Schema id in the frame, if there was one.';
COMMENT ON COLUMN weir.dead_letter.record_timestamp IS 'Kafka timestamp of the record.';
COMMENT ON COLUMN weir.dead_letter.key IS 'Kafka key, untouched.';
COMMENT ON COLUMN weir.dead_letter.payload IS 'Kafka value, untouched.';
COMMENT ON COLUMN weir.dead_letter.header_names IS 'Names of its Kafka headers, in order.';
COMMENT ON COLUMN weir.dead_letter.header_values IS 'Values of its Kafka headers, in order.';
COMMENT ON COLUMN weir.dead_letter.recorded_at IS 'When.';

CREATE TABLE weir.gap (
    topology    text NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    from_offset bigint NOT NULL,
    to_offset   bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topology, topic, partition, from_offset)
);
COMMENT ON TABLE weir.gap IS 'Offsets that the broker passed over. Transaction markers and compaction do so by design; anything else is loss.';
COMMENT ON COLUMN weir.gap.topology IS 'Topology that met it.';
COMMENT ON COLUMN weir.gap.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.gap.partition IS 'Kafka partition.';
COMMENT ON COLUMN weir.gap.from_offset IS 'First offset that held no record.';
COMMENT ON COLUMN weir.gap.to_offset IS 'The next offset that did.';
COMMENT ON COLUMN weir.gap.recorded_at IS 'When.';

-- The fence. One call per transaction moves every partition of the batch, or none: a partition whose
-- epoch or offset is not what the worker believes belongs to somebody else now.
CREATE FUNCTION weir.advance(
    p_topology text, p_topics text[], p_partitions integer[], p_epochs bigint[], p_from bigint[], p_to bigint[],
    p_counted bigint[], p_duplicates bigint[], p_conflicts bigint[], p_dead_letters bigint[], p_late bigint[],
    p_skipped bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
BEGIN
    UPDATE weir.partition p
    SET next_offset = i.to_offset,
        counted = p.counted + i.counted,
        duplicates = p.duplicates + i.duplicates,
        conflicts = p.conflicts + i.conflicts,
        dead_letters = p.dead_letters + i.dead_letters,
        late = p.late + i.late,
        skipped = p.skipped + i.skipped,
        committed_at = now()
    FROM unnest(p_topics, p_partitions, p_epochs, p_from, p_to, p_counted, p_duplicates, p_conflicts,
                p_dead_letters, p_late, p_skipped)
        AS i(topic, partition, epoch, from_offset, to_offset, counted, duplicates, conflicts, dead_letters,
             late, skipped)
    WHERE p.topology = p_topology AND p.topic = i.topic AND p.partition = i.partition
      AND p.epoch = i.epoch AND p.next_offset IS NOT DISTINCT FROM i.from_offset;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(p_topics) THEN
        RAISE EXCEPTION 'weir: % of % partitions have another owner now', cardinality(p_topics) - moved,
            cardinality(p_topics) USING ERRCODE = 'WE001';
    END IF;
END $$;
COMMENT ON FUNCTION weir.advance IS 'Moves the offsets of a batch''s partitions under their epochs; raises WE001 if any has another owner.';

GRANT USAGE ON SCHEMA weir TO weir_writer, weir_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA weir TO weir_writer, weir_admin;
GRANT INSERT, UPDATE, DELETE ON weir.partition, weir.seen, weir.member, weir.outbox, weir.dead_letter, weir.gap,
    weir.meter TO weir_writer;
REVOKE ALL ON weir.secret FROM weir_admin;
REVOKE ALL ON FUNCTION weir.advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.advance TO weir_writer;
