#!/usr/bin/env bash
# What telemetry costs: CPU per event of Weir on workload W1 with everything on against everything off.
# Both drain the same topic of the same broker into an empty database, in turns; the ratio is what counts.
#
#   bench/telemetry/measure.sh [PAIRS] [EVENTS] [PARTITIONS] [VARIANT...]
#
# Variants, compared with `off`: on (the default; --console, --otlp and --log-format json, scraped once a second),
# console (served, asked by nobody), scraped (the console, scraped once a second), traced (--otlp and JSON).
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
pairs=${1:-8} events=${2:-1500000} partitions=${3:-64}
variants=("${@:4}")
[ "${#variants[@]}" -gt 0 ] || variants=(on)

start_broker "w1:$partitions"
start_postgres
# Organisations alike: the mock broker keeps 5 MB a partition, and a heavy tail would overflow one.
"$weir" generate bench/w1/w1.yaml --schemas bench/w1/schemas --events "$events" --organisations 500 --skew 0 \
    --repeats 0.05 --late 0.01 --span 1h --seed 7 --quiet
python3 bench/telemetry/drains.py "$weir" "$work" "$pairs" "$events" "${variants[@]}"
