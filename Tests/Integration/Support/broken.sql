-- A migration that breaks the protocol, for VerifyTests.
-- The offset runs ahead of the effects, and nobody compares it. A worker that goes on notices nothing.
CREATE OR REPLACE FUNCTION weir.advance(
    p_topology text, p_topics text[], p_partitions integer[], p_epochs bigint[], p_from bigint[], p_to bigint[],
    p_counted bigint[], p_duplicates bigint[], p_conflicts bigint[], p_dead_letters bigint[], p_late bigint[],
    p_skipped bigint[]
) RETURNS void LANGUAGE sql AS $$
    UPDATE weir.partition p
    SET next_offset = i.to_offset + 3, counted = p.counted + i.counted, duplicates = p.duplicates + i.duplicates,
        conflicts = p.conflicts + i.conflicts, dead_letters = p.dead_letters + i.dead_letters, late = p.late + i.late,
        skipped = p.skipped + i.skipped, committed_at = now()
    FROM unnest(p_topics, p_partitions, p_epochs, p_from, p_to, p_counted, p_duplicates, p_conflicts,
                p_dead_letters, p_late, p_skipped)
        AS i(topic, partition, epoch, from_offset, to_offset, counted, duplicates, conflicts, dead_letters, late,
             skipped)
    WHERE p.topology = p_topology AND p.topic = i.topic AND p.partition = i.partition AND p.epoch = i.epoch;
$$;

-- What was seen is forgotten as soon as nobody remembers it.
CREATE FUNCTION weir.forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER forget BEFORE INSERT ON weir.seen FOR EACH ROW EXECUTE FUNCTION weir.forget();
