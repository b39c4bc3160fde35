import { number, numbers, whole } from "../page/number";
import type { Theme } from "../page/theme";
import type { Drawing, TableCell, TableContent } from "./drawing";
import type { EChartsCoreOption, EChartsType } from "./echarts";
import { axis, grid, lowered, scripted, textWidth, title, type Box, type Size } from "./panel";
import { css, hue, markers, theoryShade } from "./palette";
import { linear, logarithmic, rounded, type Scale } from "./scale";

/** Numbers along the steps; null where there is none. */
export type Values = readonly (number | null)[];

/** How a line is drawn: what was measured solid, theory dashed or dotted, single seeds thin. */
export type Style = "solid" | "dashed" | "dotted" | "thin";

/** A line of a panel. */
export interface Line {
  readonly name: string;
  /** Lines that change while the figure stays are found by this. */
  readonly id?: string;
  readonly hue: number;
  readonly style: Style;
  readonly y: Values;
}

/** The room that seeds fill. */
export interface Band {
  readonly hue: number;
  readonly low: Values;
  readonly high: Values;
}

/** A panel: lines over common steps. */
export interface Panel {
  readonly title: string;
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly bands: readonly Band[];
  readonly xLog: boolean;
  readonly yLog: boolean;
  /** Reaches further than the lines where they are still to come. */
  readonly yMax?: number;
  /** Values beyond this are left outside: one that runs away would flatten all others. */
  readonly yCap?: number;
  /** How x is named, where it is not a number. */
  readonly xNames?: readonly string[];
  readonly legend?: boolean;
}

/** A figure of panels beside and below each other. */
export interface CurvesFigure {
  readonly file: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  /** What solid, dashed, … lines and bands mean here. */
  readonly key: readonly { readonly style: Style | "band"; readonly label: string }[];
  readonly columns?: number;
  readonly panelHeight?: number;
  /** Opens what lies behind a place on x. */
  readonly pick?: (i: number) => void;
}

/** Decades of a logarithmic axis that are shown below its largest value. */
const decades = 9;
const legendLine = 18;
const keyLine = 20;

/** Draws curves. */
export class CurvesDrawing implements Drawing {
  readonly file: string;
  readonly printWidth: number;
  private readonly figure: CurvesFigure;
  private readonly scales: readonly { readonly x: Scale; readonly y: Scale }[];

  constructor(figure: CurvesFigure) {
    this.figure = figure;
    this.file = figure.file;
    this.printWidth = Math.min(figure.panels.length, 3) * 340;
    this.scales = figure.panels.map((panel) => ({ x: xScale(panel), y: yScale(panel) }));
  }

  get description(): string {
    const panels = this.figure.panels.map((panel) =>
      `${panel.title || panel.yLabel} over ${panel.xLabel}: ${[...new Set(panel.lines.map((line) => line.name))].join(", ")}`);
    return `${this.figure.title}. ${panels.join(". ")}. The button "Table" shows the numbers.`;
  }

  height(width: number): number {
    return this.layout(width).height;
  }

  option(theme: Theme, size: Size, live: boolean): EChartsCoreOption {
    const { boxes, legendTops, keyRows } = this.layout(size.width);
    const titles: object[] = [];
    const legends: object[] = [];
    const series: object[] = [];
    this.figure.panels.forEach((panel, k) => {
      const box = boxes[k] as Frame;
      const scale = this.scales[k] as { x: Scale; y: Scale };
      const legendTop = legendTops[k] as number;
      if (panel.title) titles.push(title(panel.title, box.edge, legendTop - legendLine - 2, theme));
      if (panel.legend !== false) legends.push(legend(panel, k, box, legendTop, theme));
      panel.bands.forEach((band) => series.push(bandSeries(panel, k, band, scale, theme)));
      panel.lines.forEach((line, i) => series.push(this.lineSeries(panel, k, i, line, scale, theme)));
    });
    return {
      animation: false,
      textStyle: { fontFamily: theme.font },
      title: titles,
      legend: legends,
      grid: boxes.map((box) => grid(box)),
      xAxis: this.figure.panels.map((panel, k) => axis("x", k, this.scale(k).x, panel.xLabel, boxes[k] as Box, theme, false)),
      yAxis: this.figure.panels.map((panel, k) => axis("y", k, this.scale(k).y, panel.yLabel, boxes[k] as Box, theme, true)),
      ...(live ? { tooltip: this.tooltip(theme) } : {}),
      graphic: keyGraphics(this.figure.key, keyRows, 4, theme),
      series,
    };
  }

