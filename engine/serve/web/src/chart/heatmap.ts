import type { Diagram, DiagramAxis } from "../api/types";
import { number, whole } from "../page/number";
import type { Theme } from "../page/theme";
import { cellsOf, length, placeName, type Cell } from "./cells";
import { at, diverging, sequential, type ColourMap } from "./colourmap";
import type { Drawing, TableContent } from "./drawing";
import type { EChartsCoreOption } from "./echarts";
import { drawn, isolines, sample, type Isoline } from "./isolines";
import { axis, grid, textWidth, title, type Box, type Size } from "./panel";
import { css, inkOn, type Rgb } from "./palette";
import { close, linear, logarithmic, places, type Scale } from "./scale";

/** A cell's place: its panel, and its indices on the axes. */
export interface Spot {
  readonly facet: number;
  readonly x: number;
  readonly y: number;
}

/** What a phase diagram is drawn from. */
export interface HeatmapFigure {
  readonly file: string;
  readonly diagram: Diagram;
  readonly valueLabel: string;
  /** Colours even in the logarithm. */
  readonly logColour: boolean;
  /** Colours to either side of 1, where measured and predicted are equal. */
  readonly ratio: boolean;
  readonly xLog: boolean;
  readonly yLog: boolean;
  readonly pick: (spot: Spot) => void;
}

/** Panels of more cells than this are painted as one image. */
const drawnAlone = 3000;
const barTop = 24;
const barHeight = 12;
const headHeight = 72;

/** Draws a phase diagram: a panel for each facet, a colour for each cell, one colour bar. */
export class HeatmapDrawing implements Drawing {
  readonly file: string;
  readonly printWidth: number;
  /** The cells, panel by panel. */
  readonly cells: readonly (readonly Cell[])[];
  private readonly figure: HeatmapFigure;
  private readonly x: Scale;
  private readonly y: Scale;
  private readonly bar: Scale;
  /** Whether values lie below the bar, and above it. */
  private readonly beyond: readonly [boolean, boolean];
  private readonly map: ColourMap;
  private readonly index: Map<string, Cell>;
  /** Where theory has the values at the bar's ticks, panel by panel. */
  private readonly theory: readonly (readonly Isoline[])[];
  private readonly paintings = new Map<string, HTMLCanvasElement>();

  constructor(figure: HeatmapFigure) {
    this.figure = figure;
    this.file = figure.file;
    this.cells = cellsOf(figure.diagram);
    this.index = new Map(this.cells.flat().map((cell) => [key(cell), cell]));
    this.x = axisScale(figure.diagram.x, figure.xLog);
    this.y = axisScale(figure.diagram.y as DiagramAxis, figure.yLog);
    this.map = figure.ratio ? diverging : sequential;
    [this.bar, this.beyond] = barScale(figure);
    this.theory = this.cells.map((cells) => (ordered(figure.diagram) ? isolines(cells, length(figure.diagram.x), length(figure.diagram.y), this.bar) : []));
    this.printWidth = Math.min(Math.max(this.cells.length, 1), 3) * 330 + 20;
  }

  get description(): string {
    const { diagram } = this.figure;
    const panels = diagram.facet ? `, a panel for each ${diagram.facet.label}` : "";
    const lines = this.lined ? " Dashed lines show where theory has the values at the colour bar's ticks." : "";
    return `Phase diagram: ${this.figure.valueLabel} in colours over ${diagram.x.label} and ${diagram.y?.label ?? ""}${panels}.${lines} The button "Table" shows the numbers.`;
  }

  /** Whether any panel has a line of theory. */
  private get lined(): boolean {
    return this.theory.some((lines) => lines.length > 0);
  }

  height(width: number): number {
    return this.layout(width).height;
  }

