#!/usr/bin/env bash
# The lag at half of the sustainable rate, each time at half of what the machine sustained a minute before: its speed
# changes within the hour, and with it the rate. Two minutes or so a round; nothing else should run meanwhile.
# Needs a release build.
#
#   bench/half.sh [FOLDER] [ROUNDS] [SCENARIO]      # default bench/results/DATE, 3, w1-steady
set -euo pipefail
cd "$(dirname "$0")/.."
weir=${WEIR:-$PWD/.build/release/weir}
[ -x "$weir" ] || { echo "build first: make build" >&2; exit 69; }
out=${1:-bench/results/$(date -u +%Y-%m-%d)}
rounds=${2:-3}
name=${3:-w1-steady}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scenario=bench/scenarios/$name.yaml
table=$out/$name-half.md

cat > "$table" <<'END'
# The lag at half of the sustainable rate

| held | half | p50 | p99 | p99.9, ms | p99 of the sweep's probes, ms |
|---|---|---|---|---|---|
END
for round in $(seq "$rounds"); do
    "$weir" bench sweep "$scenario" --from 40000 --duration 10s --warmup 2s --repeats 1 --out "$work/sweep"
    half=$(python3 -c "import json; print(int(json.load(open('$work/sweep.json'))['figures']['sustainable_per_s'] / 2))")
    report=$out/$name-half-$round
    status=0
    "$weir" bench run "$scenario" --rate "$half" --duration 10s --warmup 2s --out "$report" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 65 ] || exit "$status"
    python3 - "$work/sweep.json" "$report.json" "$half" "$status" <<'PY' >> "$table"
import json, sys
sweep, report = (json.load(open(name)) for name in sys.argv[1:3])
half, status = sys.argv[3:]
lag = report["runs"][0]["load"]["durable"]
# A percentile that falls among the failures is missing.
times = [f"{lag[name]:.1f}" if name in lag else "never" for name in ("p50", "p99", "p999")]
probes = next(table for table in sweep["tables"] if table["title"] == "Probes")
rate, verdict, p99 = (probes["columns"].index(name) for name in ("events/s", "verdict", "p99, ms"))
probed = "; ".join(f"{row[rate]}/s {row[p99]}" for row in probes["rows"] if row[verdict] == "held")
least = "at least " if sweep["figures"]["is_lower_bound"] else ""
print(f"| {least}{sweep['figures']['sustainable_per_s']:.0f}/s | {half}/s{', refused' if status == '65' else ''} | "
      f"{' | '.join(times)} | {probed} |")
PY
done
cat "$table"
