// Elements. What comes from the process only ever goes in as text or as an attribute's value, never as markup.

const svgNames = new Set(["svg", "g", "path", "rect", "line", "text", "title"]);

export function el(name, attributes, ...children) {
    const element = svgNames.has(name)
        ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
        if (value === null || value === undefined || value === false) continue;
        if (key === "onclick") element.addEventListener("click", value);
        else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
}

/// Replaces what is in a place if what it is made of has changed, and leaves focus, scrolling and open details alone.
export function update(place, ingredients, make) {
    const key = JSON.stringify(ingredients);
    if (place.ingredients === key) return;
    place.ingredients = key;
    const focus = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const scrolls = [...place.querySelectorAll(".wide")].map((box) => [box.scrollLeft, box.scrollTop]);
    const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.key));
    place.replaceChildren(...[make()].flat().filter(Boolean));
    place.querySelectorAll("details").forEach((details) => { details.open = open.has(details.dataset.key); });
    place.querySelectorAll(".wide").forEach((box, index) => {
        [box.scrollLeft, box.scrollTop] = scrolls[index] ?? [0, 0];
    });
    if (focus) place.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

/// A table that scrolls by itself. A column is [heading, kind of cell]; a cell is text, an element or null: no data.
export function table(name, columns, rows) {
    const cell = (value, index) => {
        const content = value ?? el("span", { class: "soft" }, "–");
        return el("td", { class: columns[index][1], title: columns[index][1] === "name" ? value : null }, content);
    };
    return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": name, "data-key": `wide ${name}` },
        el("table", {},
            el("thead", {}, el("tr", {}, columns.map(([heading, kind]) =>
                el("th", { scope: "col", class: kind === "" ? null : "text" }, heading)))),
            el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell))))));
}

export const empty = (words) => el("p", { class: "empty" }, words);
export const note = (...words) => el("p", { class: "note" }, ...words);
