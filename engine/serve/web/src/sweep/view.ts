import { message, sweep as ask } from "../api/client";
import { listen } from "../api/events";
import type { Folder, Status, Sweep } from "../api/types";
import { settle } from "../page/address";
import { element, fill } from "../page/dom";
import { Latest } from "../page/latest";
import { provenance } from "../page/provenance";
import type { View } from "../page/view";
import { changed, readChoice, writeChoice, type Choice } from "./choice";
import { Controls } from "./controls";
import { DiagramPanel } from "./diagram";
import { DivergedPanel } from "./diverged";
import { Progress } from "./progress";
import { downloads, TrajectoriesPanel } from "./trajectories";

/** Views are asked for again this long after the last time, at most, while rows arrive. */
const rest = 2000;

/** A sweep: how far it is, its phase diagram, and the trajectories behind a cell. */
export class SweepView implements View {
  readonly element = element("div", { class: "page sweep" });
  private readonly dir: string;
  private readonly progress = new Progress();
  private readonly controls: Controls;
  private readonly diagram: DiagramPanel;
  private readonly trajectories: TrajectoriesPanel;
  private readonly diverged: DivergedPanel;
  private readonly behind = element("div", {});
  private readonly latest = new Latest();
  private readonly stop: () => void;
  private sweep: Sweep | undefined;
  private status: Status | undefined;
  private choice: Choice | undefined;
  private parameters = new URLSearchParams();
  private timer: number | undefined;
  private asked = 0;
  private version = "";

  constructor(dir: string, learn: (folder: Folder) => void) {
    this.dir = dir;
    this.controls = new Controls((change) => this.change(change));
    this.diagram = new DiagramPanel(dir, (cell) => this.pick(cell));
    this.trajectories = new TrajectoriesPanel(dir, (change) => this.change(change));
    this.diverged = new DivergedPanel(dir);
    fill(this.element, element("p", { class: "notice" }, element("span", { class: "spinner", "aria-hidden": "true" }), "Loading …"));
    this.stop = listen(dir, {
      folder: learn,
      status: (status) => this.advance(status),
      rows: (news) => { if (news.version !== this.sweep?.version) this.later(); },
      connected: (yes) => this.progress.connected(yes),
    });
    this.load();
  }

  get title(): string {
    return this.status?.name || this.dir || "Sweep";
  }

  show(parameters: URLSearchParams): void {
    this.parameters = parameters;
    if (this.sweep) this.draw(readChoice(parameters, this.sweep));
  }

  close(): void {
    this.stop();
    this.latest.stop();
    clearTimeout(this.timer);
    this.diagram.close();
    this.trajectories.close();
    this.diverged.close();
  }

  private load(): void {
    this.asked = performance.now();
    void this.latest.ask((signal) => ask(this.dir, signal), (answer) => this.take(answer), (error) => {
      if (this.sweep) {
        this.later();
        return;
      }
      fill(this.element, element("h1", {}, this.title), element("div", { class: "notice" }, element("p", { role: "alert" }, message(error)),
        element("button", { type: "button", on: { click: () => this.load() } }, "Try again")));
    });
  }

  private later(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.load();
    }, Math.max(0, this.asked + rest - performance.now()));
  }

  private take(sweep: Sweep): void {
    const first = this.sweep === undefined;
    this.sweep = sweep;
    if (first) this.build();
    this.advance(sweep.status);
    fill(this.behind, provenance(sweep.status.processes),
      element("details", { class: "fold" }, element("summary", {}, "The sweep file"), element("pre", { tabindex: "0" }, sweep.sweep)));
    this.draw(readChoice(this.parameters, sweep));
  }

  private build(): void {
    fill(this.element, this.progress.element, this.controls.element, this.diagram.element, this.trajectories.element, this.diverged.element, this.behind);
  }

  private advance(status: Status): void {
    this.status = status;
    this.progress.show(status);
    if (this.sweep) this.diverged.show(this.sweep, status.diverged);
  }

  private change(change: Partial<Choice>): void {
    if (!this.choice || !this.sweep) return;
    this.draw(changed(this.choice, change));
  }

  private pick(cell: string[]): void {
    this.change({ cell, group: 0 });
    const box = this.trajectories.element.getBoundingClientRect();
    // What was asked for should be seen; where some of it is, nothing moves.
    if (box.top > innerHeight - 160) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.trajectories.element.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    }
  }

  private draw(choice: Choice): void {
    const { sweep } = this;
    if (!sweep) return;
    // Which parameters vary is known with the first rows; until then nothing is
    // chosen that would have to be taken back.
    const rows = sweep.rows > 0;
    this.controls.element.hidden = !rows;
    this.trajectories.element.hidden = !rows;
    if (!rows) {
      this.diagram.show(choice, sweep);
      return;
    }
    const before = this.choice;
    const asked = (c: Choice) => JSON.stringify([sweep.version, c.x, c.y, c.value, c.stat, c.facet, c.xLog, c.yLog, c.colourLog, c.where]);
    this.choice = choice;
    this.parameters = writeChoice(this.dir, choice);
    settle({ view: "sweep", parameters: this.parameters });
    this.controls.set(choice, sweep);
    if (!before || this.version !== sweep.version || asked(before) !== asked(choice)) this.diagram.show(choice, sweep);
    else this.diagram.choose(choice.cell);
    this.version = sweep.version;
    this.diagram.offer(downloads(this.dir, choice.where));
    this.trajectories.show(choice, sweep);
  }
}