  option(theme: Theme, size: Size, live: boolean): EChartsCoreOption {
    const { boxes, barWidth } = this.layout(size.width);
    const { diagram } = this.figure;
    const titles = diagram.facet
      ? diagram.facets.map((facet, k) => title(diagram.facet?.choice ? facet.value : `${diagram.facet?.label ?? ""} = ${facet.value}`, (boxes[k] as Box).left, (boxes[k] as Box).top - 20, theme))
      : [];
    return {
      animation: false,
      textStyle: { fontFamily: theme.font },
      title: titles,
      grid: boxes.map((box) => ({ ...grid(box), show: true, borderColor: theme.grid, borderWidth: 1, backgroundColor: "transparent" })),
      xAxis: boxes.map((box, k) => ({ ...axis("x", k, this.x, diagram.x.label, box, theme, false), axisLine: { show: false, onZero: false } })),
      yAxis: boxes.map((box, k) => ({ ...axis("y", k, this.y, diagram.y?.label ?? "", box, theme, false), axisLine: { show: false, onZero: false } })),
      graphic: this.barGraphics(boxes[0]?.left ?? 0, barWidth, size.width, theme),
      series: [
        ...this.cells.map((cells, k) => (cells.length > drawnAlone ? this.painted(cells, k, theme, live) : this.series(cells, k, boxes[k] as Box, theme))),
        ...this.theory.map((lines, k) => this.lines(lines, k, boxes[k] as Box, theme)),
      ],
    };
  }

  /** What the cell at a spot holds, if anything. */
  cell(spot: Spot): Cell | undefined {
    return this.index.get(key(spot));
  }

  /** The spot at a place of a panel's axes, in the chart's own terms. */
  spot(facet: number, place: readonly number[]): Spot | undefined {
    const x = placeIndex(this.figure.diagram.x, this.figure.xLog, place[0] ?? NaN);
    const y = placeIndex(this.figure.diagram.y as DiagramAxis, this.figure.yLog, place[1] ?? NaN);
    return x === undefined || y === undefined ? undefined : { facet, x, y };
  }

  /** A cell in lines, for whoever points at it. */
  hint(spot: Spot): string[] {
    const { diagram } = this.figure;
    const cell = this.cell(spot);
    return [
      ...(diagram.facet ? [`${diagram.facet.label} ${diagram.facets[spot.facet]?.value ?? ""}`] : []),
      `${diagram.x.label} ${placeName(diagram.x, spot.x)}`,
      ...(diagram.y ? [`${diagram.y.label} ${placeName(diagram.y, spot.y)}`] : []),
      ...(cell ? this.valueWords(cell) : []),
    ];
  }

  /** A cell in words. */
  words(spot: Spot): string {
    const { diagram } = this.figure;
    const cell = this.cell(spot);
    const place = [
      ...(diagram.facet ? [`${diagram.facet.label} ${diagram.facets[spot.facet]?.value ?? ""}`] : []),
      `${diagram.x.label} ${placeName(diagram.x, spot.x)}`,
      ...(diagram.y ? [`${diagram.y.label} ${placeName(diagram.y, spot.y)}`] : []),
    ].join(", ");
    return cell ? `${place}: ${this.valueWords(cell).join(", ")}` : `${place}: no copies`;
  }

  /** The edges of a cell in the chart's own terms: left, right, bottom, top. */
  edges(spot: Spot): readonly [number, number, number, number] {
    const [left, right] = interval(this.figure.diagram.x, this.x, spot.x);
    const [low, high] = interval(this.figure.diagram.y as DiagramAxis, this.y, spot.y);
    return [left, right, low, high];
  }

  table(): TableContent {
    const { diagram } = this.figure;
    const some = (field: "theory") => this.cells.some((cells) => cells.some((cell) => cell[field] !== null));
    const withTheory = some("theory");
    const columns = [
      ...(diagram.facet ? [diagram.facet.label] : []), diagram.x.label, diagram.y?.label ?? "",
      this.figure.valueLabel, ...(withTheory ? ["theory"] : []), "copies", "diverged",
    ];
    return {
      caption: `${this.figure.valueLabel} by cell; a cell's value opens its trajectories.`,
      columns,
      rows: this.cells.flat().map((cell) => [
        ...(diagram.facet ? [diagram.facets[cell.facet]?.value ?? ""] : []),
        placeName(diagram.x, cell.x), diagram.y ? placeName(diagram.y, cell.y) : "",
        { text: number(cell.value, 4), press: () => this.figure.pick(cell) },
        ...(withTheory ? [number(cell.theory, 4)] : []),
        whole(cell.count), whole(cell.diverged),
      ]),
    };
  }

