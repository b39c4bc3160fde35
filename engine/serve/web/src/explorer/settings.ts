/** The network that the explorer shows. */
export interface Settings {
  readonly bits: number;
  readonly ny: number;
  readonly kx: number;
  readonly ky: number;
  readonly r: number;
  readonly arch: string;
  readonly hidden: number;
  readonly depth: number;
  readonly lr: number;
  readonly init_scale: number;
  readonly steps: number;
  readonly seed: number;
}

/** The settings that are numbers on a slider. */
export type Slider = Exclude<keyof Settings, "arch" | "seed">;

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Where each slider can stand. What is spread over decades has places that are about evenly far apart in ratio. */
export const stops: Readonly<Record<Slider, readonly number[]>> = {
  bits: range(1, 6),
  ny: range(0, 6),
  kx: range(0, 8),
  ky: range(0, 8),
  r: [0, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5],
  hidden: [1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 256],
  depth: range(1, 4),
  lr: [0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.2, 0.25, 0.32, 0.4, 0.5, 0.64, 0.8, 1, 1.3, 1.6, 2],
  init_scale: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3],
  steps: [50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10000, 20000],
};

const names: readonly Slider[] = ["bits", "ny", "kx", "ky", "r", "hidden", "depth", "lr", "init_scale", "steps"];

/** The server's defaults, as settings. */
export function defaultsOf(given: Readonly<Record<string, number | string>>): Settings {
  const value = (name: string, otherwise: number) => {
    const v = Number(given[name]);
    return Number.isFinite(v) ? v : otherwise;
  };
  return {
    bits: value("bits", 3), ny: value("ny", 1), kx: value("kx", 3), ky: value("ky", 1), r: value("r", 1),
    arch: String(given["arch"] ?? "dense"), hidden: value("hidden", 50), depth: value("depth", 1), lr: value("lr", 0.16),
    init_scale: value("init_scale", 0.0002), steps: value("steps", 300), seed: value("seed", 0),
  };
}

/** Reads settings out of an address; what it leaves open or says wrongly is as in `defaults`. */
export function readSettings(parameters: URLSearchParams, defaults: Settings, arch: readonly string[]): Settings {
  const read: Record<string, number | string> = { ...defaults };
  for (const name of names) {
    const text = parameters.get(name);
    const value = Number(text);
    const allowed = stops[name];
    if (text && Number.isFinite(value)) read[name] = Math.min(Math.max(value, allowed[0] as number), allowed[allowed.length - 1] as number);
  }
  const seed = Number(parameters.get("seed"));
  if (Number.isSafeInteger(seed) && seed >= 0) read["seed"] = seed;
  const given = parameters.get("arch");
  if (given && arch.includes(given)) read["arch"] = given;
  return coherent(read as unknown as Settings);
}

/** Writes what differs from the defaults. */
export function writeSettings(settings: Settings, defaults: Settings): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of [...names, "arch", "seed"] as const) {
    if (settings[name] !== defaults[name]) parameters.set(name, String(settings[name]));
  }
  return parameters;
}

/** Settings that go together: no more bits are asked for than there are. */
export function coherent(settings: Settings): Settings {
  const whole = (v: number) => Math.round(v);
  const bits = whole(settings.bits);
  return {
    ...settings, bits, ny: Math.min(whole(settings.ny), bits), kx: whole(settings.kx), ky: whole(settings.ky),
    hidden: whole(settings.hidden), depth: whole(settings.depth), steps: whole(settings.steps),
  };
}

/** Settings as the server names them. All bits are input. */
export function asParameters(settings: Settings): Record<string, string | number> {
  return { ...settings, nx: "all", seed: String(settings.seed) };
}
