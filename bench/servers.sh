# shellcheck shell=bash
# What the measurements share: sourced. A folder of their own, what they started ended with them, and the servers.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
weir=${WEIR:-$PWD/.build/release/weir}
[ -x "$weir" ] || { echo "build first: make build" >&2; exit 69; }
work=$(mktemp -d)
pids=()
stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

await() { # FILE: until somebody has written it
    for _ in $(seq 600); do [ -s "$1" ] && return; sleep 0.05; done
    echo "nothing came to $1" >&2
    exit 69
}

start_postgres() { # sets and exports WEIR_POSTGRES
    "$weir" postgres --connection-file "$work/postgres" > /dev/null & pids+=($!)
    await "$work/postgres"
    WEIR_POSTGRES=$(cat "$work/postgres")
    export WEIR_POSTGRES
}

migrate_anew() { # empties the database first
    psql -qX "$WEIR_POSTGRES" -f bench/empty.sql > /dev/null
    "$weir" migrate > /dev/null
}

start_broker() { # TOPICS [NAME]: sets and exports WEIR_BROKERS; its process is the last of pids
    local file=$work/broker${2:-}
    "$weir" broker --topics "$1" --port-file "$file" > /dev/null & pids+=($!)
    await "$file"
    WEIR_BROKERS=$(cat "$file")
    export WEIR_BROKERS
}
