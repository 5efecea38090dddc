#!/usr/bin/env bash
# What telemetry costs: CPU per event of Weir on workload W1 with everything on against everything off.
# Two workers read the same topic of the same broker at the same time, each into a database of its own, so whatever
# the machine does, it does to both. A steady load, not a drain: batches and commits fall where they fall every day.
#
#   bench/telemetry/measure.sh [PAIRS] [SECONDS] [RATE] [PARTITIONS] [VARIANT...]
#
# Variants, each against a worker without any of it: on (--console, --otlp and --log-format json, scraped every 15 s as
# deploy/prometheus does), often (the same, scraped each second), console (served, asked by nobody), scraped (the console
# only, scraped each second), traced (--otlp and JSON only), same (nothing on either side: what the method itself makes of
# equals). The default: on often same.
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
pairs=${1:-6} seconds=${2:-30} rate=${3:-100000} partitions=${4:-64}
variants=("${@:5}")
[ "${#variants[@]}" -gt 0 ] || variants=(on often same)

start_postgres
python3 bench/telemetry/pairs.py "$weir" "$work" "$pairs" "$seconds" "$rate" "$partitions" "${variants[@]}"
