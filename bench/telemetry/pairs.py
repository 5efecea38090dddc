"""Two workers side by side read the same topic under the same load, one with telemetry; prints their CPU per event.

pairs.py WEIR FOLDER PAIRS SECONDS RATE PARTITIONS VARIANT...     with WEIR_POSTGRES set; see measure.sh
"""

import collections
import math
import os
import statistics
import subprocess
import sys
import time

weir, folder, pairs, seconds, rate, partitions, *variants = sys.argv[1:]
pairs, seconds, rate = int(pairs), int(seconds), int(rate)
# What is scraped or collected, and the options of weir run.
VARIANTS = {
    "same": ([], []),
    "console": ([], ["--console", ":0"]),
    "scraped": (["scrape=1"], ["--console", ":0"]),
    "traced": (["collect"], ["--log-format", "json"]),
    # As deploy/prometheus has it, and fifteen times as often.
    "on": (["collect", "scrape=15"], ["--console", ":0", "--log-format", "json"]),
    "often": (["collect", "scrape=1"], ["--console", ":0", "--log-format", "json"]),
}
# Seconds from the first record until the CPU is read: caches, windows and what the first batches allocate.
WARM_UP = 8
# Student's t for 95 %, by degrees of freedom.
T = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09]


class Side:
    """A database of its own, and the worker that writes it."""

    COUNT = "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0) FROM weir.partition;\n"

    def __init__(self, name):
        self.name = name
        server = os.environ["WEIR_POSTGRES"]
        subprocess.run(["psql", "-qX", server, "-c", f"CREATE DATABASE {name}"], check=True)
        self.postgres = f"{server} dbname={name}"
        # One session for all questions: a psql for each would take one of the cores that are measured.
        self.psql = subprocess.Popen(
            ["psql", "-qAtX", self.postgres], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def start(self, broker, duties, options):
        subprocess.run(["psql", "-qX", self.postgres, "-f", "bench/empty.sql"], check=True)
        self.environment = {**os.environ, "WEIR_BROKERS": broker, "WEIR_POSTGRES": self.postgres}
        subprocess.run([weir, "migrate"], check=True, stdout=subprocess.DEVNULL, env=self.environment)
        self.log, address, self.result = (f"{folder}/{self.name}-{kind}" for kind in ("log", "collector", "watched"))
        for file in (address, self.result):
            if os.path.exists(file):
                os.remove(file)
        open(self.log, "w").close()
        self.watcher = None
        if duties:
            self.watcher = subprocess.Popen(
                ["python3", "bench/telemetry/watcher.py", address, self.log, self.result, *duties])
            collector = wait_for(address)
            if "collect" in duties:
                options = [*options, "--otlp", f"http://{collector}"]
        file = f"{folder}/{self.name}.yaml"  # A topology, and so a group, of its own.
        with open("bench/w1/w1.yaml") as source, open(file, "w") as copy:
            copy.write(source.read().replace("topology: w1\n", f"topology: {self.name}\n"))
        command = [weir, "run", file, "--schemas", "bench/w1/schemas", *options]
        with open(self.log, "a") as errors:
            self.process = subprocess.Popen(command, stderr=errors, env=self.environment)

    def committed(self):
        if self.process.poll() is not None:
            sys.exit(open(self.log).read())
        self.psql.stdin.write(self.COUNT)
        return int(self.psql.stdout.readline())

    def look(self):
        """Events, and seconds of CPU of the process: its own clock, not /proc's ticks; ended threads included."""
        return self.committed(), time.clock_gettime(~self.process.pid << 3 | 2)

    def threads(self):
        """Nanoseconds of CPU by name of thread; those of one name together."""
        used = collections.Counter()
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                name = open(f"{tasks}/{task}/comm").read().strip()
                used[name] += int(open(f"{tasks}/{task}/schedstat").read().split()[0])
            except OSError:
                pass  # It has ended.
        return used

    def stop(self):
        words = ""
        if self.watcher:
            self.watcher.terminate()
            self.watcher.wait()
            words = wait_for(self.result)
        self.process.terminate()
        self.process.wait()
        return words


def wait_for(file):
    deadline = time.monotonic() + 30
    while not os.path.exists(file) or not os.path.getsize(file):
        if time.monotonic() > deadline:
            sys.exit(f"nothing came to {file}")
        time.sleep(0.01)
    return open(file).read().strip()


def wait_until(done, what):
    deadline = time.monotonic() + 60
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"{what} after 60 s")
        time.sleep(0.02)


