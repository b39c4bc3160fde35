import { element, fill, scripted, unique } from "../page/dom";
import { onTheme, theme } from "../page/theme";
import { savePng, saveSvg } from "./download";
import type { Drawing, TableContent } from "./drawing";
import { init, type EChartsType } from "./echarts";

const tableRows = 400;

/** A figure on the page: the chart, its table, its downloads, and what it says while there is no chart. */
export class Card {
  readonly element: HTMLElement;
  /** Where the chart is drawn; views may make it answer keys and clicks. */
  readonly host: HTMLElement;
  /** What the chart stands on. */
  readonly plate: HTMLElement;
  /** Where views put controls of their own. */
  readonly tools: HTMLElement;
  /** Called after each drawing, with the chart. */
  drawn: ((chart: EChartsType) => void) | undefined;

  private readonly heading: HTMLElement;
  private readonly tableHost: HTMLElement;
  private readonly state: HTMLElement;
  private readonly buttons: HTMLButtonElement[];
  private readonly tableButton: HTMLButtonElement;
  private readonly observer: ResizeObserver;
  private readonly offTheme: () => void;
  private chart: EChartsType | undefined;
  private drawing: Drawing | undefined;
  private width = 0;

  constructor(title: string, level: "h2" | "h3" = "h2") {
    const id = unique("figure");
    this.heading = element(level, { id, class: "card-title" }, title);
    this.tools = element("div", { class: "card-tools" });
    this.tableButton = element("button", { type: "button", class: "quiet", "aria-pressed": "false", on: { click: () => this.toggleTable() } }, "Table");
    const svg = element("button", { type: "button", class: "quiet", title: "Download this figure as SVG", on: { click: () => this.drawing && saveSvg(this.drawing) } }, "SVG");
    const png = element("button", {
      type: "button", class: "quiet", title: "Download this figure as PNG",
      on: { click: () => { if (this.drawing) savePng(this.drawing).catch((error: unknown) => this.fail(error instanceof Error ? error.message : String(error))); } },
    }, "PNG");
    this.buttons = [this.tableButton, svg, png];
    this.host = element("div", { class: "chart-host", role: "img" });
    this.state = element("div", { class: "chart-state" });
    this.plate = element("div", { class: "chart-plate" }, this.host, this.state);
    this.tableHost = element("div", { class: "chart-table", tabindex: "0", role: "region", "aria-label": `${title}: table`, hidden: true });
    this.element = element("section", { class: "card", "aria-labelledby": id },
      element("div", { class: "card-head" }, this.heading, this.tools, element("div", { class: "card-buttons" }, ...this.buttons)),
      this.plate, this.tableHost);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.host);
    this.offTheme = onTheme(() => this.redraw());
    this.wait();
  }

  /** Names the figure. */
  set title(text: string) {
    fill(this.heading, ...scripted(text));
  }

  /** Draws a figure. */
  draw(drawing: Drawing): void {
    this.drawing = drawing;
    this.show("drawn");
    if (this.host.getAttribute("role") === "img") this.host.setAttribute("aria-label", drawing.description);
    this.redraw();
    if (!this.tableHost.hidden) this.fillTable();
  }

  /** Changes series of the figure that is drawn, which stays what it is otherwise. */
  patch(series: readonly object[]): void {
    this.chart?.setOption({ series }, { lazyUpdate: true });
  }

  /** Says that an answer is awaited. A figure that is there stays, dimmed. */
  wait(): void {
    this.element.setAttribute("aria-busy", "true");
    this.plate.dataset["state"] = this.drawing ? "stale" : "loading";
    if (!this.drawing) {
      this.enable(false);
      fill(this.state, element("span", { class: "spinner", "aria-hidden": "true" }), "Loading …");
    }
  }

  /** Says why there is nothing to draw. */
  empty(...text: (string | Node)[]): void {
    this.forget();
    this.show("empty");
    fill(this.state, ...text);
  }

  /** Says what went wrong, with a way to ask again. */
  fail(text: string, again?: () => void): void {
    this.forget();
    this.show("failed");
    fill(this.state, element("p", { role: "alert" }, text),
      again ? element("button", { type: "button", on: { click: again } }, "Try again") : null);
  }

  /** Lets go of the chart. */
  close(): void {
    this.observer.disconnect();
    this.offTheme();
    this.chart?.dispose();
    this.chart = undefined;
  }

  private forget(): void {
    this.drawing = undefined;
    this.chart?.dispose();
    this.chart = undefined;
    this.host.style.height = "";
    this.tableHost.hidden = true;
    this.tableButton.setAttribute("aria-pressed", "false");
    this.enable(false);
  }

  private show(state: string): void {
    this.element.removeAttribute("aria-busy");
    this.plate.dataset["state"] = state;
    if (state === "drawn") {
      fill(this.state);
      this.enable(true);
    }
  }

  private enable(yes: boolean): void {
    for (const button of this.buttons) button.disabled = !yes;
  }

  private resize(): void {
    if (Math.abs(this.host.clientWidth - this.width) >= 1) this.redraw();
  }

  private redraw(): void {
    if (!this.drawing) return;
    this.width = this.host.clientWidth;
    if (this.width === 0) return;
    const size = { width: this.width, height: this.drawing.height(this.width) };
    this.host.style.height = `${size.height}px`;
    this.chart ??= init(this.host, null, { renderer: "canvas", ...size });
    this.chart.resize(size);
    this.chart.setOption(this.drawing.option(theme(), size, true), { notMerge: true });
    this.drawn?.(this.chart);
  }

  private toggleTable(): void {
    this.tableHost.hidden = !this.tableHost.hidden;
    this.tableButton.setAttribute("aria-pressed", String(!this.tableHost.hidden));
    if (!this.tableHost.hidden) this.fillTable();
  }

  private fillTable(): void {
    if (this.drawing) fill(this.tableHost, tableOf(this.drawing.table()));
  }
}

/** A table of a chart's numbers, cut where nobody reads on. */
export function tableOf(content: TableContent): HTMLElement {
  const shown = content.rows.slice(0, tableRows);
  const left = content.rows.length - shown.length;
  return element("table", {},
    element("caption", {}, content.caption + (left > 0 ? ` The first ${tableRows} of ${content.rows.length} rows; the downloads have all.` : "")),
    element("thead", {}, element("tr", {}, ...content.columns.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...shown.map((row) => element("tr", {}, ...row.map((cell) =>
      element("td", {}, typeof cell === "string" ? cell : element("button", { type: "button", class: "link", on: { click: cell.press } }, cell.text)))))));
}
