import { message, rows as ask } from "../api/client";
import type { Sweep, Value } from "../api/types";
import { element, fill } from "../page/dom";
import { Latest } from "../page/latest";
import { number, whole } from "../page/number";

const page = 25;

/** The copies that diverged, with their parameters; asked for when someone looks. */
export class DivergedPanel {
  readonly element: HTMLDetailsElement;
  private readonly summary = element("summary", {});
  private readonly body = element("div", {});
  private readonly latest = new Latest();
  private readonly dir: string;
  private offset = 0;
  private version = "";
  private sweep: Sweep | undefined;

  constructor(dir: string) {
    this.dir = dir;
    this.element = element("details", { class: "fold", on: { toggle: () => this.ask() } }, this.summary, this.body);
  }

  /** Takes how many there are, and asks anew if the table changed while it is looked at. */
  show(sweep: Sweep, diverged: number): void {
    this.sweep = sweep;
    fill(this.summary, diverged === 0 ? "No copy diverged" : `${whole(diverged)} ${diverged === 1 ? "copy" : "copies"} diverged`);
    this.ask();
  }

  close(): void {
    this.latest.stop();
  }

  private ask(force = false): void {
    const { sweep } = this;
    if (!sweep || !this.element.open || (sweep.version === this.version && !force)) return;
    this.version = sweep.version;
    if (!this.body.hasChildNodes()) fill(this.body, element("p", { class: "soft" }, "Loading …"));
    void this.latest.ask((signal) => ask({ dir: this.dir, where: ["diverged_step!="], offset: this.offset, limit: page }, signal),
      (answer) => this.draw(answer.columns, answer.rows, answer.matched, sweep),
      (error) => {
        this.version = "";
        fill(this.body, element("p", { class: "bad", role: "alert" }, message(error)), element("button", { type: "button", on: { click: () => this.ask(true) } }, "Try again"));
      });
  }

  private draw(columns: readonly string[], rows: readonly (readonly Value[])[], matched: number, sweep: Sweep): void {
    if (matched === 0) {
      fill(this.body, element("p", { class: "soft" }, "Every copy that is done trained to its end."));
      return;
    }
    const label = (name: string) => ({ id: "id", copy: "copy", seed: "seed", diverged_step: "diverged at step" })[name] ?? sweep.columns.find((column) => column.name === name)?.label ?? name;
    const turn = (to: number) => { this.offset = to; this.ask(true); };
    fill(this.body,
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Copies that diverged" },
        element("table", {}, element("caption", { class: "unseen" }, "Copies that diverged"),
          element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, label(name))))),
          element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((value, i) =>
            element("td", { class: columns[i] === "id" ? "code" : false }, columns[i] === "id" ? String(value).slice(0, 12) : typeof value === "number" ? number(value, 6) : (value ?? "–")))))))),
      matched > page ? element("div", { class: "turn" },
        element("button", { type: "button", disabled: this.offset === 0, on: { click: () => turn(Math.max(0, this.offset - page)) } }, "Earlier"),
        element("span", { class: "soft" }, `${whole(this.offset + 1)} to ${whole(Math.min(matched, this.offset + rows.length))} of ${whole(matched)}`),
        element("button", { type: "button", disabled: this.offset + page >= matched, on: { click: () => turn(this.offset + page) } }, "Later")) : null);
  }
}
