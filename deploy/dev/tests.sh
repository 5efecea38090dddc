#!/usr/bin/env bash
# Runs the tests; if some fail, ends with what failed, so that the last screen of a long log tells it.
#
#   tests.sh [argument of swift test …]
#
# WEIR_TEST_LIMIT: seconds that they may take, 1800 unless told otherwise. Past it this tells where they stand, and
# ends them.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
export WEIR_PYTHON=${WEIR_PYTHON:-$PWD/.build/venv/bin/python}
limit=${WEIR_TEST_LIMIT:-1800}
log=$(mktemp)
trap 'rm -f "$log" "$log.late"' EXIT

# Processes that come of this script, as `pid parent seconds command`; but for those that come of $1.
descendants() {
    ps -eo pid=,ppid=,etimes=,args= | awk -v root=$$ -v self="$1" '
        { parent[$1] = $2; line[$1] = $0 }
        END { for (p in parent) { for (a = p; a in parent && a != root && a != self; a = parent[a]) {}
            if (a == root && p != root) print line[p] } }' | sort -n
}

# The threads' frames: of those that do not just wait in a pool, and without what is below a test in all of them.
stacks() {
    command -v gdb >/dev/null || { echo "(no gdb: no stacks)"; return; }
    timeout 120 gdb -p "$1" -batch -nx -ex 'set print frame-arguments none' -ex 'thread apply all backtrace 60' \
        2>/dev/null </dev/null |
        awk -v RS= '/(^|\n)Thread [0-9]/ && !/"rdk:|_dispatch_sig_thread/ && (!/_dispatch_worker_thread/ || /swift_job_run/)' |
        sed -E '/^\[|^Using host|^0x|fMp_| swift_job_run | _dispatch_| start_thread | clone3 |runJobInEstablished/d
            s/^(#[0-9]+) +0x[0-9a-f]+ in /\1 /; s/\((([a-z_]+=)?\.\.\.(, )?)+\) //' |
        { swift demangle --simplified 2>/dev/null || cat; } | cut -c1-180 | head -n 200
}

# Returns at once when the tests have ended: its input ends then.
watch() {
    read -r -t "$limit"
    [ $? -gt 128 ] || return 0
    : >"$log.late"
    local all tests
    all=$(descendants "$BASHPID")
    printf '\nAfter %s s there still were (pid, parent, seconds, command)\n%s\n' "$limit" "$(cut -c1-160 <<<"$all")"
    # Not what merely runs them: the process that has the tests in it.
    tests=$(awk '$4 ~ /(xctest|swiftpm-testing-helper)$/ { print $1 }' <<<"$all")
    for process in $tests; do
        printf '\nStacks of %s\n' "$process"
        stacks "$process"
    done
    # Children end by themselves when the tests have gone, and clean up. What does not is killed, and tee, which waits
    # for whoever has this output.
    awk '$4 ~ /(swift-test|xctest|swiftpm-testing-helper)$/ { print $1 }' <<<"$all" | xargs -r kill -9 2>/dev/null
    sleep 5
    awk '{ print $1 }' <<<"$all" | xargs -r kill -9 2>/dev/null
}

exec 3> >(watch)
watcher=$!
swift test -c release --skip-build "$@" 2>&1 3>&- | tee "$log" 3>&-
status=$?
exec 3>&-
wait "$watcher"
if [ "$status" -ne 0 ]; then
    printf '\nWhat failed\n'
    # An issue is a line that names test, file and line, and the lines up to the next symbol, which explain it.
    awk '/^✘ .*recorded an issue/ { told = 1; lines = 0 } /^[✔✘◇➜]/ && !/recorded an issue/ { told = 0 }
        told && lines++ < 40 { print } /^✘ Test .*failed after/' "$log" | cut -c1-2000
fi
if [ -e "$log.late" ]; then
    echo "The tests did not end within $limit s"
    [ "$status" -ne 0 ] || status=1
fi
exit "$status"
