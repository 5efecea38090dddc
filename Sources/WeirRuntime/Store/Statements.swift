// The SQL of the commit protocol, prepared once per connection.

internal import WeirCore
internal import WeirPostgres

enum Statement: String, CaseIterable {
    case advance, members, previous, usage, usageUnread, seen, mergeSeen, expireSeen, deadLetter, conflict, gap
    case correction, outbox, deleteOutbox, park, deleteParked

    /// - Parameter table: the topology's output table, a checked identifier.
    func sql(table: String) -> String {
        switch self {
        case .advance:
            """
            SELECT weir.advance($1::text, $2::int4, $3::text[], $4::int4[], $5::int8[], $6::int8[], $7::int8[],
                $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::int8[])
            """
        case .members:
            """
            INSERT INTO weir.member (member, window_end) SELECT * FROM unnest($1::uuid[], $2::timestamptz[])
            ON CONFLICT DO NOTHING RETURNING member
            """
        case .previous:
            // Quantities before the commit, of windows that are closed already.
            """
            SELECT i.number, u.quantity
            FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
                WITH ORDINALITY AS i(org_id, meter, start, dims, number)
            JOIN \(table) u ON u.org_id = i.org_id AND u.meter = i.meter AND u.window_start = i.start
                AND u.dimensions = i.dims::jsonb
            FOR UPDATE OF u
            """
        case .usage:
            Statement.usageUnread.sql(table: table) + """

                RETURNING org_id, window_start, quantity, event_count, revision, first_event_at, last_event_at,
                    first_offset, last_offset, other_sources::text
                """
        case .usageUnread:
            // Where nobody reads the totals, sending and parsing them is a third of what a row costs. One unnest of all arrays
            // in FROM would keep each column in a tuplestore of its own first, a tenth of a row's cost; in SELECT they go in
            // lockstep, and as long as the longest, if their lengths ever differed.
            """
            INSERT INTO \(table) AS u (org_id, meter, window_start, window_end, dimensions, aggregate, quantity,
                event_count, revision, first_event_at, last_event_at, source_topic, source_partition, first_offset,
                last_offset, topology, topology_version)
            SELECT i.org_id, i.meter, i.window_start, i.window_end, i.dimensions::jsonb, i.aggregate, i.quantity,
                i.event_count, 1, i.first_event_at, i.last_event_at, i.source_topic, i.source_partition,
                i.first_offset, i.last_offset, $14::text, $15::int4
            FROM (SELECT unnest($1::text[]) AS org_id, unnest($2::text[]) AS meter, unnest($3::timestamptz[]) AS window_start,
                unnest($4::timestamptz[]) AS window_end, unnest($5::text[]) AS dimensions, unnest($6::text[]) AS aggregate,
                unnest($7::numeric[]) AS quantity, unnest($8::int8[]) AS event_count,
                unnest($9::timestamptz[]) AS first_event_at, unnest($10::timestamptz[]) AS last_event_at,
                unnest($11::text[]) AS source_topic, unnest($12::int4[]) AS source_partition,
                unnest($13::int8[]) AS first_offset, unnest($16::int8[]) AS last_offset) AS i
            ON CONFLICT (org_id, meter, window_start, dimensions) DO UPDATE SET
                quantity = CASE u.aggregate
                    WHEN 'max' THEN greatest(u.quantity, excluded.quantity)
                    WHEN 'min' THEN least(u.quantity, excluded.quantity)
                    WHEN 'last' THEN CASE WHEN excluded.last_event_at >= u.last_event_at
                        THEN excluded.quantity ELSE u.quantity END
                    ELSE u.quantity + excluded.quantity END,
                event_count = u.event_count + excluded.event_count,
                revision = u.revision + 1,
                first_event_at = least(u.first_event_at, excluded.first_event_at),
                last_event_at = greatest(u.last_event_at, excluded.last_event_at),
                source_topic = excluded.source_topic,
                source_partition = excluded.source_partition,
                first_offset = CASE
                    WHEN (u.source_topic, u.source_partition) = (excluded.source_topic, excluded.source_partition)
                    THEN least(u.first_offset, excluded.first_offset)
                    ELSE least((u.other_sources -> (excluded.source_topic || '/' || excluded.source_partition)
                        ->> 0)::bigint, excluded.first_offset) END,
                last_offset = CASE
                    WHEN (u.source_topic, u.source_partition) = (excluded.source_topic, excluded.source_partition)
                    THEN greatest(u.last_offset, excluded.last_offset)
                    ELSE greatest((u.other_sources -> (excluded.source_topic || '/' || excluded.source_partition)
                        ->> 1)::bigint, excluded.last_offset) END,
                other_sources = CASE
                    WHEN (u.source_topic, u.source_partition) = (excluded.source_topic, excluded.source_partition)
                    THEN u.other_sources
                    ELSE (coalesce(u.other_sources, '{}') - (excluded.source_topic || '/' || excluded.source_partition))
                        || jsonb_build_object(u.source_topic || '/' || u.source_partition,
                            jsonb_build_array(u.first_offset, u.last_offset)) END,
                topology_version = excluded.topology_version,
                updated_at = now()
            """
        case .seen:
            """
            INSERT INTO weir.seen (topology, topic, partition, first_offset, seen_at, key_count, keys)
            VALUES ($1::text, $2::text, $3::int4, $4::int8, $5::timestamptz, $6::int4, $7::bytea)
            """
        case .mergeSeen:
            """
            WITH small AS (
                DELETE FROM weir.seen WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4
                    AND seen_at >= $4::timestamptz AND key_count < 4096
                RETURNING *
            )
            INSERT INTO weir.seen (topology, topic, partition, first_offset, seen_at, key_count, keys)
            SELECT topology, topic, partition, min(first_offset), max(seen_at), sum(key_count),
                string_agg(keys, ''::bytea ORDER BY first_offset)
            FROM small GROUP BY topology, topic, partition
            """
        case .expireSeen:
            """
            DELETE FROM weir.seen WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4
                AND seen_at < $4::timestamptz
            """
        case .deadLetter:
            """
            INSERT INTO weir.dead_letter (topology, topology_version, topic, partition, "offset", reason, class, stage,
                message, org_id, schema_id, record_timestamp, key, payload, header_names, header_values, replay_count,
                attempt, first_seen, replay_of)
            VALUES ($1::text, $2::int4, $3::text, $4::int4, $5::int8, $6::text, $7::text, $8::text, $9::text,
                $10::text, $11::int4, $12::timestamptz, $13::bytea, $14::bytea, $15::text[], $16::bytea[], $17::int4,
                $20::int4, $18::timestamptz, $19::int8)
            ON CONFLICT DO NOTHING
            """
        case .conflict:
            """
            INSERT INTO billing.conflict (org_id, idempotency_key, topology, source_topic, source_partition,
                source_offset, payload)
            SELECT i.org_id, i.key, $7::text, i.topic, i.partition, i.record_offset, i.payload
            FROM unnest($1::text[], $2::text[], $3::text[], $4::int4[], $5::int8[], $6::bytea[])
                AS i(org_id, key, topic, partition, record_offset, payload)
            ON CONFLICT DO NOTHING
            """
        case .gap:
            """
            INSERT INTO weir.gap (topology, topic, partition, from_offset, to_offset, cause)
            SELECT $6::text, i.* FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[], $5::text[]) AS i
            ON CONFLICT DO NOTHING
            """
        case .correction:
            """
            INSERT INTO billing.correction (org_id, meter, window_start, window_end, dimensions, previous_quantity,
                quantity, event_count, revision, source_topic, source_partition, first_offset, last_offset)
            SELECT i.org_id, i.meter, i.window_start, i.window_end, i.dimensions::jsonb, i.previous, i.quantity,
                i.event_count, i.revision, i.topic, i.partition, i.first_offset, i.last_offset
            FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::numeric[],
                $7::numeric[], $8::int8[], $9::int8[], $10::text[], $11::int4[], $12::int8[], $13::int8[])
                AS i(org_id, meter, window_start, window_end, dimensions, previous, quantity, event_count, revision,
                    topic, partition, first_offset, last_offset)
            """
        case .outbox:
            """
            INSERT INTO weir.outbox (topology, topic, partition, message_count, messages)
            VALUES ($1::text, $2::text, $3::int4, $4::int4, $5::bytea) RETURNING id
            """
        case .park:
            """
            INSERT INTO weir.parked (topology, topic, partition, cause, org_id, schema_id, first_offset, last_offset,
                record_count, byte_count, records)
            VALUES ($1::text, $2::text, $3::int4, $4::text, $5::text, $6::int4, $7::int8, $8::int8, $9::int4,
                $10::int8, $11::bytea)
            RETURNING id, parked_at
            """
        case .deleteParked:
            "DELETE FROM weir.parked WHERE id = ANY($1::int8[])"
        case .deleteOutbox:
            "DELETE FROM weir.outbox WHERE id = ANY($1::int8[])"
        }
    }
}
