-- What analysts read: usage, corrections and conflicts, each under row-level security by organisation.

CREATE SCHEMA billing;
COMMENT ON SCHEMA billing IS 'Metered usage. Every row has an org_id; SET app.org_id says whose rows a session sees.';

-- The organisation this session may see; null, and so no row, when nothing is set.
CREATE FUNCTION billing.current_org() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.org_id', true), '');
COMMENT ON FUNCTION billing.current_org IS 'Organisation in the setting app.org_id, or null.';

CREATE FUNCTION billing.sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN pg_has_role(current_user, 'weir_admin', 'USAGE');
COMMENT ON FUNCTION billing.sees_all IS 'Whether the session''s role is weir_admin or inherits it.';

CREATE TABLE billing.usage (
    org_id           text NOT NULL,
    meter            text NOT NULL,
    window_start     timestamptz NOT NULL,
    window_end       timestamptz NOT NULL,
    dimensions       jsonb NOT NULL DEFAULT '{}',
    aggregate        text NOT NULL CHECK (aggregate IN ('count', 'sum', 'min', 'max', 'last', 'unique')),
    quantity         numeric(38, 6) NOT NULL,
    event_count      bigint NOT NULL,
    revision         bigint NOT NULL,
    first_event_at   timestamptz NOT NULL,
    last_event_at    timestamptz NOT NULL,
    source_topic     text NOT NULL,
    source_partition integer NOT NULL,
    first_offset     bigint NOT NULL,
    last_offset      bigint NOT NULL,
    other_sources    jsonb,
    topology         text NOT NULL,
    topology_version integer NOT NULL,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, meter, window_start, dimensions)
) WITH (fillfactor = 70);
COMMENT ON TABLE billing.usage IS 'One row per organisation, meter, window and dimensions: the total so far. Late events change the row and raise its revision.';
COMMENT ON COLUMN billing.usage.org_id IS 'Organisation.';
COMMENT ON COLUMN billing.usage.meter IS 'Meter, as named in the topology.';
COMMENT ON COLUMN billing.usage.window_start IS 'Start of the window of event time, inclusive, UTC.';
COMMENT ON COLUMN billing.usage.window_end IS 'End of the window of event time, exclusive, UTC.';
COMMENT ON COLUMN billing.usage.dimensions IS 'Values of the meter''s group_by fields; {} for a meter without any.';
COMMENT ON COLUMN billing.usage.aggregate IS 'How quantity is made of the events: count, sum, min, max, last or unique.';
COMMENT ON COLUMN billing.usage.quantity IS 'The metered total of the window so far.';
COMMENT ON COLUMN billing.usage.event_count IS 'Events that went into it, repeats not counted.';
COMMENT ON COLUMN billing.usage.revision IS 'Raised by one on every change; billing.usage.v1 carries the same number.';
COMMENT ON COLUMN billing.usage.first_event_at IS 'Earliest event time that went into it.';
COMMENT ON COLUMN billing.usage.last_event_at IS 'Latest event time that went into it.';
COMMENT ON COLUMN billing.usage.source_topic IS 'Provenance: topic the events came from.';
COMMENT ON COLUMN billing.usage.source_partition IS 'Provenance: partition the events came from.';
COMMENT ON COLUMN billing.usage.first_offset IS 'Provenance: lowest offset that went into it.';
COMMENT ON COLUMN billing.usage.last_offset IS 'Provenance: highest offset that went into it.';
COMMENT ON COLUMN billing.usage.other_sources IS 'Provenance from before the topic was repartitioned: {"topic/partition": [first, last]}; null otherwise.';
COMMENT ON COLUMN billing.usage.topology IS 'Topology that wrote it.';
COMMENT ON COLUMN billing.usage.topology_version IS 'Version of the topology that changed it last.';
COMMENT ON COLUMN billing.usage.updated_at IS 'When it changed last.';