def generate(broker, events, *options):
    # Organisations alike: the mock broker keeps 5 MB a partition, and a heavy tail would overflow one.
    return subprocess.Popen(
        [weir, "generate", "bench/w1/w1.yaml", "--schemas", "bench/w1/schemas", "--brokers", broker,
         "--events", str(events), "--organisations", "500", "--skew", "0", "--repeats", "0.05", "--late", "0.01",
         "--seed", "7", "--quiet", *options])


def pair(variant, off, on, off_first):
    """Nanoseconds of CPU an event without and with telemetry, over the same seconds."""
    port = f"{folder}/broker"
    if os.path.exists(port):
        os.remove(port)
    # A broker of its own: its memory is all the retention that it has.
    server = subprocess.Popen(
        [weir, "broker", "--topics", f"w1:{partitions}", "--port-file", port], stdout=subprocess.DEVNULL)
    broker = wait_for(port)
    starts = [(off, [], []), (on, *VARIANTS[variant])]
    for side, duties, options in starts if off_first else reversed(starts):
        side.start(broker, duties, options)
    # Both hold their partitions before the load begins.
    generate(broker, 10_000, "--span", "1s").wait()
    for side in (off, on):
        wait_until(lambda: side.committed() == 10_000, f"{side.name} has not begun")
    load = generate(broker, rate * (seconds + WARM_UP + 2), "--rate", str(rate))
    wait_until(lambda: off.committed() > 10_000 + rate * WARM_UP, "the load has not come")
    threads = [side.threads() for side in (off, on)]
    begin = [side.look() for side in (off, on)]
    time.sleep(seconds)
    end = [side.look() for side in (off, on)]
    threads = [collections.Counter(side.threads()) - before for side, before in zip((off, on), threads)]
    load.terminate()
    load.wait()
    costs = [(b[1] - a[1]) / (b[0] - a[0]) * 1e9 for a, b in zip(begin, end)]
    words = [side.stop() for side in (off, on)]
    server.terminate()
    server.wait()
    reached = [f"{(b[0] - a[0]) / seconds:.0f}" for a, b in zip(begin, end)]
    print(
        f"{variant}: off {costs[0]:.0f} ns an event, on {costs[1]:.0f}, ratio {costs[1] / costs[0]:.4f}, "
        f"at {' and '.join(reached)} events/s {words[1]}", flush=True)
    both = sorted(set(threads[0]) | set(threads[1]), key=lambda name: threads[0][name] - threads[1][name])
    changes = [(name, *(used[name] / seconds / 1e6 for used in threads)) for name in both]
    print("   ms/s by thread, off → on:", ", ".join(
        f"{name} {off:.2f} → {on:.2f}" for name, off, on in changes if abs(on - off) > 0.02), flush=True)
    return costs


def conclusion(costs):
    logs = [math.log(on / off) for off, on in costs]
    mean = statistics.mean(logs)
    text = f"{statistics.median(on for _, on in costs):.0f} ns against {statistics.median(off for off, _ in costs):.0f}"
    text += f" (medians), ratio {math.exp(mean):.4f}"
    if len(logs) > 1:
        wide = T[min(len(logs) - 2, len(T) - 1)] * statistics.stdev(logs) / math.sqrt(len(logs))
        text += f", 95 % from {math.exp(mean - wide):.4f} to {math.exp(mean + wide):.4f}, {len(logs)} pairs"
    return text


sides = [Side("side_a"), Side("side_b")]
costs = {variant: [] for variant in variants}
for number in range(pairs):
    for variant in variants:
        # Which database it is, and which of the two starts first, change from pair to pair.
        off, on = sides if number % 2 == 0 else reversed(sides)
        costs[variant].append(pair(variant, off, on, off_first=number % 4 < 2))
for variant, values in costs.items():
    print(f"{variant}: {conclusion(values)}")