  /** Where a line's points lie, in the chart's own terms. */
  points(panel: number, y: Values): (number | null)[][] {
    const { x, y: up } = this.scale(panel);
    const p = this.figure.panels[panel] as Panel;
    return y.map((value, i) => [x.place(p.x[i] ?? 0), place(up, value)]);
  }

  table(): TableContent {
    const panels = this.figure.panels;
    const first = panels[0];
    const columns = [first?.xLabel ?? ""];
    const series: { x: Map<number, number>; y: Values }[] = [];
    for (const panel of panels) {
      const index = new Map(panel.x.map((x, i) => [x, i]));
      for (const line of panel.lines) {
        if (line.style === "thin") continue;
        const said = line.style === "solid" ? "" : line.style === "dashed" ? ", theory" : ", continuous time";
        columns.push((panels.length > 1 && panel.title && panel.legend === false ? `${panel.title}, ` : "") + line.name + said);
        series.push({ x: index, y: line.y });
      }
    }
    const xs = [...new Set(panels.flatMap((panel) => panel.x))].sort((a, b) => a - b);
    const names = xLabels(xs);
    return {
      caption: `${this.figure.title}.`,
      columns,
      rows: xs.map((x, i) => [
        this.picked(first?.xNames?.[x] ?? names[i] ?? "", i),
        ...series.map((s) => number(s.y[s.x.get(x) ?? -1] ?? null, 4)),
      ]),
    };
  }

  /** The place on x that is nearest to a pixel of the chart. */
  nearest(chart: EChartsType, pixel: number[]): number | undefined {
    const k = this.figure.panels.findIndex((_, gridIndex) => chart.containPixel({ gridIndex }, pixel));
    const panel = this.figure.panels[k];
    if (!panel) return undefined;
    const [at = 0] = chart.convertFromPixel({ gridIndex: k }, pixel) as number[];
    let best: number | undefined;
    let distance = Infinity;
    panel.x.forEach((x, i) => {
      const away = Math.abs(this.scale(k).x.place(x) - at);
      if (away < distance) [best, distance] = [i, away];
    });
    return best;
  }

  private picked(text: string, i: number): TableCell {
    const { pick } = this.figure;
    return pick ? { text, press: () => pick(i) } : text;
  }

  private scale(k: number): { x: Scale; y: Scale } {
    return this.scales[k] as { x: Scale; y: Scale };
  }

  private layout(width: number): { boxes: Frame[]; legendTops: number[]; keyRows: KeyItem[][]; height: number } {
    const n = this.figure.panels.length;
    const most = this.figure.columns ?? (width >= 840 ? 3 : width >= 560 ? 2 : 1);
    const columns = Math.min(most, n);
    const gap = 14;
    const outer = (width - gap * (columns - 1)) / columns;
    const keyRows = keyLayout(this.figure.key, width - 20);
    const boxes: Frame[] = [];
    const legendTops: number[] = [];
    let top = keyRows.length * keyLine;
    for (let row = 0; row * columns < n; row++) {
      const inRow = this.figure.panels.slice(row * columns, (row + 1) * columns);
      const left = Math.max(...inRow.map((_, i) => leftMargin(this.scale(row * columns + i).y)));
      const right = Math.max(10, ...inRow.map((_, i) => rightMargin(this.scale(row * columns + i).x)));
      const lines = Math.max(...inRow.map((panel) => legendLines(panel, outer)));
      const titled = inRow.some((panel) => panel.title) ? legendLine + 4 : 0;
      const tall = this.figure.panelHeight ?? Math.round(Math.min(230, Math.max(170, (outer - left) * 0.72)));
      inRow.forEach((_, i) => {
        legendTops.push(top + titled);
        boxes.push({ edge: i * (outer + gap) + 4, left: i * (outer + gap) + left, top: top + titled + lines * legendLine + 6, width: outer - left - right, height: tall });
      });
      top += titled + lines * legendLine + 6 + tall + 46;
    }
    return { boxes, legendTops, keyRows, height: top };
  }

