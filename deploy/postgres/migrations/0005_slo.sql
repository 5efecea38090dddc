-- How topologies kept their lag objectives, for analysts: a table that topologies/lag-slo.yaml fills, and views that
-- take what nobody reported for bad. docs/slo.md says how to ask.

CREATE SCHEMA slo;
COMMENT ON SCHEMA slo IS 'How topologies kept their lag objectives. Here org_id is a topology''s name; SET app.org_id says whose rows a session sees.';

CALL weir.create_usage_table('slo.lag');
COMMENT ON TABLE slo.lag IS 'What slo.lag.v1 said, added up by hour and partition: meters records, good, covered_ms, overdue_ms, target_ppm. In the shape of billing.usage; the views of this schema are easier to read.';

CREATE TABLE slo.retired (
    org_id       text NOT NULL,
    source_topic text NOT NULL,
    retired_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, source_topic)
);
COMMENT ON TABLE slo.retired IS 'Topics that a topology no longer reads, on purpose. Without a row here the silence of a topology that was switched off counts as bad for ever.';
COMMENT ON COLUMN slo.retired.org_id IS 'The topology''s name.';
COMMENT ON COLUMN slo.retired.source_topic IS 'The topic.';
COMMENT ON COLUMN slo.retired.retired_at IS 'No reports are expected after this moment.';
CALL weir.protect('slo.retired');
-- Here people write, not Weir.
REVOKE INSERT ON slo.retired FROM weir_writer;
CREATE POLICY keeper ON slo.retired TO weir_admin USING (true) WITH CHECK (true);
GRANT INSERT, UPDATE, DELETE ON slo.retired TO weir_admin;

CREATE FUNCTION slo.settled_until() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN now() - interval '5 minutes';
COMMENT ON FUNCTION slo.settled_until IS 'Reports are expected up to this moment: a minute has to end and to come through Kafka first.';

-- Whose rows a session sees is decided by row-level security of the table, through the views, too.
CREATE VIEW slo.daily AS
WITH reported AS (
    SELECT org_id AS topology, dimensions ->> 'source_topic' AS source_topic,
        (dimensions ->> 'source_partition')::integer AS source_partition,
        (window_start AT TIME ZONE 'UTC')::date AS day,
        sum(quantity) FILTER (WHERE meter = 'records')::bigint AS records,
        sum(quantity) FILTER (WHERE meter = 'good')::bigint AS good,
        -- Where a clock was set back an hour is reported twice.
        sum(least(quantity, 3600000)) FILTER (WHERE meter = 'covered_ms')::bigint AS covered_ms,
        sum(least(quantity, 3600000)) FILTER (WHERE meter = 'overdue_ms')::bigint AS overdue_ms,
        max(quantity) FILTER (WHERE meter = 'target_ppm')::bigint AS target_ppm,
        min(first_event_at) AS first_report_at, max(last_event_at) AS last_report_at
    FROM slo.lag
    WHERE meter IN ('records', 'good', 'covered_ms', 'overdue_ms', 'target_ppm')
    GROUP BY 1, 2, 3, 4
),
life AS (
    SELECT d.topology, d.source_topic, d.source_partition, min(d.first_report_at) AS began,
        greatest(max(d.last_report_at), least(slo.settled_until(), min(r.retired_at))) AS ended
    FROM reported d
    LEFT JOIN slo.retired r ON r.org_id = d.topology AND r.source_topic = d.source_topic
    GROUP BY d.topology, d.source_topic, d.source_partition
),
expected AS (
    SELECT l.topology, l.source_topic, l.source_partition, d.day::date AS day,
        round(extract(epoch FROM least(l.ended, (d.day + interval '1 day') AT TIME ZONE 'UTC')
            - greatest(l.began, d.day AT TIME ZONE 'UTC')) * 1000)::bigint AS expected_ms
    FROM life l
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', l.began AT TIME ZONE 'UTC'), l.ended AT TIME ZONE 'UTC', interval '1 day') AS d(day)
),
joined AS (
    SELECT topology, source_topic, source_partition, day, e.expected_ms, coalesce(r.records, 0) AS records,
        coalesce(r.good, 0) AS good, least(coalesce(r.covered_ms, 0), e.expected_ms) AS covered_ms,
        coalesce(r.overdue_ms, 0) AS overdue_ms, r.target_ppm,
        -- Days with a report number the silent days after them.
        count(r.target_ppm) OVER (PARTITION BY topology, source_topic, source_partition ORDER BY day) AS spell
    FROM expected e
    LEFT JOIN reported r USING (topology, source_topic, source_partition, day)
)
SELECT topology, source_topic, source_partition, day, records, good, expected_ms,
    expected_ms - covered_ms AS missing_ms,
    least(overdue_ms, covered_ms) AS overdue_ms,
    max(target_ppm) OVER (PARTITION BY topology, source_topic, source_partition, spell) AS target_ppm
FROM joined;
COMMENT ON VIEW slo.daily IS 'Each partition by UTC day, from its first report to slo.settled_until() or its retirement, silent days too.';

-- Compliance of whole topologies. All numbers are exact; what is rounded is rounded against the topology.
DO $$
DECLARE
    period    text;
    view_name text;
