const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const minus = "\u2212";
const thin = "\u2009";

/** A power's exponent, raised: 10⁻⁴. */
export function raised(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((d) => superscripts[Number(d)] ?? d).join("");
  return (exponent < 0 ? "⁻" : "") + digits;
}

/** A number with so many significant digits, as a paper would print it: 0.0123, 4.5·10⁻⁶, 12 000. */
export function number(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === Infinity) return "∞";
  if (value === -Infinity) return `${minus}∞`;
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const sign = value < 0 ? minus : "";
  if (Number.isInteger(value) && magnitude < 1e7) return sign + grouped(String(magnitude));
  const [mantissa = "0", power = "0"] = magnitude.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -3 || exponent >= 6) {
    const short = trimmed(mantissa);
    return `${sign}${short === "1" ? "" : `${short}·`}10${raised(exponent)}`;
  }
  const fixed = magnitude.toFixed(Math.max(0, digits - 1 - exponent));
  return sign + grouped(trimmed(fixed));
}

/**
 * Numbers of one axis, with so many significant digits or as many more as tell them
 * apart: each is off by at most a quarter of the distance to the nearest other one.
 */
export function numbers(values: readonly number[], digits = 3): string[] {
  const sorted = [...new Set(values.filter(Number.isFinite))].sort((a, b) => a - b);
  const told = (enough: number) => sorted.every((value, i) => {
    const apart = Math.min(value - (sorted[i - 1] ?? -Infinity), (sorted[i + 1] ?? Infinity) - value);
    return Math.abs(Number(value.toPrecision(enough)) - value) <= apart / 4;
  });
  const most = 17; // digits, which tell any two float64 apart
  while (digits < most && !told(digits)) digits += 1;
  return values.map((value) => number(value, digits));
}

/** A whole number with its thousands apart. */
export function whole(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return (value < 0 ? minus : "") + grouped(String(Math.round(Math.abs(value))));
}

/** A share as a percentage; all and nothing are said only of all and nothing. */
export function percent(part: number, of: number): string {
  if (of <= 0) return "–";
  const share = (100 * part) / of;
  const shown = Math.round(share);
  if (shown === 100 && part < of) return `99.9${thin}%`;
  if (shown === 0 && part > 0) return `<1${thin}%`;
  return `${shown}${thin}%`;
}

/** A duration with the precision a reader has use for. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min ${s % 60} s`;
  const m = Math.round(seconds / 60);
  if (m < 48 * 60) return `${Math.floor(m / 60)} h ${m % 60} min`;
  return `${Math.floor(m / 1440)} d ${Math.floor((m % 1440) / 60)} h`;
}

/** A size in bytes, in powers of a thousand. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value)} ${units[unit] ?? ""}`;
}

/** A rate a second, short: 1.2·10⁶. */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return number(value >= 1000 ? Number(value.toPrecision(3)) : value);
}

/** When something was, in the reader's own time zone. */
export function moment(time: string | null | undefined): string {
  if (!time) return "–";
  const date = new Date(time);
  if (Number.isNaN(date.getTime()) || date.getTime() <= 0) return "–";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function trimmed(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/0+$/, "").replace(/\.$/, "") : decimal;
}

function grouped(decimal: string): string {
  const [before = "", after] = decimal.split(".");
  const spaced = before.length > 4 ? before.replace(/\B(?=(\d{3})+$)/g, thin) : before;
  return after === undefined ? spaced : `${spaced}.${after}`;
}
