// The page's beginning: hears the process, says when it does not, and shows each topology.

import { el, empty, update } from "./dom.js";
import { clock, span } from "./format.js";
import { letters } from "./letters.js";
import { failures, failureWords, shares } from "./tables.js";
import { TopologyView } from "./topology.js";

const place = (id) => document.getElementById(id);
const views = new Map();
let latest = null;
let heardAt = null;
let isPaused = false;
/// `?still` shows one moment and asks no more.
const isStill = new URLSearchParams(location.search).has("still");

function banner(words, isBad) {
    place("banner").hidden = words === null;
    place("banner").classList.toggle("bad", isBad === true);
    update(place("banner"), words, () => words ?? "");
}

function say() {
    if (latest === null) return banner("The process has not answered yet.", true);
    if (!isPaused && !isStill && Date.now() - heardAt > 6000) {
        document.body.classList.add("stale");
        return banner(`No answer from the process since ${clock(heardAt / 1000)}. What is below is from then.`, true);
    }
    document.body.classList.remove("stale");
    if (isPaused) return banner(`Paused: what is below is from ${clock(latest.time)}.`);
    const failed = latest.topologies.find((topology) => topology.failure !== null);
    if (failed) return banner(`${failed.name} has ended: ${failed.failure}`, true);
    if (latest.state === "starting") return banner(`Starting: ${latest.waiting_for}.`);
    if (latest.state === "draining") return banner("Told to stop: it commits what it has read, and leaves.");
    const failing = latest.topologies.filter((topology) => failures(topology).length > 0);
    if (failing.length > 0) return banner(failing.map(failureWords).join(". "), true);
    const unanswered = latest.topologies.find((topology) => topology.partitions_of_others.problem !== null
        && topology.dead_letters.problem !== null && topology.usage.problem !== null);
    if (unanswered) return banner(`PostgreSQL does not answer the console: ${unanswered.usage.problem}`, true);
    const standing = latest.topologies.filter((topology) => shares(topology).standing.length > 0);
    if (standing.length > 0) return banner(standing.map(standingWords).join(" "));
    banner(null);
}

function standingWords(topology) {
    const { standing } = shares(topology);
    const owners = [...new Set(standing.map((partition) => partition.owner))];
    const longest = span(Math.max(...standing.map((partition) => partition.stands_seconds)));
    return `${topology.name}: ${standing.length} of other processes' partitions stand still though records came, for up to ${longest}: ${owners.join(", ")}.`;
}

function show(status) {
    latest = status;
    update(place("process"), [status.weir, status.host, status.process, clock(status.time)], () =>
        `Weir ${status.weir} on ${status.host}, process ${status.process}, at ${clock(status.time)}`);
    const names = status.topologies.map((topology) => topology.name);
    document.title = names.length === 0 ? "Weir" : `${names.join(", ")} – Weir`;
    update(place("names"), names, () => names.length < 2 ? [] : names.map((name) => el("a", { href: `#${name}` }, name)));
    for (const topology of status.topologies) {
        if (!views.has(topology.name)) views.set(topology.name, new TopologyView(topology.name));
        views.get(topology.name).show(topology, status);
    }
    update(place("main"), names, () => names.length === 0
        ? empty("No topology runs yet: nothing is known of lag, rates or partitions.")
        : names.map((name) => views.get(name).element));
    // Charts know their width only once they are in the page.
    for (const view of views.values()) view.draw();
    say();
}

async function look() {
    try {
        const answer = await fetch("status.json");
        if (!answer.ok) return banner(`The process answers ${answer.status}: ${await answer.text()}`, true);
        heardAt = Date.now();
        show(await answer.json());
    } catch {
        say();
    }
}

/// The browser connects again by itself; what it missed is gone, and nobody needs it.
function listen() {
    const source = new EventSource("events");
    source.onmessage = (event) => {
        heardAt = Date.now();
        if (!isPaused) show(JSON.parse(event.data));
    };
    source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
        say();
    };
}

place("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    place("pause").setAttribute("aria-pressed", String(isPaused));
    place("pause").textContent = isPaused ? "Go on" : "Pause";
    say();
});
addEventListener("resize", () => { for (const view of views.values()) view.draw(); });
letters(place("letter"), place("letter-title"), place("letter-text"), place("letter-close"));
place("pause").hidden = isStill;
await look();
if (!isStill) {
    listen();
    setInterval(say, 1000);
}
const wanted = new URLSearchParams(location.search).get("letter");
if (wanted !== null) dispatchEvent(new CustomEvent("weir-letter", { detail: wanted }));
