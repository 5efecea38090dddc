// The topology as a picture: sources, their meters, and where results and dead letters go, with live rates.

import { el } from "./dom.js";
import { count, rate } from "./format.js";

const rowHeight = 44;
const gap = 10;

/// Text that fits a width; an ellipsis stands for the rest, and the title has all of it.
function fitted(text, width, size = 7.3) {
    const most = Math.max(4, Math.floor(width / size));
    return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function node(box, name, detail, title, kind = "") {
    return el("g", {},
        el("title", {}, title),
        el("rect", { class: `node ${kind}`, x: box.x, y: box.y, width: box.w, height: box.h, rx: 7 }),
        el("text", { x: box.x + 10, y: box.y + (detail ? 18 : box.h / 2 + 4.5) }, fitted(name, box.w - 18)),
        detail ? el("text", { class: "small", x: box.x + 10, y: box.y + 34 }, fitted(detail, box.w - 18, 6.4)) : null);
}

const isLive = (perSecond) => perSecond !== null && perSecond > 0;

function edge(from, to, perSecond, kind = "") {
    const [x1, y1] = [from.x + from.w, from.y + from.h / 2];
    const [x2, y2] = [to.x, to.y + to.h / 2];
    const bend = Math.max(18, (x2 - x1) / 2);
    return el("path", {
        class: `edge ${kind} ${isLive(perSecond) ? "live" : ""}`,
        d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    });
}

/// From a box down the left margin to one below it.
function elbow(from, to, perSecond, inset = 14) {
    const [x, y] = [from.x + inset, from.y + from.h];
    return el("path", { class: `edge ${isLive(perSecond) ? "live" : ""}`, d: `M${x} ${y} V${to.y + to.h / 2} H${to.x}` });
}

const rateText = (x, y, text, anchor = "middle") => el("text", { class: "rate", x, y, "text-anchor": anchor }, text);

/// What stands in each box. Order: sources with their meters, then outputs.
function boxes(graph) {
    const deadPerSecond = graph.sources.every((source) => source.dead_letters_per_second === null) ? null
        : graph.sources.reduce((sum, source) => sum + (source.dead_letters_per_second ?? 0), 0);
    return {
        sources: graph.sources.map((source) => ({
            source, name: source.topic, detail: `${count(source.records)} records, ${count(source.duplicates)} repeats`,
            title: `${source.topic}: ${count(source.records)} records since the start, ${count(source.counted)} counted, `
                + `${count(source.duplicates)} repeats, ${count(source.conflicts)} conflicts`,
            meters: graph.meters.filter((meter) => meter.source === source.topic),
        })),
        table: { name: graph.table, detail: `${count(graph.windows)} rows written`, title: `PostgreSQL table ${graph.table}` },
        topic: graph.topic === null ? null : {
            name: graph.topic, detail: `${count(graph.published)} messages`,
            title: `Topic ${graph.topic}; messages to dead-letter and overflow topics are counted with it`,
        },
        letters: {
            name: "dead letters", perSecond: deadPerSecond,
            total: graph.sources.reduce((sum, source) => sum + source.dead_letters, 0),
        },
    };
}

export function drawGraph(place, graph, width) {
    const picture = width < 700 ? narrow(boxes(graph), graph, width) : wide(boxes(graph), graph, width);
    place.replaceChildren(el("svg", {
        viewBox: `0 0 ${width} ${picture.height}`, role: "img",
        "aria-label": "The topology as a graph; the table below says the same",
    }, picture.edges, picture.nodes, picture.rates));
}

const letterNode = (box, letters) => node(
    box, letters.name, `${count(letters.total)} since the start`, "weir.dead_letter and the sources' .dlq topics",
    letters.total > 0 ? "letters some" : "letters");

function wide(all, graph, width) {
    const column = Math.min(250, (width - 2 * 70) / 3);
    const between = (width - 3 * column) / 2;
    const [nodes, edges, rates] = [[], [], []];
    const meters = [];
    const sources = [];
    let y = 4;
    for (const entry of all.sources) {
        const rows = Math.max(1, entry.meters.length);
        const block = rows * 30 + (rows - 1) * 6;
        const height = Math.max(block, rowHeight);
        const box = { x: 1, y: y + (height - rowHeight) / 2, w: column, h: rowHeight };
        sources.push(box);
        nodes.push(node(box, entry.name, entry.detail, entry.title));
        let top = y + (height - block) / 2;
        for (const meter of entry.meters) {
            const own = { x: column + between, y: top, w: column, h: 30 };
            meters.push({ box: own, source: entry.source });
            nodes.push(node(own, meter.name, null, meter.definition));
            edges.push(edge(box, own, entry.source.counted_per_second));
            top += 36;
        }
        rates.push(rateText(column + 10, box.y + rowHeight / 2 - 8, rate(entry.source.counted_per_second), "start"));
        y += height + gap + 8;
    }
    const lettersTop = y + 6;
    const right = 2 * (column + between) - 1;
    const outputs = all.topic === null ? 1 : 2;
    const middle = (y - gap - 8) / 2;
    const tableBox = { x: right, y: Math.max(22, middle - (outputs * rowHeight + (outputs - 1) * 34) / 2), w: column, h: rowHeight };
    nodes.push(node(tableBox, all.table.name, all.table.detail, all.table.title));
    for (const meter of meters) edges.push(edge(meter.box, tableBox, graph.windows_per_second));
    rates.push(rateText(right + 8, tableBox.y - 8, rate(graph.windows_per_second), "start"));
    let height = lettersTop;
    if (all.topic !== null) {
        const box = { ...tableBox, y: tableBox.y + rowHeight + 34 };
        nodes.push(node(box, all.topic.name, all.topic.detail, all.topic.title));
        edges.push(elbow(tableBox, { ...box, x: right + column / 2, y: box.y - box.h / 2 }, graph.published_per_second, column / 2));
        rates.push(rateText(right + column / 2 + 8, tableBox.y + rowHeight + 22, rate(graph.published_per_second), "start"));
        height = Math.max(height, box.y + rowHeight + gap);
    }
    const lettersBox = { x: column + between, y: Math.max(lettersTop, 4), w: column, h: rowHeight };
    nodes.push(letterNode(lettersBox, all.letters));
    all.sources.forEach((entry, index) => edges.push(edge(sources[index], lettersBox, entry.source.dead_letters_per_second, "letters")));
    rates.push(rateText(lettersBox.x - 10, lettersBox.y + rowHeight - 3, rate(all.letters.perSecond), "end"));
    return { nodes, edges, rates, height: Math.max(height, lettersBox.y + rowHeight + 4) };
}

function narrow(all, graph, width) {
    const indent = 34;
    const [nodes, edges, rates] = [[], [], []];
    let y = 2;
    const row = (x, height = rowHeight) => {
        const box = { x, y, w: width - x - 2, h: height };
        y += height + gap;
        return box;
    };
    for (const entry of all.sources) {
        const box = row(1);
        nodes.push(node(box, entry.name, entry.detail, entry.title));
        rates.push(rateText(width - 12, box.y + 18, rate(entry.source.records_per_second), "end"));
        for (const meter of entry.meters) {
            const own = row(indent, 28);
            nodes.push(node(own, meter.name, null, meter.definition));
            edges.push(elbow(box, own, entry.source.counted_per_second));
        }
        y += 4;
    }
    // Every meter and every source leads there: a line from the last one alone would say something else.
    const from = (words) => {
        nodes.push(el("text", { class: "small", x: 2, y: y + 16 }, words));
        y += 24;
    };
    from("from all meters");
    const tableBox = row(1);
    nodes.push(node(tableBox, all.table.name, all.table.detail, all.table.title));
    rates.push(rateText(width - 12, tableBox.y + 18, rate(graph.windows_per_second), "end"));
    if (all.topic !== null) {
        const box = row(indent);
        nodes.push(node(box, all.topic.name, all.topic.detail, all.topic.title));
        edges.push(elbow(tableBox, box, graph.published_per_second));
        rates.push(rateText(width - 12, box.y + box.h / 2 + 4.5, rate(graph.published_per_second), "end"));
    }
    from("from all sources, what could not be metered");
    const lettersBox = row(1);
    nodes.push(letterNode(lettersBox, all.letters));
    rates.push(rateText(width - 12, lettersBox.y + 18, rate(all.letters.perSecond), "end"));
    return { nodes, edges, rates, height: y };
}