  private lineSeries(panel: Panel, k: number, i: number, line: Line, scale: { x: Scale; y: Scale }, theme: Theme): object {
    const colour = hue(theme.hues, line.hue);
    const shade = line.style === "dashed" || line.style === "dotted" ? theoryShade(colour, theme.dark) : colour;
    const width = { solid: 2.2, dashed: 1.6, dotted: 1.6, thin: 0.8 }[line.style];
    const solid = line.style === "solid";
    const every = Math.max(1, Math.round(line.y.length / 6));
    // Markers stand at other places on each line, so that lines which run
    // together still show whose they are.
    const offset = Math.round((every * (line.hue % 4)) / 4);
    const few = line.y.length <= 24;
    return {
      type: "line", id: line.id ?? `${k}:${i}`, name: line.name, xAxisIndex: k, yAxisIndex: k,
      data: line.y.map((value, j) => [scale.x.place(panel.x[j] ?? 0), place(scale.y, value)]),
      showSymbol: solid, showAllSymbol: true,
      symbol: solid ? markers[line.hue % markers.length] : "none",
      symbolSize: solid ? (_: unknown, at: { dataIndex: number }) => (few || (at.dataIndex + offset) % every === 0 ? 7 : 0) : 0,
      connectNulls: false, silent: true, animation: false, clip: true,
      z: { thin: 2, solid: 3, dotted: 4, dashed: 5 }[line.style],
      lineStyle: { color: css(shade, line.style === "thin" ? 0.55 : 1), width, type: line.style === "dashed" ? [6, 4] : line.style === "dotted" ? [1.5, 3.5] : "solid", cap: line.style === "dotted" ? "round" : "butt" },
      itemStyle: { color: css(shade), borderColor: theme.paper, borderWidth: 0.8 },
      emphasis: { disabled: true },
    };
  }

  private tooltip(theme: Theme): object {
    return {
      trigger: "axis", renderMode: "richText", confine: true,
      backgroundColor: theme.paper, borderColor: theme.axis, borderWidth: 1, padding: [6, 9],
      textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font, lineHeight: 17 },
      axisPointer: { type: "line", lineStyle: { color: theme.axis, type: "solid", width: 1 }, label: { show: false } },
      formatter: (items: { axisIndex?: number; seriesIndex: number; dataIndex: number }[]) => this.hint(items),
    };
  }

  private hint(items: { axisIndex?: number; dataIndex: number }[]): string {
    const first = items[0];
    const panel = this.figure.panels[first?.axisIndex ?? 0];
    if (!first || !panel) return "";
    const i = first.dataIndex;
    const lines = [`${panel.xLabel} ${(panel.xNames ?? xLabels(panel.x))[i] ?? "–"}`];
    const names = [...new Set(panel.lines.filter((line) => line.style !== "thin").map((line) => line.name))];
    for (const name of names) {
      const parts = panel.lines
        .filter((line) => line.name === name && line.style !== "thin" && (line.y[i] ?? null) !== null)
        .map((line) => number(line.y[i]) + (line.style === "dashed" ? " (theory)" : line.style === "dotted" ? " (continuous)" : ""));
      if (parts.length > 0) lines.push(`${name}  ${parts.join("  ")}`);
    }
    return lines.join("\n");
  }
}

/** A panel's box, and the left edge of the room around it. */
interface Frame extends Box {
  readonly edge: number;
}

interface KeyItem {
  readonly style: Style | "band";
  readonly label: string;
  readonly left: number;
}

function keyLayout(key: CurvesFigure["key"], width: number): KeyItem[][] {
  const rows: KeyItem[][] = [];
  let left = 0;
  for (const item of key) {
    const wide = 32 + textWidth(item.label, 12) + 18;
    if (rows.length === 0 || left + wide > width) {
      rows.push([]);
      left = 0;
    }
    rows[rows.length - 1]?.push({ ...item, left });
    left += wide;
  }
  return rows;
}

function keyGraphics(rows: CurvesFigure["key"], laid: KeyItem[][], left: number, theme: Theme): object[] {
  if (rows.length === 0) return [];
  return laid.flatMap((row, r) => row.flatMap((item) => {
    const x = left + item.left;
    const y = r * keyLine + 8;
    const stroke = theme.soft;
    const sample = item.style === "band"
      ? { type: "rect", shape: { x, y: y - 5, width: 26, height: 10 }, style: { fill: stroke, opacity: 0.3 } }
      : {
          type: "line", shape: { x1: x, y1: y, x2: x + 26, y2: y },
          style: { stroke, lineWidth: { solid: 2.2, dashed: 1.6, dotted: 1.6, thin: 0.8 }[item.style], lineDash: item.style === "dashed" ? [6, 4] : item.style === "dotted" ? [1.5, 3.5] : null },
        };
    return [
      { ...sample, silent: true },
      { type: "text", silent: true, x: x + 32, y, style: { text: item.label, fill: theme.soft, font: `12px ${theme.font}`, textVerticalAlign: "middle" } },
    ];
  }));
}

