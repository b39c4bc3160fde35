import { element, fill, say, scripted } from "../page/dom";
import { theme } from "../page/theme";
import type { Card } from "./card";
import type { EChartsType } from "./echarts";
import type { HeatmapDrawing, Spot } from "./heatmap";

/**
 * Lets a phase diagram be used: a click or tap picks a cell; with the keyboard,
 * the arrow keys move a cursor from cell to cell, Page Up and Page Down from panel
 * to panel, and Enter picks. What the cursor is on is told to screen readers.
 */
export class Cursor {
  private readonly card: Card;
  private readonly voice: HTMLElement;
  /** Says nothing that the voice does not. */
  private readonly tip = element("div", { class: "chart-tip", "aria-hidden": "true", hidden: true });
  private drawing: HeatmapDrawing | undefined;
  private chart: EChartsType | undefined;
  private spot: Spot | undefined;
  private chosen: Spot | undefined;
  private focused = false;

  constructor(card: Card, private readonly pick: (spot: Spot) => void) {
    this.card = card;
    this.voice = element("p", { class: "unseen", role: "status" });
    card.element.append(this.voice);
    card.plate.append(this.tip);
    const { host } = card;
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("focus", () => {
      this.focused = host.matches(":focus-visible");
      if (this.focused) this.say();
      this.mark();
    });
    host.addEventListener("blur", () => {
      this.focused = false;
      this.mark();
    });
    card.drawn = (chart) => this.drawn(chart);
  }

  /** Takes a diagram that the card is about to draw, and the cell whose trajectories are shown. */
  use(drawing: HeatmapDrawing, chosen: Spot | undefined): void {
    this.drawing = drawing;
    this.chosen = chosen;
    const { host } = this.card;
    host.setAttribute("role", "application");
    host.setAttribute("aria-roledescription", "phase diagram");
    host.setAttribute("aria-label", `${drawing.description} Arrow keys move between cells, Page Up and Page Down between panels, Enter shows a cell's trajectories.`);
    host.tabIndex = 0;
    if (this.spot && !drawing.cell(this.spot)) this.spot = undefined;
  }

  /** Gives the card's chart back as a picture. */
  release(): void {
    this.drawing = undefined;
    this.tip.hidden = true;
    this.spot = undefined;
    const { host } = this.card;
    host.setAttribute("role", "img");
    host.removeAttribute("aria-roledescription");
    host.removeAttribute("tabindex");
  }

  /** Marks the cell whose trajectories are shown. */
  choose(spot: Spot | undefined): void {
    this.chosen = spot;
    this.mark();
  }

  private drawn(chart: EChartsType): void {
    if (!this.drawing) return;
    if (this.chart !== chart) {
      this.chart = chart;
      chart.getZr().on("click", (event: { offsetX: number; offsetY: number }) => this.click(event.offsetX, event.offsetY));
      chart.getZr().on("mousemove", (event: { offsetX: number; offsetY: number }) => this.point(event.offsetX, event.offsetY));
      chart.getZr().on("globalout", () => this.point(-1, -1));
    }
    this.mark();
  }

  private under(x: number, y: number): Spot | undefined {
    const { chart, drawing } = this;
    if (!chart || !drawing) return undefined;
    for (let facet = 0; facet < drawing.cells.length; facet++) {
      if (!chart.containPixel({ gridIndex: facet }, [x, y])) continue;
      const spot = drawing.spot(facet, chart.convertFromPixel({ gridIndex: facet }, [x, y]) as number[]);
      return spot && drawing.cell(spot) ? spot : undefined;
    }
    return undefined;
  }

  /** Says what the pointer is on, beside it. */
  private point(x: number, y: number): void {
    const { host } = this.card;
    const spot = this.under(x, y);
    host.style.cursor = spot ? "pointer" : "";
    this.tip.hidden = !spot;
    if (!spot || !this.drawing) return;
    fill(this.tip, ...this.drawing.hint(spot).map((line) => element("div", {}, ...scripted(line))));
    const left = x + 16 + this.tip.offsetWidth > host.clientWidth ? x - 12 - this.tip.offsetWidth : x + 16;
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y + 14, host.clientHeight - this.tip.offsetHeight))}px`;
  }

  private click(x: number, y: number): void {
    const spot = this.under(x, y);
    if (!spot) return;
    this.spot = spot;
    this.pick(spot);
  }

  private key(event: KeyboardEvent): void {
    const { drawing } = this;
    if (!drawing || event.ctrlKey || event.altKey || event.metaKey) return;
    const now = this.spot ?? this.chosen ?? first(drawing);
    if (!now) return;
    const moves: Record<string, readonly [number, number, number]> = {
      ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, -1], PageDown: [0, 0, 1],
    };
    const move = moves[event.key];
    if (move) this.spot = this.spot ? (towards(drawing, now, move) ?? now) : now;
    else if (event.key === "Enter" || event.key === " ") this.pick(now);
    else return;
    event.preventDefault();
    this.focused = true;
    this.say();
    this.mark();
  }

  private say(): void {
    const spot = this.spot ?? this.chosen ?? (this.drawing && first(this.drawing));
    if (this.drawing && spot) say(this.voice, this.drawing.words(spot));
  }

  private mark(): void {
    const { chart, drawing } = this;
    if (!chart || !drawing) return;
    const cursor = this.focused ? (this.spot ?? this.chosen ?? first(drawing)) : undefined;
    const ink = theme();
    chart.setOption({
      series: [outline("chosen", this.chosen && drawing.cell(this.chosen) ? this.chosen : undefined, drawing, ink.ink, ink.paper, 2.5),
        outline("cursor", cursor, drawing, "#000000", "#ffffff", 1.5)],
    });
  }
}

function outline(id: string, spot: Spot | undefined, drawing: HeatmapDrawing, line: string, casing: string, width: number): object {
  return {
    type: "custom", id, xAxisIndex: spot?.facet ?? 0, yAxisIndex: spot?.facet ?? 0, data: spot ? [[spot.x, spot.y]] : [], silent: true, animation: false,
    z: id === "cursor" ? 11 : 10, clip: false, encode: { x: 0, y: 1 }, tooltip: { show: false },
    renderItem: (_: unknown, api: { coord: (place: number[]) => number[] }) => {
      if (!spot) return null;
      const [left, right, low, high] = drawing.edges(spot);
      const [x0 = 0, y1 = 0] = api.coord([left, low]);
      const [x1 = 0, y0 = 0] = api.coord([right, high]);
      const shape = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
      return {
        type: "group",
        children: [
          { type: "rect", shape, style: { fill: "none", stroke: casing, lineWidth: width + 3 } },
          { type: "rect", shape, style: { fill: "none", stroke: line, lineWidth: width, lineDash: id === "cursor" ? [4, 3] : null } },
        ],
      };
    },
  };
}

function first(drawing: HeatmapDrawing): Spot | undefined {
  return drawing.cells.find((cells) => cells.length > 0)?.[0];
}

/** The next cell with copies in a direction; empty ones are passed over. */
function towards(drawing: HeatmapDrawing, from: Spot, [dx, dy, df]: readonly [number, number, number]): Spot | undefined {
  for (let k = 1; k <= 256; k++) {
    const next = { facet: from.facet + k * df, x: from.x + k * dx, y: from.y + k * dy };
    if (drawing.cell(next)) return next;
  }
  return undefined;
}