  private valueWords(cell: Cell): string[] {
    return [
      `${this.figure.valueLabel} ${number(cell.value, 4)}`,
      ...(cell.theory === null ? [] : [`theory ${number(cell.theory, 4)}`]),
      `${whole(cell.count)} ${cell.count === 1 ? "copy" : "copies"}`,
      ...(cell.diverged > 0 ? [`${whole(cell.diverged)} diverged`] : []),
    ];
  }

  private colour(value: number): Rgb {
    return at(this.map, (this.bar.place(value) - this.bar.from) / (this.bar.to - this.bar.from));
  }

  private drawable(value: number | null): value is number {
    return value !== null && Number.isFinite(value) && (!this.bar.log || value > 0);
  }

  private series(cells: readonly Cell[], k: number, box: Box, theme: Theme): object {
    const cellWidth = box.width / Math.max(1, length(this.figure.diagram.x));
    const cellHeight = box.height / Math.max(1, length(this.figure.diagram.y));
    const texts = cells.map((cell) => number(cell.value));
    const room = Math.max(0, ...texts.map((text) => textWidth(text, 11))) + 6;
    // Lines of theory would cross the numbers, which the table and whoever points have too.
    const written = !this.lined && length(this.figure.diagram.x) <= 12 && cellWidth >= room && cellHeight >= 17;
    return {
      type: "custom", id: `cells-${k}`, name: `panel ${k}`, xAxisIndex: k, yAxisIndex: k, animation: false, clip: true, z: 2,
      progressive: 0, encode: { x: 0, y: 1 },
      data: cells.map((cell) => [cell.x, cell.y]),
      renderItem: (at: { dataIndex: number }, api: { coord: (place: number[]) => number[] }) => {
        const cell = cells[at.dataIndex] as Cell;
        const [left, right, low, high] = this.edges(cell);
        // Edges stand on whole pixels, so that no seam of paper shows between two cells.
        const [x0 = 0, y1 = 0] = api.coord([left, low]).map(Math.round);
        const [x1 = 0, y0 = 0] = api.coord([right, high]).map(Math.round);
        const rect = { x: x0, y: y0, width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0) };
        const value = cell.value;
        const centre = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
        if (!this.drawable(value)) {
          const mark = { type: "rect", shape: rect, style: { fill: theme.empty } };
          if (cell.diverged === 0 || cellWidth < 9 || cellHeight < 11) return mark;
          return { type: "group", children: [mark, { type: "text", style: { text: "×", fill: theme.soft, font: `13px ${theme.font}`, textAlign: "center", textVerticalAlign: "middle", ...centre } }] };
        }
        const colour = this.colour(value);
        const mark = { type: "rect", shape: rect, style: { fill: css(colour) } };
        if (!written) return mark;
        return { type: "group", children: [mark, { type: "text", style: { text: texts[at.dataIndex], fill: inkOn(colour), font: `11px ${theme.font}`, textAlign: "center", textVerticalAlign: "middle", ...centre } }] };
      },
    };
  }

  /** Theory's lines over a panel. */
  private lines(lines: readonly Isoline[], k: number, box: Box, theme: Theme): object {
    const { diagram } = this.figure;
    return {
      type: "custom", id: `theory-${k}`, name: `theory in panel ${k}`, xAxisIndex: k, yAxisIndex: k, animation: false, clip: true, z: 3, silent: true,
      data: lines.length > 0 ? [[this.x.from, this.y.from]] : [], encode: { x: 0, y: 1 },
      renderItem: () => ({ type: "group", children: drawn(lines, length(diagram.x), length(diagram.y), box, theme) }),
    };
  }

  /** A panel's cells as one image: so many elements would take seconds to lay out. */
  private painted(cells: readonly Cell[], k: number, theme: Theme, live: boolean): object {
    return {
      type: "custom", id: `cells-${k}`, name: `panel ${k}`, xAxisIndex: k, yAxisIndex: k, animation: false, clip: true, z: 2, silent: true,
      data: [[this.x.from, this.y.from]], encode: { x: 0, y: 1 },
      renderItem: (_: unknown, api: { coord: (place: number[]) => number[] }) => {
        const [x = 0, bottom = 0] = api.coord([this.x.from, this.y.from]);
        const [right = 0, y = 0] = api.coord([this.x.to, this.y.to]);
        const size = { width: right - x, height: bottom - y };
        const image = this.paint(cells, size, theme, live ? Math.min(devicePixelRatio || 1, 3) : 3);
        // A file holds no canvas, but the picture on it.
        return { type: "image", style: { image: live ? image : image.toDataURL(), x, y, ...size } };
      },
    };
  }

  private paint(cells: readonly Cell[], size: Size, theme: Theme, ratio: number): HTMLCanvasElement {
    const name = [cells[0]?.facet, size.width, size.height, theme.dark, ratio].join();
    const before = this.paintings.get(name);
    if (before) return before;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(size.width * ratio));
    canvas.height = Math.max(1, Math.round(size.height * ratio));
    const pen = canvas.getContext("2d");
    if (!pen) return canvas;
    const across = (place: number) => Math.round(((place - this.x.from) / (this.x.to - this.x.from)) * canvas.width);
    const up = (place: number) => Math.round((1 - (place - this.y.from) / (this.y.to - this.y.from)) * canvas.height);
    for (const cell of cells) {
      const [left, right, low, high] = this.edges(cell);
      pen.fillStyle = this.drawable(cell.value) ? css(this.colour(cell.value)) : theme.empty;
      const x = across(left);
      const y = up(high);
      pen.fillRect(x, y, Math.max(1, across(right) - x), Math.max(1, up(low) - y));
    }
    this.paintings.set(name, canvas);
    return canvas;
  }

  private barGraphics(left: number, width: number, total: number, theme: Theme): object[] {
    const stops = 32;
    const colorStops = Array.from({ length: stops + 1 }, (_, i) => ({ offset: i / stops, color: css(at(this.map, i / stops)) }));
    const text = (label: string, x: number, y: number, align: string, fill: string, size = 12, weight = "normal") =>
      ({ type: "text", silent: true, x, y, style: { text: label, fill, font: `${weight} ${size}px ${theme.font}`, textAlign: align, textVerticalAlign: "middle" } });
    const ticks: object[] = [];
    let taken = -Infinity;
    for (const tick of this.bar.ticks) {
      const x = left + ((tick.place - this.bar.from) / (this.bar.to - this.bar.from)) * width;
      const half = textWidth(tick.label, 11) / 2;
      if (x - half < taken + 8) continue;
      taken = x + half;
      ticks.push(
        { type: "line", silent: true, shape: { x1: x, y1: barTop + barHeight, x2: x, y2: barTop + barHeight + 3 }, style: { stroke: theme.axis } },
        text(tick.label, x, barTop + barHeight + 11, "center", theme.soft, 11),
      );
    }
    const absent = this.cells.some((cells) => cells.some((cell) => !this.drawable(cell.value)));
    const theoryAt = left + textWidth(this.figure.valueLabel, 13) + 20;
    return [
      ...(this.lined && theoryAt + 76 < total ? [sample(theoryAt, 9, 26, theme), text("theory", theoryAt + 32, 9, "left", theme.soft)] : []),
      text(this.figure.valueLabel, left, 9, "left", theme.ink, 13, "600"),
      { type: "rect", silent: true, shape: { x: left, y: barTop, width, height: barHeight }, style: { fill: { type: "linear", x: 0, y: 0, x2: 1, y2: 0, colorStops }, stroke: theme.axis, lineWidth: 0.5 } },
      ...(this.beyond[0] ? [tip(left, -1, css(at(this.map, 0)), theme)] : []),
      ...(this.beyond[1] ? [tip(left + width, 1, css(at(this.map, 1)), theme)] : []),
      ...ticks,
      ...(absent ? [
        { type: "rect", silent: true, shape: { x: left + width + 22, y: barTop, width: 14, height: barHeight }, style: { fill: theme.empty, stroke: theme.axis, lineWidth: 0.5 } },
        text("no value (×: diverged)", left + width + 42, barTop + barHeight / 2, "left", theme.soft, 11),
      ] : []),
    ];
  }

  private layout(width: number): { boxes: Box[]; barWidth: number; height: number } {
    const n = Math.max(1, this.cells.length);
    const most = width >= 1100 ? 4 : width >= 760 ? 3 : width >= 480 ? 2 : 1;
    const columns = Math.min(n, n === 4 && most === 3 ? 2 : most);
    const gap = 16;
    const margin = Math.max(...this.y.ticks.map((tick) => textWidth(tick.label, 12)), 14) + 34;
    const outer = Math.min((width - gap * (columns - 1)) / columns, n === 1 ? 760 : 560);
    const inner = outer - margin - 10;
    const tall = Math.round(Math.max(150, Math.min(inner * (columns === 1 ? 0.7 : 0.85), n === 1 ? 400 : 340)));
    const titled = this.figure.diagram.facet ? 26 : 4;
    const boxes = Array.from({ length: n }, (_, k) => ({
      left: (k % columns) * (outer + gap) + margin,
      top: headHeight + titled + Math.floor(k / columns) * (tall + titled + 50),
      width: inner, height: tall,
    }));
    return { boxes, barWidth: Math.min(360, width - margin - 100), height: headHeight + Math.ceil(n / columns) * (tall + titled + 50) };
  }
}

