-- Commits are numbered, so that a batch whose reply was lost is told apart from one that was never written;
-- records can wait; gaps say why; and a topology whose meters changed fences the workers of its older version.

ALTER TABLE weir.partition ADD COLUMN sequence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN weir.partition.sequence IS 'Commits of the partition so far.';

ALTER TABLE weir.partition ADD COLUMN parked bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN weir.partition.parked IS 'Records that wait in weir.parked now.';
ALTER TABLE weir.partition ADD COLUMN diverted bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN weir.partition.diverted IS 'Records over a quota that went to <topic>.overflow.';

ALTER TABLE weir.gap ADD COLUMN cause text NOT NULL DEFAULT 'unknown';
COMMENT ON COLUMN weir.gap.cause IS 'markers or aborted (transactions), compaction, lost (on_gap: continue), unknown (before version 4 of the tables).';
COMMENT ON TABLE weir.gap IS 'Offsets that held no record for Weir, and why. Those with cause lost are usage that is missing.';

CREATE TABLE weir.topology (
    topology   text PRIMARY KEY,
    version    integer NOT NULL,
    meters     text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE weir.topology IS 'The version of each topology that last changed its meters: workers of older ones are fenced.';
COMMENT ON COLUMN weir.topology.topology IS 'Its name.';
COMMENT ON COLUMN weir.topology.version IS 'The version that first ran with these meters.';
COMMENT ON COLUMN weir.topology.meters IS 'What its meters compute, in words, one a line.';
COMMENT ON COLUMN weir.topology.changed_at IS 'When that version first ran.';

CREATE TABLE weir.parked (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topology     text NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    cause        text NOT NULL,
    org_id       text,
    schema_id    integer,
    first_offset bigint NOT NULL,
    last_offset  bigint NOT NULL,
    record_count integer NOT NULL,
    byte_count   bigint NOT NULL,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    records      bytea NOT NULL
);
ALTER TABLE weir.parked ALTER COLUMN records SET STORAGE EXTERNAL;
CREATE INDEX parked_partition ON weir.parked (topology, topic, partition);
COMMENT ON TABLE weir.parked IS 'Records that wait: for their organisation''s quota, or for their schema. Metered, and deleted, by the owner of their partition.';
COMMENT ON COLUMN weir.parked.id IS 'Order of putting aside.';
COMMENT ON COLUMN weir.parked.topology IS 'Topology that read them.';
COMMENT ON COLUMN weir.parked.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.parked.partition IS 'Kafka partition.';
COMMENT ON COLUMN weir.parked.cause IS 'quota or schema.';
COMMENT ON COLUMN weir.parked.org_id IS 'The organisation that is over its quota.';
COMMENT ON COLUMN weir.parked.schema_id IS 'The schema id that is not known.';
COMMENT ON COLUMN weir.parked.first_offset IS 'Offset of the first of them.';
COMMENT ON COLUMN weir.parked.last_offset IS 'Offset of the last of them; others in between were metered at once.';
COMMENT ON COLUMN weir.parked.record_count IS 'How many.';
COMMENT ON COLUMN weir.parked.byte_count IS 'Bytes of their payloads.';
COMMENT ON COLUMN weir.parked.parked_at IS 'When.';
COMMENT ON COLUMN weir.parked.records IS 'The records, packed: see Sources/WeirRuntime/Store/ParkedRecords.swift.';

DROP FUNCTION weir.advance(text, text[], integer[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
    bigint[], bigint[], bigint[]);

-- WE002: meters of two versions are never mixed.
CREATE FUNCTION weir.require_version(p_topology text, p_version integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    newer integer;
BEGIN
    SELECT version INTO newer FROM weir.topology WHERE topology = p_topology AND version > p_version;
    IF FOUND THEN
        RAISE EXCEPTION 'weir: version % of topology % changed its meters; version % may write no more', newer,
            p_topology, p_version USING ERRCODE = 'WE002';
    END IF;
END $$;
COMMENT ON FUNCTION weir.require_version IS 'Raises WE002 if a newer version of the topology has changed its meters.';

-- The fence. One call per transaction moves every partition of the batch, or none: a partition whose
-- epoch, offset or sequence is not what the worker believes belongs to somebody else now.
CREATE FUNCTION weir.advance(
    p_topology text, p_version integer, p_topics text[], p_partitions integer[], p_epochs bigint[],
    p_sequences bigint[], p_from bigint[], p_to bigint[], p_counted bigint[], p_duplicates bigint[],
    p_conflicts bigint[], p_dead_letters bigint[], p_late bigint[], p_skipped bigint[], p_parked bigint[],
    p_diverted bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
BEGIN
    PERFORM weir.require_version(p_topology, p_version);
    UPDATE weir.partition p
    SET next_offset = i.to_offset,
        sequence = p.sequence + 1,
        counted = p.counted + i.counted,
        duplicates = p.duplicates + i.duplicates,
        conflicts = p.conflicts + i.conflicts,
        dead_letters = p.dead_letters + i.dead_letters,
        late = p.late + i.late,
        skipped = p.skipped + i.skipped,
        parked = p.parked + i.parked,
        diverted = p.diverted + i.diverted,
        committed_at = now()
    FROM unnest(p_topics, p_partitions, p_epochs, p_sequences, p_from, p_to, p_counted, p_duplicates, p_conflicts,
                p_dead_letters, p_late, p_skipped, p_parked, p_diverted)
        AS i(topic, partition, epoch, sequence, from_offset, to_offset, counted, duplicates, conflicts,
             dead_letters, late, skipped, parked, diverted)
    WHERE p.topology = p_topology AND p.topic = i.topic AND p.partition = i.partition
      AND p.epoch = i.epoch AND p.sequence = i.sequence AND p.next_offset IS NOT DISTINCT FROM i.from_offset;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(p_topics) THEN
        RAISE EXCEPTION 'weir: % of % partitions have another owner now', cardinality(p_topics) - moved,
            cardinality(p_topics) USING ERRCODE = 'WE001';
    END IF;
END $$;
COMMENT ON FUNCTION weir.advance IS 'Moves the offsets of a batch''s partitions under their epochs; raises WE001 if any has another owner.';

GRANT SELECT ON weir.topology, weir.parked TO weir_writer, weir_admin;
GRANT INSERT, UPDATE ON weir.topology TO weir_writer;
GRANT INSERT, DELETE ON weir.parked TO weir_writer;
REVOKE ALL ON FUNCTION weir.advance FROM PUBLIC;
REVOKE ALL ON FUNCTION weir.require_version FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.advance, weir.require_version TO weir_writer;
