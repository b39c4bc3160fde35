import { numbers } from "../page/number";

/** A place on an axis that is named. */
export interface Tick {
  readonly place: number;
  readonly label: string;
}

/** How numbers lie along an axis. Places are what the chart's own linear axis is given. */
export interface Scale {
  readonly log: boolean;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
  place(value: number): number;
}

/** Whether two ends are one, or so close that rounding would show in the ticks between them. */
export function close(from: number, to: number): boolean {
  return !(to - from > 1e-9 * Math.max(Math.abs(from), Math.abs(to)));
}

/** A linear scale from `from` to `to`, with about so many ticks; those of whole numbers are whole. */
export function linear(from: number, to: number, count = 5, whole = false): Scale {
  const end = close(from, to) ? from + (Math.abs(from) || 1) : to;
  const place = (v: number) => v;
  return { log: false, from, to: end, place, ticks: named(linearTicks(from, end, count, whole), place) };
}

/** A linear scale whose ends are ticks. */
export function rounded(from: number, to: number, count = 5): Scale {
  const step = niceStep(Math.max(to - from, Number.MIN_VALUE), count);
  // What passes a tick by less than a line is wide does not ask for another one.
  const low = Math.floor(from / step + 0.02) * step;
  const high = Math.ceil(to / step - 0.02) * step;
  return linear(low, high > low ? high : low + step, count);
}

/** A logarithmic scale from `from` to `to`, both above zero. */
export function logarithmic(from: number, to: number, count = 6, whole = false): Scale {
  const end = close(from, to) ? from * 10 : to;
  const low = Math.log10(from);
  const high = Math.log10(end);
  return {
    log: true, from: low, to: high, place: Math.log10,
    ticks: named(logTicks(from, end, count, whole), Math.log10),
  };
}

/** A scale of names side by side, place i for the i-th. */
export function places(labels: readonly string[]): Scale {
  return {
    log: false, from: -0.5, to: labels.length - 0.5, place: (v) => v,
    ticks: labels.map((label, place) => ({ place, label })),
  };
}

/** Leaves out ticks until each of the rest has so much room, in the units of `along`. */
export function thinned(ticks: readonly Tick[], scale: Scale, along: number, room: (label: string) => number): readonly Tick[] {
  if (ticks.length < 2) return ticks;
  const span = scale.to - scale.from;
  for (let every = 1; every < ticks.length; every++) {
    const kept = ticks.filter((_, i) => i % every === 0);
    const fits = kept.every((tick, i) => {
      const next = kept[i + 1];
      return !next || ((next.place - tick.place) / span) * along >= (room(tick.label) + room(next.label)) / 2;
    });
    if (fits) return kept;
  }
  return ticks.slice(0, 1);
}

function named(values: readonly number[], place: (value: number) => number): Tick[] {
  return numbers(values).map((label, i) => ({ place: place(values[i] as number), label }));
}

function niceStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

function linearTicks(from: number, to: number, count: number, whole: boolean): number[] {
  const step = Math.max(niceStep(to - from, count), whole ? 1 : 0);
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) {
    ticks.push(decimals <= 100 ? Number((k * step).toFixed(decimals)) : k * step);
  }
  return ticks;
}

function logTicks(from: number, to: number, count: number, whole: boolean): number[] {
  const low = Math.log10(from);
  const high = Math.log10(to);
  const decades = high - low;
  const within = (v: number) => v >= from * (1 - 1e-12) && v <= to * (1 + 1e-12);
  if (decades >= 1.8) {
    const every = Math.max(1, Math.ceil(decades / count));
    const ticks: number[] = [];
    for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e++) if (e % every === 0) ticks.push(10 ** e);
    if (ticks.length >= 2) return ticks;
  }
  for (const mantissas of [[1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
    const ticks: number[] = [];
    for (let e = Math.floor(low); e <= Math.ceil(high); e++) {
      for (const m of mantissas) if (within(Number(`${m}e${e}`))) ticks.push(Number(`${m}e${e}`));
    }
    if (ticks.length >= 3) return ticks;
  }
  return linearTicks(from, to, count, whole).filter((v) => v > 0);
}