/** The pointed end of a bar that some values exceed. */
function tip(x: number, side: 1 | -1, fill: string, theme: Theme): object {
  const points = [[x, barTop], [x + 9 * side, barTop + barHeight / 2], [x, barTop + barHeight]];
  return { type: "polygon", silent: true, shape: { points }, style: { fill, stroke: theme.axis, lineWidth: 0.5 } };
}

function key(spot: Spot): string {
  return `${spot.facet}/${spot.x}/${spot.y}`;
}

function axisScale(axis: DiagramAxis, log: boolean): Scale {
  const edges = axis.edges;
  if (!edges || edges.length < 2) return places(Array.from({ length: length(axis) }, (_, i) => placeName(axis, i)));
  const from = edges[0] as number;
  const to = edges[edges.length - 1] as number;
  return log && from > 0 ? logarithmic(from, to) : linear(from, to);
}

function interval(axis: DiagramAxis, scale: Scale, i: number): readonly [number, number] {
  if (!axis.edges) return [i - 0.5, i + 0.5];
  return [scale.place(axis.edges[i] as number), scale.place(axis.edges[i + 1] as number)];
}

function placeIndex(axis: DiagramAxis, log: boolean, place: number): number | undefined {
  if (!axis.edges) {
    const i = Math.round(place);
    return i >= 0 && i < length(axis) ? i : undefined;
  }
  const value = log && (axis.edges[0] as number) > 0 ? 10 ** place : place;
  const i = axis.edges.findLastIndex((edge) => edge <= value);
  return i >= 0 && i < axis.edges.length - 1 ? i : undefined;
}

