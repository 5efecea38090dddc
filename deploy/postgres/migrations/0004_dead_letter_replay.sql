-- What `weir dlq` needs to send dead letters again: how often, since when, where to, and which to leave alone.

ALTER TABLE weir.dead_letter
    ADD COLUMN attempt            integer NOT NULL DEFAULT 1,
    ADD COLUMN first_seen         timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN replay_of          bigint,
    ADD COLUMN replay_count       integer NOT NULL DEFAULT 0,
    ADD COLUMN replayed_at        timestamptz,
    ADD COLUMN replayed_by        text,
    ADD COLUMN replayed_partition integer,
    ADD COLUMN replayed_offset    bigint,
    ADD COLUMN replayed_edited    boolean NOT NULL DEFAULT false,
    ADD COLUMN quarantined_at     timestamptz,
    ADD COLUMN released_at        timestamptz;
UPDATE weir.dead_letter SET first_seen = recorded_at;

-- A replay that was killed between publishing and marking publishes its record twice. If both copies come back,
-- they are one dead letter. The content is part of the key because headers can be written by any producer: nobody
-- can keep another record out of the table by claiming its number.
CREATE UNIQUE INDEX dead_letter_replay ON weir.dead_letter
    (topology, topic, replay_of, attempt, sha256(coalesce(key, '') || '\x00'::bytea || coalesce(payload, '')))
    WHERE replay_of IS NOT NULL;

COMMENT ON COLUMN weir.dead_letter.attempt IS 'How often Weir has met the record, this time included: 1, and one more for every replay before.';
COMMENT ON COLUMN weir.dead_letter.first_seen IS 'When Weir met the record first, before any replay.';
COMMENT ON COLUMN weir.dead_letter.replay_of IS 'Dead letter (id) whose replay this record was; null if it came from a producer. The row may be purged.';
COMMENT ON COLUMN weir.dead_letter.replay_count IS 'How often the record has been replayed, in all its rounds.';
COMMENT ON COLUMN weir.dead_letter.replayed_at IS 'When the broker had acknowledged its last replay; null if this row was not replayed.';
COMMENT ON COLUMN weir.dead_letter.replayed_by IS 'PostgreSQL login that replayed it.';
COMMENT ON COLUMN weir.dead_letter.replayed_partition IS 'Where the replay stands: partition of the same topic.';
COMMENT ON COLUMN weir.dead_letter.replayed_offset IS 'Where the replay stands: offset.';
COMMENT ON COLUMN weir.dead_letter.replayed_edited IS 'Whether key or payload were changed for the replay.';
COMMENT ON COLUMN weir.dead_letter.quarantined_at IS 'When `weir dlq replay` found that it had been replayed too often; null if it is not in quarantine.';
COMMENT ON COLUMN weir.dead_letter.released_at IS 'When `weir dlq release` took it out of quarantine, for one more replay.';