BEGIN
    FOREACH period IN ARRAY ARRAY['day', 'month', 'quarter'] LOOP
        view_name := CASE period WHEN 'day' THEN 'slo.compliance_daily' ELSE format('slo.compliance_%sly', period) END;
        EXECUTE format($view$
            CREATE VIEW %1$s AS
            WITH sums AS (
                SELECT topology, date_trunc(%2$L, day::timestamp)::date AS %3$I, sum(records) AS records,
                    sum(good) AS good, sum(records - good) AS late, sum(expected_ms) AS expected,
                    sum(missing_ms) AS missing, sum(overdue_ms) AS overdue,
                    sum(records::numeric * (1000000 - target_ppm)) AS late_allowed,
                    sum(expected_ms::numeric * (1000000 - target_ppm)) AS bad_allowed
                FROM slo.daily
                GROUP BY topology, date_trunc(%2$L, day::timestamp)
            )
            SELECT topology, %3$I, records::bigint AS records, good::bigint AS good,
                (floor(good * 1000000 / nullif(records, 0)) / 1000000)::numeric(38, 6) AS compliance,
                (floor((late_allowed - late * 1000000) * 1000000 / nullif(late_allowed, 0)) / 1000000)::numeric(38, 6)
                    AS budget_left,
                (expected / 1000)::numeric(38, 3) AS expected_seconds,
                (missing / 1000)::numeric(38, 3) AS missing_seconds,
                (overdue / 1000)::numeric(38, 3) AS overdue_seconds,
                (floor((expected - missing - overdue) * 1000000 / nullif(expected, 0)) / 1000000)::numeric(38, 6)
                    AS time_compliance,
                (floor((bad_allowed - (missing + overdue) * 1000000) * 1000000 / nullif(bad_allowed, 0)) / 1000000)
                    ::numeric(38, 6) AS time_budget_left,
                late * 1000000 <= late_allowed AND (missing + overdue) * 1000000 <= bad_allowed AS kept
            FROM sums
            $view$, view_name, period, period);
        EXECUTE format('COMMENT ON VIEW %s IS %L', view_name, format(
            'How topologies kept their objectives, by UTC %s: share of records in time, share of time that was good, and what is left of both error budgets.', period));
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', view_name, period, format('First day of the UTC %s.', period));
        EXECUTE format('COMMENT ON COLUMN %s.topology IS ''The topology''''s name.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.records IS ''Records committed whose lag counts.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.good IS ''Of records, those within the objective''''s line.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.compliance IS ''good / records, six decimals, rounded down; null without records.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.budget_left IS ''Error budget of records that is left: 1 is all, 0 none, negative overdrawn; null without records.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.expected_seconds IS ''Time for which reports are expected, of all partitions together.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.missing_seconds IS ''Of that, time that nobody reported: bad.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.overdue_seconds IS ''Of that, minutes at whose end something had waited for longer than the line: bad.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.time_compliance IS ''Share of the expected time that was neither, rounded down.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.time_budget_left IS ''Error budget of time that is left, by the objective''''s share: 1 is all, 0 none, negative overdrawn.''', view_name);
        EXECUTE format('COMMENT ON COLUMN %s.kept IS ''Neither budget is overdrawn.''', view_name);
    END LOOP;
END $$;

COMMENT ON COLUMN slo.daily.topology IS 'The topology''s name: org_id of the table.';
COMMENT ON COLUMN slo.daily.source_topic IS 'Kafka topic that it reads.';
COMMENT ON COLUMN slo.daily.source_partition IS 'Partition of that topic.';
COMMENT ON COLUMN slo.daily.day IS 'UTC day.';
COMMENT ON COLUMN slo.daily.records IS 'Records committed whose lag counts.';
COMMENT ON COLUMN slo.daily.good IS 'Of records, those within the objective''s line.';
COMMENT ON COLUMN slo.daily.expected_ms IS 'Milliseconds of the day for which reports are expected.';
COMMENT ON COLUMN slo.daily.missing_ms IS 'Of expected_ms, those that nobody reported: bad.';
COMMENT ON COLUMN slo.daily.overdue_ms IS 'Of expected_ms, minutes at whose end something had waited for longer than the line: bad.';
COMMENT ON COLUMN slo.daily.target_ppm IS 'Millionths of records that must be within the line; the strictest of the day, or of the last day with a report.';

GRANT USAGE ON SCHEMA slo TO weir_writer, analyst, weir_admin, weir_views;
GRANT SELECT ON slo.daily, slo.compliance_daily, slo.compliance_monthly, slo.compliance_quarterly
    TO analyst, weir_admin, weir_writer;

-- As in 0002: only a member may hand a view over, and only to a role that may create in its schema.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT weir_views TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege OR unique_violation THEN
    NULL;
END $$;
GRANT CREATE ON SCHEMA slo TO weir_views;
ALTER VIEW slo.daily OWNER TO weir_views;
ALTER VIEW slo.compliance_daily OWNER TO weir_views;
ALTER VIEW slo.compliance_monthly OWNER TO weir_views;
ALTER VIEW slo.compliance_quarterly OWNER TO weir_views;
REVOKE CREATE ON SCHEMA slo FROM weir_views;
