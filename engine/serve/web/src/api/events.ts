import { address } from "./client";
import type { Folder, Status } from "./types";

/** What is called when the server has news. */
export interface Listener {
  readonly folder?: (folder: Folder) => void;
  readonly status?: (status: Status) => void;
  readonly rows?: (rows: { readonly version: string; readonly rows: number }) => void;
  readonly problem?: (error: string) => void;
  readonly connected?: (yes: boolean) => void;
}

/** Listens to the server's events about a folder; the answer ends that. */
export function listen(dir: string, listener: Listener): () => void {
  const source = new EventSource(address("events", { dir }));
  const on = <T>(name: string, then: ((data: T) => void) | undefined) => {
    if (then) source.addEventListener(name, (event) => then(JSON.parse((event as MessageEvent<string>).data) as T));
  };
  on("folder", listener.folder);
  on("status", listener.status);
  on("rows", listener.rows);
  on<{ error: string }>("problem", listener.problem && ((data) => listener.problem?.(data.error)));
  source.addEventListener("open", () => listener.connected?.(true));
  source.addEventListener("error", () => listener.connected?.(false));
  return () => source.close();
}
