// Numbers and times in words. No data is a dash, never 0.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

const isMissing = (value) => value === null || value === undefined;

export const count = (value) => isMissing(value) ? "–" : whole.format(value);

/// A quantity that came as decimal text, digit for digit.
export const quantity = (text) => isMissing(text) ? null : text.replace(/^(-?\d+)/, (digits) => whole.format(BigInt(digits)));

export function rate(value) {
    if (isMissing(value)) return "–";
    if (value === 0) return "0/s";
    if (value < 1) return "<1/s";
    return `${value < 10_000 ? whole.format(value) : short.format(value)}/s`;
}

export function span(seconds) {
    if (isMissing(seconds)) return "–";
    if (seconds < 0.0005) return "0 s";
    if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
    if (seconds < 119.5) return `${seconds < 9.95 ? seconds.toFixed(1).replace(".0", "") : Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86_400)} d`;
}

/// Never rounded up to what was not reached: 99.998 % is not 100 %.
export function percent(share) {
    if (isMissing(share)) return "–";
    const digits = share < 0 ? 0 : share > 0.99 && share < 1 ? 3 : 1;
    const scaled = Math.floor(share * 100 * 10 ** digits) / 10 ** digits;
    return `${scaled.toLocaleString("en", { maximumFractionDigits: digits })} %`;
}

export function bytes(value) {
    if (isMissing(value)) return "–";
    const power = Math.min(4, Math.floor(Math.log2(Math.max(value, 1)) / 10));
    return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

/// Of seconds since 1970, in the reader's own time zone.
export const clock = (seconds) => isMissing(seconds) ? "–"
    : new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const day = (seconds) => isMissing(seconds) ? "–" : `${new Date(seconds * 1000).toLocaleDateString("sv")} ${clock(seconds)}`;
