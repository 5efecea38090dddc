// One topology's part of the page.

import { Chart, legend } from "./chart.js";
import { el, empty, note, table, update } from "./dom.js";
import { bytes, clock, count, percent, rate, span } from "./format.js";
import { drawGraph } from "./graph.js";
import { deadLetters, failures, isAway, partitions, shares, usage } from "./tables.js";

export class TopologyView {
    constructor(name) {
        this.title = el("div", { class: "title" });
        this.tiles = el("div", { class: "tiles" });
        this.graph = el("div", {});
        this.edges = el("div", {});
        this.chart = new Chart();
        this.legend = el("div", {});
        this.budget = panel();
        this.letters = panel();
        this.partitions = panel();
        this.usage = panel();
        this.element = el("section", { class: "topology", id: name, "aria-label": name },
            this.title,
            el("div", { class: "panels" }, this.tiles,
                panel(el("h3", {}, "Flow"), this.graph, this.edges),
                panel(el("h3", {}, "Lag, from Kafka timestamp to commit"), this.legend, this.chart.element),
                this.budget, this.letters, this.partitions, this.usage));
    }

    show(topology, status) {
        this.topology = topology;
        this.now = status.time;
        const { objective } = topology;
        const line = objective.line_seconds;
        const part = scope(topology);
        update(this.title, [topology.name, topology.version, topology.group, part], () => [
            el("h2", {}, topology.name), el("p", {}, `version ${topology.version}, group ${topology.group}`),
            part === null ? null : el("p", { class: "scope" }, part)]);
        update(this.tiles, tiles(topology), () => tiles(topology).map(tile));
        update(this.edges, topology.graph, () => edgeTable(topology.graph));
        update(this.legend, objective.text, () => legend(objective.text));
        update(this.budget, [objective, topology.oldest_seconds > line], () => budget(objective, topology.oldest_seconds > line));
        update(this.letters, [topology.dead_letters, topology.reasons], () => deadLetters(topology));
        update(this.partitions, [topology.partitions, topology.partitions_of_others.problem, topology.database_problem], () => partitions(topology, line));
        update(this.usage, topology.usage, () => usage(topology));
    }

    draw() {
        const width = Math.floor(this.graph.clientWidth);
        if (width === 0) return;
        drawGraph(this.graph, this.topology.graph, width);
        this.chart.draw(this.topology.history, this.topology.objective.line_seconds, this.now, width);
    }
}

/// What most figures are not about: partitions of other processes; null if there are none.
function scope(topology) {
    const { here, total, standing } = shares(topology);
    if (here === total) return null;
    if (here === 0) return `This process holds none of ${total} partitions.`;
    const words = `Rates, lag and budget are of ${here} of ${total} partitions, those of this process.`;
    return standing.length === 0 ? words : `${words} ${standing.length} of the others stand still.`;
}

const panel = (...content) => el("div", { class: "panel" }, ...content);

const tile = ([name, value, words, kind]) => el("div", { class: "tile" },
    el("span", {}, name), el("b", { class: kind }, value), el("small", {}, words));

/// [name, value, what it is, whether it is good].
function tiles(topology) {
    const { objective, graph, counts, history } = topology;
    const line = objective.line_seconds;
    const known = graph.sources.map((source) => source.records_per_second).filter((value) => value !== null);
    const perSecond = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
    const last = history.points.at(-1) ?? { p50: null, p99: null };
    const since = objective.since_start;
    const left = objective.budget_left ?? since?.budget_left ?? null;
    const leftOf = objective.budget_left !== null ? `of ${span(objective.over_seconds)}`
        : left === null ? "no records yet" : `of the records of ${span(since.seconds)}`;
    // Records that wait are not in the budget yet: while one is late already, nothing about it is good.
    const isLate = topology.oldest_seconds > line;
    const open = topology.dead_letters.value?.reasons.reduce((sum, entry) => sum + entry.waiting + entry.quarantined, 0);
    const { here, total } = shares(topology);
    const failing = failures(topology);
    return [
        ["records", rate(perSecond), `${count(counts.records)} since the start`],
        ["lag p99", span(last.p99), last.p99 === null ? "nothing committed just now" : `p50 ${span(last.p50)}`, last.p99 > line ? "bad" : null],
        ["oldest waits", span(topology.oldest_seconds), (topology.oldest_seconds === null ? "no partition here"
            : topology.oldest_seconds === 0 ? "nothing waits" : `objective ${span(line)}`)
            + (here === total || here === 0 ? "" : `; ${here} of ${total} partitions`), isLate ? "bad" : null],
        ["budget left", left < 0 ? "none" : percent(left), leftOf, left === null ? null : left < 0 ? "bad" : left < 0.25 || isLate ? "warn" : "good"],
        ["dead letters", count(counts.dead_letters), open === undefined ? "open: no data" : `${count(open)} open in PostgreSQL`,
            counts.dead_letters > 0 ? "warn" : null],
        ["outbox", count(topology.outbox.messages), topology.outbox.seconds !== null ? `oldest waits ${span(topology.outbox.seconds)}`
            : failing.length > 0 ? "nothing new is committed" : "all is published", topology.outbox.seconds > 30 || failing.length > 0 ? "warn" : null],
        ["database", ...database(topology, failing)],
    ];
}

