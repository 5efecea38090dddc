"""One row of measure.sh's table: from when each event was sent to when its total was visible."""
import collections
import sys

name, hot, seconds, arrivals, visible, hot_file = sys.argv[1:]
sent = collections.defaultdict(list)
partition = {}
for line in open(arrivals):
    place, org, time = line.split()
    sent[org].append(float(time))
    partition[org] = place
# A generator's first records wait for about a second in its producer, which still looks for the topic's leaders.
warm = min(times[0] for times in sent.values()) + 3000
seen = collections.defaultdict(list)
for line in open(visible):
    time, org, events = line.strip().split("|")
    seen[org].append((float(time), int(events)))


def lags(orgs):
    found = []
    for org in orgs:
        done = 0
        for time, events in sorted(seen[org]):
            found += [time - at for at in sent[org][done:events] if at >= warm]
            done = max(done, events)
        if done != len(sent[org]):
            sys.exit(f"run {name}: {org} sent {len(sent[org])} events, {done} are visible")
    return sorted(found)


def at(values, share):
    return f"{values[min(len(values) - 1, int(len(values) * share))]:.0f}" if values else "-"


others = [org for org in sent if org != "org-000001"]
every = lags(others)
total = 1000 * int(seconds) * (1 + int(hot))
if sum(map(len, sent.values())) != total:
    sys.exit(f"run {name}: {sum(map(len, sent.values()))} events are in the topic, expected {total}")
beside = lags([org for org in others if partition[org] == partition["org-000001"]])
parked, metered = open(hot_file).read().strip().split("|")
print(f"| {name} | {'1,010/s' if hot == '1' else '10/s'} | {len(every)} | {at(every, 0.5)} | {at(every, 0.99)} | "
      f"{at(every, 1)} | {at(beside, 0.99)} | {metered} | {parked} |")