function legend(panel: Panel, k: number, box: Frame, top: number, theme: Theme): object {
  return {
    id: `legend-${k}`, show: true, left: box.edge, top, width: box.left + box.width + 10 - box.edge, padding: 0, itemGap: 9, itemWidth: 18, itemHeight: 8, itemStyle: { opacity: 1, borderWidth: 0 },
    data: legendNames(panel), selectedMode: true, inactiveColor: theme.grid, inactiveBorderColor: theme.grid,
    lineStyle: { width: 2, inactiveColor: theme.grid, inactiveWidth: 1 },
    formatter: scripted,
    textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font, rich: lowered(theme, 9) },
  };
}

function legendNames(panel: Panel): string[] {
  return [...new Set(panel.lines.filter((line) => line.style !== "thin").map((line) => line.name))];
}

function legendLines(panel: Panel, width: number): number {
  if (panel.legend === false) return 0;
  let lines = 1;
  let left = 0;
  for (const name of legendNames(panel)) {
    const wide = 18 + 5 + textWidth(name, 12) + 9;
    if (left > 0 && left + wide - 9 > width) {
      lines += 1;
      left = 0;
    }
    left += wide;
  }
  return lines;
}

function bandSeries(panel: Panel, k: number, band: Band, scale: { x: Scale; y: Scale }, theme: Theme): object {
  return {
    type: "custom", xAxisIndex: k, yAxisIndex: k, data: [0], silent: true, animation: false, clip: true, z: 1,
    tooltip: { show: false },
    renderItem: (_: unknown, api: { coord: (place: number[]) => number[] }) => {
      const upper: number[][] = [];
      const lower: number[][] = [];
      panel.x.forEach((x, i) => {
        const high = place(scale.y, band.high[i]);
        const low = place(scale.y, band.low[i]) ?? (high === null ? null : scale.y.from);
        if (low === null || high === null) return;
        upper.push(api.coord([scale.x.place(x), high]));
        lower.push(api.coord([scale.x.place(x), low]));
      });
      if (upper.length < 2) return null;
      return { type: "polygon", shape: { points: [...upper, ...lower.reverse()] }, style: { fill: css(hue(theme.hues, band.hue), theme.dark ? 0.28 : 0.2) } };
    },
  };
}

function place(scale: Scale, value: number | null | undefined): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  if (scale.log && value <= 0) return null;
  return scale.place(value);
}

/** What places on x are called, each in full if they are whole numbers. */
function xLabels(x: readonly number[]): string[] {
  return x.every(Number.isInteger) ? x.map(whole) : numbers(x, 4);
}

function xScale(panel: Panel): Scale {
  const shown = panel.xLog ? panel.x.filter((x) => x > 0) : panel.x;
  const from = Math.min(...shown);
  const to = Math.max(...shown);
  if (shown.length === 0) return linear(0, 1);
  if (panel.xNames) {
    const names = panel.xNames;
    return { log: false, from: -0.3, to: names.length - 0.7, place: (v) => v, ticks: names.map((label, i) => ({ place: i, label })) };
  }
  const all = shown.every(Number.isInteger);
  return panel.xLog ? logarithmic(from, to, 6, all) : linear(from, to, 5, all);
}

function yScale(panel: Panel): Scale {
  let low = Infinity;
  let high = -Infinity;
  const see = (value: number | null | undefined) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    if (panel.yLog && value <= 0) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const line of panel.lines) line.y.forEach(see);
  for (const band of panel.bands) {
    band.low.forEach(see);
    band.high.forEach(see);
  }
  if (panel.yMax !== undefined) see(panel.yMax);
  if (panel.yCap !== undefined) {
    high = Math.min(high, panel.yCap);
    low = Math.max(low, -panel.yCap);
  }
  if (high === -Infinity) return panel.yLog ? logarithmic(0.1, 1) : linear(0, 1);
  if (panel.yLog) {
    const floor = Math.max(low, high / 10 ** decades);
    const quarter = (value: number, round: (v: number) => number) => 10 ** (round(Math.log10(value) * 4) / 4);
    return logarithmic(quarter(floor, Math.floor), quarter(high, Math.ceil));
  }
  return rounded(Math.min(0, low), Math.max(high, low === high && high === 0 ? 1 : high));
}

/** Room for the half of the last label that stands beyond the axis. */
function rightMargin(scale: Scale): number {
  const last = scale.ticks[scale.ticks.length - 1];
  return last && last.place > scale.to - 0.08 * (scale.to - scale.from) ? textWidth(last.label, 12) / 2 + 2 : 0;
}

function leftMargin(scale: Scale): number {
  return Math.max(...scale.ticks.map((tick) => textWidth(tick.label, 12)), 14) + 34;
}
