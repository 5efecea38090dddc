// Partitions, dead letters, usage: what stands in tables.

import { el, empty, note, table } from "./dom.js";
import { clock, count, day, quantity, span } from "./format.js";
import { open } from "./letters.js";

const phases = {
    running: ["good", "running"], paused: ["warn", "paused"], claiming: ["warn", "claiming"],
    restoring: ["warn", "restoring"], asking: ["warn", "asks for a schema"], inspecting: ["warn", "inspects a gap"],
    stopped: ["bad", "stopped"], failing: ["bad", "commits fail"],
};

/// Workers that PostgreSQL does not do now what they want of it.
export const failures = (topology) => topology.commits?.failing ?? [];

/// Partitions here and in all, and those of other processes that stand still.
export function shares(topology) {
    const { list, count: total } = topology.partitions;
    const here = list.filter((partition) => partition.here).length;
    return {
        // Only so many are listed, and those beyond are nobody's in particular.
        here, total: Math.max(total, here), standing: list.filter((partition) => partition.stands_seconds > 0),
    };
}

/// What fails now, in a sentence.
export function failureWords(topology) {
    const failing = failures(topology);
    const tries = failing.reduce((sum, worker) => sum + worker.attempts, 0);
    const since = clock(Math.min(...failing.map((worker) => worker.since)));
    const who = failing.length === 1 ? failing[0].worker : `${failing.length} workers`;
    const what = tries === 0 ? "wait for an answer" : tries === 1 ? "fail, once so far" : `fail, ${count(tries)} times so far`;
    return `${topology.name}: since ${since} commits of ${who} ${what}: ${failing[0].problem}`;
}

/// What PostgreSQL was asked for last had no answer.
export const isAway = (topology) => topology.partitions_of_others.problem !== null || (topology.database_problem ?? null) !== null;

function state(partition, away) {
    // Nobody is known to have it: a worker of this process let it go.
    if (!partition.here && partition.oldest_seconds !== null) return el("span", { class: "state warn" }, "let go");
    if (partition.stands_seconds > 0) return el("span", { class: "state warn" }, `elsewhere, stands ${span(partition.stands_seconds)}`);
    if (!partition.here) {
        const last = partition.committed_seconds === null || partition.committed_seconds === undefined ? ""
            : `, commit ${span(partition.committed_seconds)} ago`;
        return el("span", { class: "state soft" }, `elsewhere${last}`);
    }
    const [kind, words] = phases[partition.state] ?? ["warn", partition.state];
    // Nothing has failed that the worker knows of, and nobody knows whether the next commit will.
    if (kind === "good" && away) return el("span", { class: "state soft" }, `${words}, no commit now`);
    return el("span", { class: `state ${kind}` }, words);
}

/// What PostgreSQL was asked for: the trouble with it, and how old it is. Nothing is said while all is well.
export function trouble(answer, what) {
    if (answer.problem === null) return null;
    const rest = answer.seen_at === null ? "no data" : `what is shown is from ${clock(answer.seen_at)}`;
    return el("p", { class: "problem" }, `${what}: ${answer.problem}; ${rest}.`);
}

const waits = (answer, what) => answer.problem === null ? empty(`PostgreSQL is being asked for ${what} …`) : empty("No data.");

export function partitions(topology, line) {
    const { list, count: total } = topology.partitions;
    const others = topology.partitions_of_others;
    const head = [el("h3", {}, "Partitions"), trouble(others, "Partitions of other processes")];
    if (total === 0) return [...head, empty("This process holds no partition, and none is known of elsewhere.")];
    const columns = [
        ["topic", "name"], ["partition", ""], ["state", "text"], ["owner", "name"], ["epoch", ""], ["committed", ""], ["behind", ""],
        ["oldest waits", ""], ["keys", ""], ["parked", ""],
    ];
    const rows = list.map((partition) => {
        const isLate = partition.oldest_seconds > line;
        const isKnown = partition.here || partition.oldest_seconds !== null;
        return [
            partition.topic, String(partition.partition), state(partition, isAway(topology)), partition.owner, count(partition.epoch),
            count(partition.committed), count(partition.behind),
            isKnown ? el("span", { class: isLate ? "bad" : null }, span(partition.oldest_seconds)) : null,
            count(partition.keys),
            partition.waiting_for_quota === null ? null : count(partition.waiting_for_quota + partition.waiting_for_schema),
        ];
    });
    const { here, standing } = shares(topology);
    return [...head, table("Partitions", columns, rows),
        note(`${here} of ${total} are held by this process`, total > list.length ? `; the first ${list.length} are listed` : "",
            others.value === null ? "; those of others are not known."
                : standing.length > 0 ? `; ${standing.length} of the others stand still though records came.` : ".")];
}

export function deadLetters(topology) {
    const answer = topology.dead_letters;
    const since = new Map(topology.reasons.map((entry) => [entry.reason, entry.records]));
    const stored = new Map((answer.value?.reasons ?? []).map((entry) => [entry.reason, entry]));
    const reasons = [...new Set([...stored.keys(), ...since.keys()])];
    const head = [el("h3", {}, "Dead letters"), trouble(answer, "Dead letters")];
    if (reasons.length === 0) {
        return [...head, answer.value === null ? waits(answer, "dead letters") : empty("None: every record could be metered.")];
    }
    const isKnown = answer.value !== null;
    const rows = reasons.map((reason) => {
        const entry = stored.get(reason);
        return [reason, count(since.get(reason) ?? 0), isKnown ? count(entry?.waiting ?? 0) : null,
            isKnown ? count(entry?.quarantined ?? 0) : null];
    });
    const columns = [["reason", "text"], ["since the start", ""], ["open", ""], ["in quarantine", ""]];
    const newest = answer.value?.newest ?? [];
    return [...head, table("Dead letters by reason", columns, rows), newest.length === 0 ? null : newestLetters(newest)];
}

function newestLetters(newest) {
    const columns = [["newest open ones", "text"], ["reason", "text"], ["organisation", "name"], ["what was wrong", "words"], ["recorded", ""]];
    return table("Newest dead letters", columns, newest.map((letter) => [
        el("button", {
            type: "button", "data-key": `letter ${letter.id}`, "aria-label": `Look at dead letter ${letter.id}`,
            onclick: () => open(letter.id),
        }, `Look at ${letter.id}`),
        letter.reason, letter.org_id, letter.message, day(letter.recorded_at),
    ]));
}

export function usage(topology) {
    const answer = topology.usage;
    const head = [el("h3", {}, "Busiest organisations"), trouble(answer, "Usage")];
    if (answer.value === null) return [...head, waits(answer, "usage")];
    const { hours, meters, organisations } = answer.value;
    if (organisations.length === 0) return [...head, empty(`No window of the last ${hours} hours has usage.`)];
    const columns = [["organisation", "name"], ["events", ""], ...meters.map((meter) => [meter, ""])];
    const rows = organisations.map((organisation) => [
        organisation.org_id, count(organisation.events), ...meters.map((meter) => quantity(organisation.meters[meter])),
    ]);
    return [...head, table("Busiest organisations", columns, rows),
        note(`Windows that end in the last ${hours} hours or later. Count and sum add up; max, min and unique are those of one window.`)];
}
