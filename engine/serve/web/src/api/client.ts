import type {
  Diagram, ExplorerLimits, Folder, Reproduction, Rows, Sweep, Theory, TrainEvent, Trajectories,
} from "./types";

/** A request that the server refused, or that never reached it; the message is one line for the reader. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

/** A query's parameters; what is undefined or empty is left out, lists are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** An address of the API with its query. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    if (typeof value === "object") for (const one of value) parameters.append(name, one);
    else parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return `./api/${path}${text ? `?${text}` : ""}`;
}

/** Whether an error only says that the question was taken back. */
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What an error says, on one line. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const attempts = 6;

async function ask<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await request(address(path, query), signal ? { signal } : {});
    if (response.ok) return (await response.json()) as T;
    // "Too much is under way" passes; everything else is an answer.
    if (response.status !== 429 || attempt === attempts) throw await refusal(response);
    await pause(1000 * Number(response.headers.get("Retry-After") ?? 1), signal);
  }
}

async function request(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (aborted(error)) throw error;
    throw new Refusal(0, "modspec serve does not answer. Is it still running?");
  }
}

async function refusal(response: Response): Promise<Refusal> {
  let text = `the server answered ${response.status} ${response.statusText}`.trim();
  try {
    const body = (await response.json()) as { error?: unknown };
    if (typeof body.error === "string" && body.error) text = body.error;
  } catch {
    // The status says enough.
  }
  return new Refusal(response.status, text);
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    }, { once: true });
  });
}

/** What DIR holds. */
export const folder = (signal?: AbortSignal) => ask<Folder>("folder", {}, signal);

/** A sweep's progress, file and columns. */
export const sweep = (dir: string, signal?: AbortSignal) => ask<Sweep>("sweep", { dir }, signal);

/** A phase diagram. */
export const diagram = (query: Query, signal?: AbortSignal) => ask<Diagram>("sweep/diagram", query, signal);

/** The trajectories behind a cell. */
export const trajectories = (query: Query, signal?: AbortSignal) => ask<Trajectories>("sweep/trajectories", query, signal);

/** A page of rows. */
export const rows = (query: Query, signal?: AbortSignal) => ask<Rows>("sweep/rows", query, signal);

/** Claims and figures of a reproduction. */
export const reproduction = (dir: string, signal?: AbortSignal) => ask<Reproduction>("reproduction", { dir }, signal);

/** What the explorer's controls allow. */
export const explorerLimits = (signal?: AbortSignal) => ask<ExplorerLimits>("explorer", {}, signal);

/** Theory's curves for one network. */
export const theory = (query: Query, signal?: AbortSignal) => ask<Theory>("explorer/theory", query, signal);

/** Trains a network and hands over each line of its stream as it comes. */
export async function train(
  body: Readonly<Record<string, unknown>>,
  each: (event: TrainEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await request(address("explorer/train"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok || !response.body) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines) if (line.trim()) each(JSON.parse(line) as TrainEvent);
    if (done) return;
  }
}
