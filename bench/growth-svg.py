#!/usr/bin/env python3
"""The tables of a growth.md as curves, a panel for each table: bench/growth-svg.py growth.md > growth.svg"""
import math
import sys
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 250, 48, 14, 56, 46


def tables(lines):
    """(title, column names, rows of numbers) of each table under a heading."""
    found = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("## "):
            found.append((line[3:].strip(), [], []))
        elif line.startswith("|") and found and not set(line) <= set("|- \n"):
            title, names, rows = found[-1]
            if names:
                rows.append([float(cell) for cell in cells])
            else:
                names += cells
    return [table for table in found if table[2]]


def step(most):
    """A round number that goes four to eight times into it."""
    scale = 10 ** math.floor(math.log10(most / 4))
    return max(factor * scale for factor in (1, 2, 5) if factor * scale <= most / 4)


def words(text, most):
    """Lines of so many letters at the most."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def panel(title, names, rows):
    xs = [math.log10(row[0]) for row in rows]
    most = max(max(row[1], row[2]) for row in rows) or 1
    unit = step(most)
    top = math.ceil(most / unit) * unit
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(value):
        return LEFT + (value - xs[0]) / ((xs[-1] - xs[0]) or 1) * (right - LEFT - 8)

    def y(value):
        return bottom - value / top * (bottom - TOP)

    parts = [f'<text class="title" x="0" y="{14 + 16 * n}">{escape(t)}</text>' for n, t in enumerate(words(title, 54))]
    for number in range(round(top / unit) + 1):
        value = number * unit
        parts.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{right}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for row, place in zip(rows, xs):
        parts.append(f'<text x="{x(place):.1f}" y="{bottom + 16}" text-anchor="middle">{row[0]:,.0f}</text>')
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{bottom + 34}" text-anchor="middle">{escape(names[0])}</text>')
    parts.append(f'<text x="{LEFT}" y="{TOP - 8}">µs of CPU an event</text>')
    for column, style in ((1, "a"), (2, "b")):
        points = [(x(place), y(row[column])) for row, place in zip(rows, xs)]
        parts.append(f'<path class="{style}" d="M' + "L".join(f"{px:.1f} {py:.1f}" for px, py in points) + '"/>')
        parts += [f'<circle class="{style}" cx="{px:.1f}" cy="{py:.1f}" r="3"/>' for px, py in points]
    return parts


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = tables(file)
    height = 34 + (len(found) + 1) // 2 * (HEIGHT + 14)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH + 56} {height}">')
    print("<style>text{font:12px system-ui,sans-serif;fill:#555}.title{font-size:13px;font-weight:600;fill:#222}"
          "path{fill:none}.grid{stroke:#ddd}path.a,path.b{stroke-width:2}.a{stroke:#1f6feb;fill:#1f6feb}"
          ".b{stroke:#c2410c;fill:#c2410c}path.a,path.b{fill:none}</style>")
    print(f'<rect width="100%" height="100%" fill="#fff"/>')
    for place, style, name in ((16, "a", "Weir"), (90, "b", "PostgreSQL")):
        print(f'<path class="{style}" d="M{place} 16h22"/><text x="{place + 28}" y="20">{name}</text>')
    for number, table in enumerate(found):
        print(f'<g transform="translate({16 + number % 2 * (WIDTH + 24)} {36 + number // 2 * (HEIGHT + 14)})">')
        print("\n".join(panel(*table)))
        print("</g>")
    print("</svg>")


main()
