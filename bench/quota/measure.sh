#!/usr/bin/env bash
# Does one organisation at 50 times its quota move anybody else's lag? A hundred organisations send 10 events
# a second each, their quota is 20; in every other run the first of them sends 1,000 more a second.
#
#   bench/quota/measure.sh [SECONDS] [PAIRS]
#
# Lag is measured from outside, for every single event of the other 99: from the Kafka timestamp (kcat reads
# the topic beside Weir) to the moment when PostgreSQL shows another session a total that includes it (asked
# every 5 ms). An organisation's events are one partition's, in order, so that its k-th event is visible when
# its total reaches k. All clocks are this machine's one. The first 3 s are not counted.
#
# Needs: a release build, kcat, psql, python3.
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
seconds=${1:-30} pairs=${2:-3}
topology=bench/quota/quota.yaml

sql() { psql -qAtX "$WEIR_POSTGRES" -c "$1"; }
generate() { # ORGANISATIONS RATE SEED
    "$weir" generate "$topology" --schemas bench/w1/schemas --organisations "$1" --skew 0 --rate "$2" \
        --events "$(($2 * seconds))" --repeats 0 --late 0 --seed "$3" --quiet
}

start_postgres

run() { # NAME WITH_HOT
    local name=$1 hot=$2 broker worker reader asker
    start_broker quota:4 ".$name"
    broker=${pids[-1]}
    migrate_anew
    sql 'DROP TABLE IF EXISTS probe' 2> /dev/null
    sql 'CREATE UNLOGGED TABLE probe (at timestamptz, org_id text, events bigint)'
    "$weir" run "$topology" --schemas bench/w1/schemas 2> "$work/weir.$name" &
    worker=$!
    kcat -q -b "$WEIR_BROKERS" -C -t quota -o beginning -u -f '%p %k %T\n' > "$work/arrivals.$name" 2> /dev/null &
    reader=$!
    pids+=("$worker" "$reader")
    for _ in $(seq 200); do [ "$(grep -c 'took over a partition' "$work/weir.$name")" -ge 4 ] && break; sleep 0.1; done
    # Each look is a transaction of its own, so that it sees what is committed and keeps nobody from tidying up.
    sql "DO \$\$ BEGIN WHILE to_regclass('weir.probe_ends') IS NULL LOOP
            INSERT INTO probe SELECT clock_timestamp(), org_id, sum(event_count) FROM billing.usage GROUP BY org_id;
            COMMIT; PERFORM pg_sleep(0.005); END LOOP; END \$\$" &
    asker=$!
    pids+=("$asker")
    if [ "$hot" = 1 ]; then generate 1 1000 2 & pids+=($!); fi
    generate 100 1000 1
    for _ in $(seq 300); do
        [ "$(sql "SELECT coalesce(sum(next_offset), 0) FROM weir.partition")" -ge "$((1000 * seconds * (1 + hot)))" ] &&
            break
        sleep 0.1
    done
    sleep 0.5
    sql 'CREATE TABLE weir.probe_ends ()'
    wait "$asker"
    sql "SELECT extract(epoch FROM min(at)) * 1000, org_id, events FROM probe GROUP BY org_id, events ORDER BY 1" \
        > "$work/visible.$name"
    sql "SELECT coalesce(sum(parked), 0), (SELECT coalesce(sum(event_count), 0) FROM billing.usage WHERE org_id = 'org-000001')
        FROM weir.partition" > "$work/hot.$name"
    kill "$worker" "$reader" "$broker"
    wait "$worker" "$reader" "$broker" 2> /dev/null || true
    python3 bench/quota/lags.py "$name" "$hot" "$seconds" "$work/arrivals.$name" "$work/visible.$name" \
        "$work/hot.$name"
}

echo "| run | hot organisation | events of others | p50 ms | p99 ms | max ms | p99 ms in its partition | metered of it | waiting |"
echo "|---|---|---|---|---|---|---|---|---|"
for pair in $(seq "$pairs"); do
    run "$((2 * pair - 1))" 0
    run "$((2 * pair))" 1
done
