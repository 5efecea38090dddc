"""Drains one topic again and again, with and without telemetry; prints CPU per event and the ratios of the pairs.

drains.py WEIR FOLDER PAIRS EVENTS VARIANT...     with WEIR_BROKERS and WEIR_POSTGRES set; see measure.sh
"""

import math
import os
import statistics
import subprocess
import sys
import time

weir, folder, pairs, events, *variants = sys.argv[1:]
pairs, events = int(pairs), int(events)
# What is scraped or collected, and the options of weir run.
VARIANTS = {
    "off": ([], []),
    "console": ([], ["--console", ":0"]),
    "scraped": (["scrape"], ["--console", ":0"]),
    "traced": (["collect"], ["--log-format", "json"]),
    "on": (["collect", "scrape"], ["--console", ":0", "--log-format", "json"]),
}
# Student's t for 95 %, by degrees of freedom.
T = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09]


class Database:
    """One session for all questions: a psql for each would take one of the cores that are measured."""

    COUNT = "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0) FROM weir.partition;\n"

    def __init__(self):
        command = ["psql", "-qAtX", os.environ["WEIR_POSTGRES"]]
        self.psql = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def committed(self):
        self.psql.stdin.write(self.COUNT)
        return int(self.psql.stdout.readline())

    def empty(self):
        subprocess.run(["psql", "-qX", os.environ["WEIR_POSTGRES"], "-f", "bench/empty.sql"], check=True)
        subprocess.run([weir, "migrate"], check=True, stdout=subprocess.DEVNULL)


def cpu(pid):
    """User and system time of a process in seconds, its ended threads included: its own clock, not /proc's ticks."""
    return time.clock_gettime(~pid << 3 | 2)


def wait_for(file):
    deadline = time.monotonic() + 30
    while not os.path.exists(file) or not os.path.getsize(file):
        if time.monotonic() > deadline:
            sys.exit(f"nothing came to {file}")
        time.sleep(0.01)
    return open(file).read().strip()


def new_topology():
    """W1 with a group of its own, which has not to wait until the last one's member is given up."""
    global drains
    drains += 1
    file = f"{folder}/w1-{drains}.yaml"
    with open("bench/w1/w1.yaml") as source, open(file, "w") as copy:
        copy.write(source.read().replace("topology: w1\n", f"topology: w1-{drains}\n"))
    return file


def drain(variant):
    """Nanoseconds of CPU an event, from the first commit to the last; and what was collected meanwhile."""
    duties, options = VARIANTS[variant]
    database.empty()
    log, address, result = (f"{folder}/{name}" for name in ("log", "collector", "watched"))
    for file in (address, result):
        if os.path.exists(file):
            os.remove(file)
    open(log, "w").close()
    watcher = None
    if duties:
        watcher = subprocess.Popen(["python3", "bench/telemetry/watcher.py", address, log, result, *duties])
        collector = wait_for(address)
        if "collect" in duties:
            options = [*options, "--otlp", f"http://{collector}"]
    command = [weir, "run", new_topology(), "--schemas", "bench/w1/schemas", *options]
    with open(log, "a") as errors:
        process = subprocess.Popen(command, stderr=errors)
    first, started = None, time.monotonic()
    while (done := database.committed()) < events:
        if process.poll() is not None:
            sys.exit(open(log).read())
        if time.monotonic() - started > 90:
            sys.exit(f"{done} of {events} events after 90 s: more than the mock broker keeps? Use more partitions.")
        if first is None and done > 0:
            first = (done, cpu(process.pid), time.monotonic())
        time.sleep(0.02)
    used, seconds = cpu(process.pid) - first[1], time.monotonic() - first[2]
    rest = events - first[0]
    words = ""
    if watcher:
        watcher.terminate()
        watcher.wait()
        words = wait_for(result)
    process.terminate()
    process.wait()
    nanoseconds = used / rest * 1e9
    print(
        f"{variant}: {nanoseconds:.0f} ns an event, {rest / seconds:.0f} events/s over {seconds:.1f} s, "
        f"begun after {first[2] - started:.1f} s {words}", flush=True)
    return nanoseconds


def ratio(base, values):
    logs = [math.log(value / other) for value, other in zip(values, base)]
    mean = statistics.mean(logs)
    text = f"ratio {math.exp(mean):.4f}"
    if len(logs) > 1:
        wide = T[min(len(logs) - 2, len(T) - 1)] * statistics.stdev(logs) / math.sqrt(len(logs))
        text += f", 95 % from {math.exp(mean - wide):.4f} to {math.exp(mean + wide):.4f}, {len(logs)} pairs"
    return text


database = Database()
drains = 0
drain("off")  # the first of all warms the machine
costs = {variant: [] for variant in ["off", *variants]}
for pair in range(pairs):
    # A B, B A: what comes with time falls on both.
    order = list(costs) if pair % 2 == 0 else list(costs)[::-1]
    for variant in order:
        costs[variant].append(drain(variant))
base = costs.pop("off")
print(f"off: median {statistics.median(base):.0f} ns of CPU an event")
for variant, values in costs.items():
    print(f"{variant}: median {statistics.median(values):.0f} ns, {ratio(base, values)}")