CREATE TABLE billing.correction (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id            text NOT NULL,
    meter             text NOT NULL,
    window_start      timestamptz NOT NULL,
    window_end        timestamptz NOT NULL,
    dimensions        jsonb NOT NULL,
    previous_quantity numeric(38, 6) NOT NULL,
    quantity          numeric(38, 6) NOT NULL,
    event_count       bigint NOT NULL,
    revision          bigint NOT NULL,
    source_topic      text NOT NULL,
    source_partition  integer NOT NULL,
    first_offset      bigint NOT NULL,
    last_offset       bigint NOT NULL,
    recorded_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX correction_window ON billing.correction (org_id, meter, window_start);
COMMENT ON TABLE billing.correction IS 'Append-only: what changed in a window after its end plus grace, when it may have been invoiced already. billing.usage holds the corrected total.';
COMMENT ON COLUMN billing.correction.id IS 'Order of recording.';
COMMENT ON COLUMN billing.correction.org_id IS 'Organisation.';
COMMENT ON COLUMN billing.correction.meter IS 'Meter.';
COMMENT ON COLUMN billing.correction.window_start IS 'Start of the corrected window.';
COMMENT ON COLUMN billing.correction.window_end IS 'End of the corrected window.';
COMMENT ON COLUMN billing.correction.dimensions IS 'Dimensions of the corrected row.';
COMMENT ON COLUMN billing.correction.previous_quantity IS 'Quantity before; 0 if there was no row.';
COMMENT ON COLUMN billing.correction.quantity IS 'Quantity after.';
COMMENT ON COLUMN billing.correction.event_count IS 'Late events that made the change.';
COMMENT ON COLUMN billing.correction.revision IS 'Revision of billing.usage that holds the change.';
COMMENT ON COLUMN billing.correction.source_topic IS 'Provenance of the late events: topic.';
COMMENT ON COLUMN billing.correction.source_partition IS 'Provenance of the late events: partition.';
COMMENT ON COLUMN billing.correction.first_offset IS 'Provenance of the late events: lowest offset.';
COMMENT ON COLUMN billing.correction.last_offset IS 'Provenance of the late events: highest offset.';
COMMENT ON COLUMN billing.correction.recorded_at IS 'When.';

CREATE TABLE billing.conflict (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id           text NOT NULL,
    idempotency_key  text NOT NULL,
    topology         text NOT NULL,
    source_topic     text NOT NULL,
    source_partition integer NOT NULL,
    source_offset    bigint NOT NULL,
    payload          bytea NOT NULL,
    recorded_at      timestamptz NOT NULL DEFAULT now()
);
-- Reading a record again does not list it again; a topic made anew has other records at the same offsets.
CREATE UNIQUE INDEX conflict_record ON billing.conflict
    (topology, source_topic, source_partition, source_offset, sha256(payload));
COMMENT ON TABLE billing.conflict IS 'Append-only: events that were not counted because their idempotency key had come before with another payload. Somebody must look.';
COMMENT ON COLUMN billing.conflict.id IS 'Order of recording.';
COMMENT ON COLUMN billing.conflict.org_id IS 'Organisation.';
COMMENT ON COLUMN billing.conflict.idempotency_key IS 'The key that came twice.';
COMMENT ON COLUMN billing.conflict.topology IS 'Topology that noticed.';
COMMENT ON COLUMN billing.conflict.source_topic IS 'Where the second event stands: topic.';
COMMENT ON COLUMN billing.conflict.source_partition IS 'Where the second event stands: partition.';
COMMENT ON COLUMN billing.conflict.source_offset IS 'Where the second event stands: offset.';
COMMENT ON COLUMN billing.conflict.payload IS 'The second event, as it came.';
COMMENT ON COLUMN billing.conflict.recorded_at IS 'When.';

-- Row-level security for a table with an org_id: its owner is bound too, the writer writes, others read their own.
-- Two policies for readers, not one with OR: an analyst's own rows are then found through an index on org_id.
CREATE PROCEDURE weir.protect(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY writer ON %s TO weir_writer USING (true) WITH CHECK (true)', target);
    EXECUTE format('CREATE POLICY reader ON %s FOR SELECT USING (org_id = billing.current_org())', target);
    EXECUTE format('CREATE POLICY admin ON %s FOR SELECT TO weir_admin, weir_views USING (billing.sees_all())', target);
    EXECUTE format('GRANT SELECT ON %s TO analyst, weir_admin, weir_views', target);
    EXECUTE format('GRANT SELECT, INSERT ON %s TO weir_writer', target);
END $$;
COMMENT ON PROCEDURE weir.protect IS 'Puts a table with an org_id under row-level security.';

-- Another table of the same shape, for topologies that keep their usage apart.
CREATE PROCEDURE weir.create_usage_table(name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %s (LIKE billing.usage INCLUDING ALL)', name);
    EXECUTE format('COMMENT ON TABLE %s IS %L', name, obj_description('billing.usage'::regclass, 'pg_class'));
    CALL weir.protect(name::regclass);
    EXECUTE format('GRANT UPDATE ON %s TO weir_writer', name);
END $$;
COMMENT ON PROCEDURE weir.create_usage_table IS 'Makes a protected table of the shape of billing.usage: CALL weir.create_usage_table(''myschema.usage'').';
REVOKE ALL ON PROCEDURE weir.protect, weir.create_usage_table FROM PUBLIC;

CALL weir.protect('billing.usage');
CALL weir.protect('billing.correction');
CALL weir.protect('billing.conflict');
-- The others are append-only.
GRANT UPDATE ON billing.usage TO weir_writer;

GRANT USAGE ON SCHEMA billing TO weir_writer, analyst, weir_admin, weir_views;

CREATE VIEW billing.usage_daily AS
SELECT org_id, meter, (window_start AT TIME ZONE 'UTC')::date AS day, dimensions, aggregate,
    CASE aggregate
        WHEN 'max' THEN max(quantity)
        WHEN 'min' THEN min(quantity)
        WHEN 'last' THEN (array_agg(quantity ORDER BY last_event_at DESC, window_start DESC))[1]
        ELSE sum(quantity)
    END AS quantity,
    sum(event_count)::bigint AS event_count,
    min(first_event_at) AS first_event_at,
    max(last_event_at) AS last_event_at,
    max(updated_at) AS updated_at
FROM billing.usage
WHERE CASE aggregate
        -- Distinct members of an hour do not add up to distinct members of a day.
        WHEN 'unique' THEN window_end = window_start + interval '24 hours'
        ELSE window_end <= window_start + interval '24 hours'
      END
GROUP BY org_id, meter, day, dimensions, aggregate;
COMMENT ON VIEW billing.usage_daily IS 'Usage per UTC day. A unique meter appears here only if its window is a day (1d).';

CREATE VIEW billing.usage_monthly AS
SELECT org_id, meter, date_trunc('month', window_start AT TIME ZONE 'UTC')::date AS month, dimensions, aggregate,
    CASE aggregate
        WHEN 'max' THEN max(quantity)
        WHEN 'min' THEN min(quantity)
        WHEN 'last' THEN (array_agg(quantity ORDER BY last_event_at DESC, window_start DESC))[1]
        ELSE sum(quantity)
    END AS quantity,
    sum(event_count)::bigint AS event_count,
    min(first_event_at) AS first_event_at,
    max(last_event_at) AS last_event_at,
    max(updated_at) AS updated_at
FROM billing.usage
WHERE CASE aggregate
        WHEN 'unique' THEN (window_end AT TIME ZONE 'UTC') = (window_start AT TIME ZONE 'UTC') + interval '1 month'
        ELSE (window_end AT TIME ZONE 'UTC') <= (window_start AT TIME ZONE 'UTC') + interval '1 month'
      END
GROUP BY org_id, meter, month, dimensions, aggregate;
COMMENT ON VIEW billing.usage_monthly IS 'Usage per UTC calendar month. A unique meter appears here only if its window is a month (1mo).';

DO $$
DECLARE
    view_name text;
BEGIN
    FOREACH view_name IN ARRAY ARRAY['billing.usage_daily', 'billing.usage_monthly'] LOOP
        EXECUTE format('COMMENT ON COLUMN %s.org_id IS ''Organisation.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.meter IS ''Meter, as named in the topology.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.dimensions IS ''Values of the meter''''s group_by fields.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.aggregate IS ''How quantity is made of the events.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.quantity IS ''The metered total of the period so far.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.event_count IS ''Events that went into it.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.first_event_at IS ''Earliest event time.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.last_event_at IS ''Latest event time.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.updated_at IS ''When a window of the period changed last.''', view_name);
        EXECUTE format('GRANT SELECT ON %s TO analyst, weir_admin, weir_writer', view_name);
    END LOOP;
END $$;
COMMENT ON COLUMN billing.usage_daily.day IS 'UTC day.';
COMMENT ON COLUMN billing.usage_monthly.month IS 'First day of the UTC month.';

-- PostgreSQL lets only a member hand a view over, and only to a role that may create in its schema.
-- A superuser needs neither; somebody who may not grant the role is a member already, or hears it below.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT weir_views TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege OR unique_violation THEN
    NULL;
END $$;
GRANT CREATE ON SCHEMA billing TO weir_views;
ALTER VIEW billing.usage_daily OWNER TO weir_views;
ALTER VIEW billing.usage_monthly OWNER TO weir_views;
REVOKE CREATE ON SCHEMA billing FROM weir_views;