/** Whether lines can be drawn over a diagram: both axes have numbers, and two places or more. */
function ordered(diagram: Diagram): boolean {
  return [diagram.x, diagram.y].every((axis) => axis !== null && length(axis) > 1 && (axis.values?.every((value) => typeof value === "number") ?? true));
}

/** The cells that the ends of a bar may leave out, where few of them would take most of its colours. */
const rare = 0.01;

function barScale(figure: HeatmapFigure): [Scale, readonly [boolean, boolean]] {
  const value = figure.diagram.fields.indexOf("value");
  const shown = figure.diagram.facets
    .flatMap((panel) => panel.cells.map((cell) => cell[value] ?? null))
    .filter((v): v is number => v !== null && Number.isFinite(v) && (!figure.logColour || v > 0))
    .map((v) => (figure.logColour ? Math.log10(v) : v))
    .sort((a, b) => a - b);
  if (shown.length === 0) return [linear(0, 1), [false, false]];
  const least = shown[0] as number;
  const most = shown[shown.length - 1] as number;
  let low = shown[Math.floor(rare * shown.length)] as number;
  let high = shown[Math.ceil((1 - rare) * shown.length) - 1] as number;
  if (most - least <= 5 * (high - low) || high === low) [low, high] = [least, most];
  if (figure.ratio) {
    const equal = figure.logColour ? 0 : 1;
    const reach = Math.max(Math.abs(high - equal), Math.abs(low - equal), 1e-6);
    [low, high] = [equal - reach, equal + reach];
  } else if (close(low, high)) {
    const room = figure.logColour ? 0.01 : Math.abs(low) * 0.01 || 0.5;
    [low, high] = [low - room, low + room];
  }
  return [figure.logColour ? logarithmic(10 ** low, 10 ** high) : linear(low, high), [least < low, most > high]];
}
