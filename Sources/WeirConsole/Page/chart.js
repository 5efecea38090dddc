// Lag over time against the objective's line, on a logarithmic scale. Where nothing was committed there is no line.

import { el } from "./dom.js";
import { clock, rate, span } from "./format.js";

const lines = [
    ["oldest", "oldest record that waits"], ["p99", "p99 of what was committed"], ["p50", "p50"],
];
const margin = { left: 58, right: 12, top: 12, bottom: 24 };
const height = 250;

export const legend = (promise) => el("ul", { class: "legend" },
    [...lines].reverse().map(([kind, words]) => el("li", {}, el("i", { class: kind }), words)),
    el("li", {}, el("i", { class: "promise" }), `objective: ${promise}`));

/// A power of ten below all that is shown, and one above; a lag of 0 is drawn at the bottom.
function decades(points, line) {
    const values = points.flatMap((point) => [point.p50, point.p99, point.oldest]).concat(line).filter((value) => value > 0.001);
    const low = Math.floor(Math.log10(Math.min(...values)));
    const high = Math.ceil(Math.log10(Math.max(...values) * 1.01));
    return [Math.min(low, high - 2), high];
}

export class Chart {
    constructor() {
        this.readout = el("p", { class: "readout", "aria-live": "polite" });
        this.picture = el("div", {
            tabindex: "0", role: "img", "aria-label": "Lag over time; arrow keys read it point by point", "data-key": "chart",
        });
        this.element = el("div", {}, this.picture, this.readout);
        this.at = null;
        this.picture.addEventListener("keydown", (event) => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (step === undefined || this.points.length === 0) return;
            event.preventDefault();
            const now = this.points.findIndex((point) => point.time === this.at);
            const next = now < 0 ? this.points.length - 1 : now + step;
            this.point(this.points[Math.max(0, Math.min(this.points.length - 1, next))]);
        });
        this.picture.addEventListener("pointermove", (event) => {
            if (this.points.length === 0) return;
            const box = this.picture.getBoundingClientRect();
            const time = this.timeAt((event.clientX - box.left) / box.width * this.width);
            const distance = (point) => Math.abs(point.time - time);
            this.point(this.points.reduce((best, point) => distance(point) < distance(best) ? point : best));
        });
        this.picture.addEventListener("pointerleave", () => this.point(null));
        this.picture.addEventListener("blur", () => this.point(null));
    }

    point(point) {
        this.at = point?.time ?? null;
        this.draw(this.history, this.line, this.now, this.width);
    }

    timeAt(x) { return this.from + (x - margin.left) / (this.width - margin.left - margin.right) * (this.now - this.from); }

    /// - line: the objective's, in seconds. now: seconds since 1970.
    draw(history, line, now, width) {
        Object.assign(this, { history, line, now, width });
        // A short history fills the picture too: five minutes at the least.
        const first = history.points[0]?.time ?? now;
        this.from = Math.max(now - history.span_seconds, Math.min(first, now - 300));
        this.points = history.points.filter((point) => point.time >= this.from);
        const [low, high] = decades(this.points, line);
        const bottom = height - margin.bottom;
        const x = (time) => margin.left + (time - this.from) / (now - this.from) * (width - margin.left - margin.right);
        const y = (value) => {
            const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
            return bottom - share * (bottom - margin.top);
        };
        const parts = [];
        for (let power = low; power <= high; power += 1) {
            parts.push(el("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(10 ** power), y2: y(10 ** power) }));
            parts.push(el("text", { class: "small", x: margin.left - 8, y: y(10 ** power) + 4, "text-anchor": "end" }, span(10 ** power)));
        }
        for (const share of width < 520 ? [0, 1] : [0, 0.25, 0.5, 0.75, 1]) {
            const time = this.from + share * (now - this.from);
            const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
            parts.push(el("text", { class: "small", x: x(time), y: height - 6, "text-anchor": anchor }, clock(time)));
        }
        parts.push(el("path", { class: "promise", d: `M${margin.left} ${y(line)} H${width - margin.right}` }));
        parts.push(el("text", { class: "promise-name", x: margin.left + 6, y: y(line) - 5 }, span(line)));
        for (const [kind] of lines) parts.push(el("path", { class: `line ${kind}`, d: this.path(kind, x, y) }));
        const at = this.points.find((point) => point.time === this.at);
        if (at) parts.push(el("line", { class: "cursor", x1: x(at.time), x2: x(at.time), y1: margin.top, y2: bottom }));
        if (this.points.length === 0) {
            parts.push(el("text", { class: "small", x: width / 2, y: height / 2, "text-anchor": "middle" }, "no data yet"));
        }
        this.picture.replaceChildren(el("svg", { viewBox: `0 0 ${width} ${height}` }, parts));
        this.readout.textContent = at ? `${clock(at.time)}: p50 ${span(at.p50)}, p99 ${span(at.p99)}, oldest waiting `
            + `${span(at.oldest)}, ${rate(at.records)} records` : "";
    }

    path(kind, x, y) {
        let path = "";
        let isOpen = false;
        let last = 0;
        for (const point of this.points) {
            const value = point[kind];
            // A pause of the process is a gap, too.
            if (point.time - last > 3 * this.history.step_seconds) isOpen = false;
            last = point.time;
            // A point alone between gaps is drawn as a dot: a line of no length with round ends.
            if (value === null) { isOpen = false; continue; }
            path += `${isOpen ? "L" : "M"}${x(point.time).toFixed(1)} ${y(value).toFixed(1)}${isOpen ? "" : "h0.01"}`;
            isOpen = true;
        }
        return path;
    }
}
