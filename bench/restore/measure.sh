#!/usr/bin/env bash
# What it costs a worker to read remembered keys back when partitions are assigned to it: CPU of the whole process
# (user and system, all threads) from its start until the last partition is restored, less the same of a worker that
# finds no keys; and the memory that the keys take. PostgreSQL is a real one, its own CPU is not counted.
#
#   bench/restore/measure.sh [KEYS] [PARTITIONS] [KEYS_PER_ROW] [RUNS]
#
# With limit.c at $WEIR_REFERENCE (default ../shared/reference) its set of as many keys is measured, too.
#
# Rows of weir.seen are merged until they hold 4,096 keys or more; right after a crash a partition may have 127 smaller
# ones, and KEYS_PER_ROW shows what those cost.
#
# Needs: a release build (WEIR=… for another), psql, python3; gcc and librdkafka-dev for limit.c.
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
keys=${1:-2000000} partitions=${2:-16} row=${3:-4096} runs=${4:-3}
start_broker "w1:$partitions"
start_postgres
"$weir" migrate > /dev/null
sql() { psql -qAtX "$WEIR_POSTGRES" -c "$1"; }

fill() {
    # 128 bits of md5 stand for a hash: as unlike each other as those.
    sql "INSERT INTO weir.seen (topology, topic, partition, first_offset, seen_at, key_count, keys)
        SELECT 'w1', 'w1', (n / $row) % $partitions, n / $row, now(), count(*),
            string_agg(decode(md5(n::text), 'hex') || '\\x0001000000000000'::bytea, ''::bytea)
        FROM generate_series(0, $keys - 1) n GROUP BY n / $row ORDER BY n / $row"
    sql 'VACUUM ANALYZE weir.seen'
}

# What the process has used so far: milliseconds of CPU, and resident memory in kB, now and at most.
used() { # PID
    cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.1f ", sum / 1e6 }'
    awk '/VmRSS|VmHWM/ { kb[$1] = $2 } END { print kb["VmRSS:"], kb["VmHWM:"] }' "/proc/$1/status"
}

run() { # WHAT: appends to $work/WHAT
    "$weir" run bench/w1/w1.yaml --schemas bench/w1/schemas --log-level debug 2> "$work/log" &
    local pid=$!
    pids+=("$pid")
    for _ in $(seq 600); do
        [ "$(grep -c "read a partition's state back" "$work/log")" -ge "$partitions" ] && break
        kill -0 "$pid" || { cat "$work/log" >&2; exit 70; }
        sleep 0.1
    done
    used "$pid" >> "$work/$1"
    kill "$pid"
    wait "$pid" || true
    # The next one is a member of the group at once.
    sql "UPDATE weir.partition SET owner = 'nobody'"
}

for _ in $(seq "$runs"); do
    sql 'TRUNCATE weir.seen'
    run none
    fill
    run keys
    restored=$(grep "read a partition's state back" "$work/log" | grep -o 'restored_keys=[0-9]*' |
        awk -F = '{ sum += $2 } END { print sum }')
    [ "$restored" = "$keys" ] || {
        echo "restored ${restored:-0} keys of $keys:" >&2
        cat "$work/log" >&2
        exit 70
    }
done
python3 - "$keys" "$partitions" "$row" "$work/none" "$work/keys" <<'PY'
import sys
keys, partitions, row = map(int, sys.argv[1:4])
none, full = ([[float(x) for x in line.split()] for line in open(name)] for name in sys.argv[4:])
print(f"{keys} keys, {partitions} partitions, rows of {row} keys")
for (cpu0, rss0, top0), (cpu, rss, top) in zip(none, full):
    print(f"  restore {cpu - cpu0:.0f} ms of CPU ({(cpu - cpu0) * 1e6 / keys:.0f} ns a key), process {cpu:.0f} ms; "
          f"resident {(rss - rss0) * 1024 / keys:.1f} bytes a key, at most {(top - top0) * 1024 / keys:.1f}")
PY

reference=${WEIR_REFERENCE:-../shared/reference}
[ -f "$reference/limit.c" ] || exit 0
cat > "$work/set.c" <<'C'
#define main limit_main
#include "limit.c"
#undef main
static long kb(const char*name){char line[256];long n=0;FILE*f=fopen("/proc/self/status","r");
 while(fgets(line,256,f))if(!strncmp(line,name,strlen(name)))n=atol(line+strlen(name)+1);fclose(f);return n;}
int main(int c,char**v){long n=atol(v[1]),rss=kb("VmRSS"),top=kb("VmHWM");set=calloc(cap,16);
 for(long i=0;i<n;i++)insert(hash((const unsigned char*)&i,8));
 printf("limit.c: resident %.1f bytes a key, at most %.1f\n",(kb("VmRSS")-rss)*1024.0/n,(kb("VmHWM")-top)*1024.0/n);return 0;}
C
gcc -O2 -w -I "$reference" "$work/set.c" -o "$work/set" -lrdkafka
"$work/set" "$keys"
