import { folder as ask } from "../api/client";
import { listen } from "../api/events";
import type { Entry, Folder } from "../api/types";
import { fragmentOf } from "../page/address";
import { element, fill, unique } from "../page/dom";
import { Latest } from "../page/latest";
import { moment, percent, whole } from "../page/number";
import type { View } from "../page/view";
import { meter } from "../page/meter";

/** What DIR holds, each thing with how far it is and how to open it. */
export class FolderView implements View {
  readonly element = element("div", { class: "page" });
  readonly title = "Results";
  private readonly stop: () => void;
  private readonly latest = new Latest();
  private readonly timer: number;
  private running = false;

  constructor(folder: Folder, learn: (folder: Folder) => void) {
    this.draw(folder);
    this.stop = listen("", { folder: (news) => { learn(news); this.draw(news); } });
    // Events tell of states, not of every copy that a sweep gains.
    this.timer = setInterval(() => {
      if (this.running && !document.hidden) void this.latest.ask((signal) => ask(signal), (news) => this.draw(news), () => undefined);
    }, 5000);
  }

  show(): void {
    // There is nothing to choose here.
  }

  close(): void {
    this.stop();
    this.latest.stop();
    clearInterval(this.timer);
  }

  private draw(folder: Folder): void {
    this.running = folder.entries.some((entry) => entry.state === "running");
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    const kinds: readonly [Entry["kind"], string][] = [["sweep", "Sweeps"], ["reproduction", "Reproductions"], ["report", "Reports"]];
    const parts = kinds.flatMap(([kind, heading]) => {
      const entries = folder.entries.filter((entry) => entry.kind === kind);
      if (entries.length === 0) return [];
      const id = unique("kind");
      return [element("section", { "aria-labelledby": id }, element("h2", { id }, heading), element("ul", { class: "entries" }, ...entries.map(card)))];
    });
    fill(this.element,
      element("h1", {}, folder.name || "Results"),
      ...(parts.length > 0 ? parts : [empty()]),
      folder.left_out > 0 ? element("p", { class: "soft" }, `${whole(folder.left_out)} more are not listed; serve a folder further down to see them.`) : null,
      folder.explorer ? element("section", { class: "invite" },
        element("h2", {}, "Explorer"),
        element("p", {}, "Set up a network, see what theory says of it, and train it on the spot."),
        element("a", { class: "action", href: "#/explorer" }, "Open the explorer")) : null);
    if (focused) this.element.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function card(entry: Entry): HTMLElement {
  const parameters = new URLSearchParams(entry.dir ? { dir: entry.dir } : {});
  const name = entry.problem
    ? element("strong", {}, entry.name)
    : element("a", { class: "entry-name", href: fragmentOf({ view: entry.kind, parameters }) }, entry.name);
  return element("li", { class: "entry" },
    element("div", { class: "entry-head" }, name, verdict(entry)),
    entry.dir && entry.dir !== entry.name ? element("p", { class: "soft path" }, entry.dir) : null,
    entry.problem ? element("p", { class: "bad" }, entry.problem) : facts(entry),
    entry.report && entry.kind !== "report" && !entry.problem
      ? element("p", {}, element("a", { href: fragmentOf({ view: "report", parameters }) }, "Written report")) : null);
}

function verdict(entry: Entry): HTMLElement | null {
  if (entry.problem) return element("span", { class: "pill bad" }, "cannot be opened");
  if (entry.kind === "sweep") return element("span", { class: "pill", "data-state": entry.state ?? "" }, entry.state ?? "");
  if (entry.kind === "reproduction" && entry.claims !== undefined) {
    const all = entry.holding === entry.claims;
    return element("span", { class: all ? "pill good" : "pill bad" }, all ? "✓ all claims hold" : `✗ ${entry.claims - (entry.holding ?? 0)} fail`);
  }
  return null;
}

function facts(entry: Entry): HTMLElement {
  const parts: (HTMLElement | string)[] = [];
  if (entry.kind === "sweep" && entry.copies !== undefined) {
    const done = entry.done ?? 0;
    parts.push(meter(done, entry.copies, `${entry.name}: copies done`));
    parts.push(`${whole(done)} of ${whole(entry.copies)} copies (${percent(done, entry.copies)})${entry.diverged ? `, ${whole(entry.diverged)} diverged` : ""}`);
  }
  if (entry.claims !== undefined) parts.push(`${whole(entry.holding)} of ${whole(entry.claims)} claims hold`);
  if (entry.last) parts.push(`${parts.some((part) => typeof part === "string") ? " · " : ""}last change ${moment(entry.last)}`);
  return element("div", { class: "soft facts" }, ...parts);
}

function empty(): HTMLElement {
  return element("div", { class: "notice" },
    element("p", {}, "This folder holds no results yet. Make some, and they appear here:"),
    element("pre", {}, "modspec sweep run FILE --out DIR\nmodspec reproduce --out DIR"));
}