/// [value, what it is, whether it is good]. What it said last is not how it is now: its time stands beside it.
function database(topology, failing) {
    const { database: last, partitions_of_others: first } = topology;
    const size = last === null ? "size not known" : `${bytes(last.bytes)} at ${clock(last.seen_at)}`;
    // The cheapest question of all: if it has no answer, nothing has.
    if (failing.length > 0 || isAway(topology)) return ["no answer", size, "bad"];
    if (topology.usage.problem !== null || topology.dead_letters.problem !== null) {
        return [bytes(last?.bytes), "does not answer every question", "warn"];
    }
    const seen = Math.max(last?.seen_at ?? 0, first.seen_at ?? 0);
    return [bytes(last?.bytes), seen === 0 ? "no answer yet" : `answered at ${clock(seen)}`, null];
}

function edgeTable(graph) {
    const rows = [
        ...graph.sources.map((source) => [source.topic, "meters", count(source.counted), rate(source.counted_per_second), "events"]),
        ...graph.sources.map((source) => [source.topic, "dead letters", count(source.dead_letters), rate(source.dead_letters_per_second), "records"]),
        ["meters", graph.table, count(graph.windows), rate(graph.windows_per_second), "rows"],
        ...(graph.topic === null ? [] : [[graph.table, graph.topic, count(graph.published), rate(graph.published_per_second), "messages"]]),
    ];
    return el("details", { "data-key": "edges" }, el("summary", { "data-key": "edges summary" }, "The same as a table"),
        table("Flow", [["from", "text"], ["to", "text"], ["since the start", ""], ["now", ""], ["of", "text"]], rows));
}

function budget(objective, isLate) {
    const since = objective.since_start;
    const left = objective.budget_left ?? since?.budget_left ?? null;
    const head = el("h3", {}, `Objective ${objective.text}`);
    const alarms = objective.firing.map((rule) => el("p", { class: "problem" },
        `Burns more than ${rule.factor} times as fast as it may, over ${rule.long} and ${rule.short}: ${rule.urgency}.`));
    if (left === null) return [head, empty("No record was committed since the process started: nothing was kept and nothing broken.")];
    const level = el("i", { class: left < 0 ? "bad" : left < 0.25 || isLate ? "warn" : null });
    // All of it is red when nothing is left.
    level.style.width = `${left < 0 ? 100 : Math.min(1, left) * 100}%`;
    const overspent = left < 0 ? `${(1 - left).toFixed(1)} times as many were late as may be. ` : "";
    const words = objective.budget_left !== null
        ? `${percent(objective.compliance)} of the records of ${span(objective.over_seconds)} were in time. `
            + (overspent || `${percent(left)} of the error budget is left.`)
        : `${percent(since.compliance)} of ${count(since.total)} records since the start, ${span(since.seconds)} ago, were in time. `
            + (overspent || `${percent(left)} of what may be late among them is left. `) + `The budget of ${span(objective.over_seconds)} is not known: `
            + "the process has not run for so long; Prometheus knows.";
    const rates = objective.burns.map((burn) => burn.rate === null ? null : `${burn.rate.toFixed(burn.rate < 10 ? 2 : 0)}×`);
    return [head, ...alarms, el("div", { class: "level", role: "img", "aria-label": `${percent(left)} left` }, level),
        note(words, isLate ? " Records that wait are not among them yet, and the oldest is late already." : ""),
        table("Burn rates", [["burn rate over", "text"], ...objective.burns.map((burn) => [burn.window, ""])],
            [["1× uses the budget up just in time", ...rates]])];
}
