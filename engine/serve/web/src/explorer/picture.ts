import { css, hue, type Rgb } from "../chart/palette";
import { quadrants } from "../chart/words";
import { element } from "../page/dom";
import { onTheme, theme, type Theme } from "../page/theme";
import type { Values } from "./mapview";
import type { Settings } from "./settings";

/** A block of inputs or outputs, as it stands in the picture. */
interface Block {
  readonly omega: boolean;
  readonly rows: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Module {
  readonly reads: readonly boolean[]; // true: Ω, false: Γ
  readonly writes: readonly boolean[];
  readonly y: number;
  readonly height: number;
}

/** The quadrants that an architecture has no way to. */
export function absentQuadrants(arch: string): string[] {
  return arch === "partitioned" ? ["quadrant_gamma_omega", "quadrant_omega_gamma"] : [];
}

/**
 * The network as modules between input and output blocks. The blocks show the
 * dataset itself, a column for each example; the streams between them are the
 * quadrants of the learned map, as wide as what has been learned.
 */
export class Picture {
  readonly element: HTMLElement;
  private readonly canvas = element("canvas", { role: "img" });
  private readonly observer = new ResizeObserver(() => this.draw());
  private readonly offTheme = onTheme(() => this.draw());
  private settings: Settings | undefined;
  private now: Values | undefined;
  private end: Values = {};
  private said = "";

  constructor() {
    this.element = element("div", { class: "picture" }, this.canvas);
    this.observer.observe(this.element);
  }

  /** Shows a network, what it has learned, and where theory says that ends. */
  show(settings: Settings, now: Values | undefined, end: Values): void {
    this.settings = settings;
    this.now = now;
    this.end = end;
    const words = describe(settings);
    if (words !== this.said) {
      this.said = words;
      this.canvas.setAttribute("aria-label", words);
    }
    this.draw();
  }

  close(): void {
    this.observer.disconnect();
    this.offTheme();
  }

  private draw(): void {
    const { settings, canvas } = this;
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    if (!settings || width === 0 || height === 0) return;
    const ratio = Math.min(devicePixelRatio || 1, 3);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const ink = theme();
    const blockWidth = Math.max(40, Math.min(76, width * 0.12));
    const side = Math.min(56, width * 0.09);
    const top = 34;
    const tall = height - top - 8;
    const inputs = blocks(settings.bits, settings.kx * 2 ** settings.bits, side, blockWidth, top, tall);
    const outputs = blocks(settings.ny, settings.ky * 2 ** settings.bits, width - side - blockWidth, blockWidth, top, tall);
    const modules = modulesOf(settings, top, tall);
    const left = width * 0.36;
    const right = width * 0.64;
    text(pen, ink, "input", side + blockWidth / 2, 14, "center", 13, 600, ink.ink);
    text(pen, ink, modules.length > 1 ? "modules" : "one module", (left + right) / 2, 14, "center", 13, 600, ink.ink);
    text(pen, ink, "output", width - side - blockWidth / 2, 14, "center", 13, 600, ink.ink);
    this.streams(pen, ink, inputs, outputs, modules, left, right);
    modules.forEach((module) => drawModule(pen, ink, module, left, right, settings));
    for (const block of inputs) drawBlock(pen, ink, block, settings, "x");
    for (const block of outputs) drawBlock(pen, ink, block, settings, "y");
  }

  private streams(pen: CanvasRenderingContext2D, ink: Theme, inputs: readonly Block[], outputs: readonly Block[], modules: readonly Module[], left: number, right: number): void {
    const most = Math.max(...quadrants.map(({ column }) => Math.max(this.end[column] ?? 0, this.now?.[column] ?? 0)), Number.MIN_VALUE);
    const wide = (value: number | null | undefined) => 20 * Math.sqrt(Math.min(1, Math.max(0, value ?? 0) / most));
    const ways = [[true, true], [false, true], [true, false], [false, false]] as const;
    ways.forEach(([from, to], k) => {
      const input = inputs.find((block) => block.omega === from);
      const output = outputs.find((block) => block.omega === to);
      const module = modules.find((one) => one.reads.includes(from) && one.writes.includes(to));
      const quantity = quadrants[k];
      if (!input || !output || !module || !quantity) return;
      // Each stream has a lane of its own where it leaves, passes and arrives.
      const lane = (block: Block, second: boolean) => block.y + block.height * (second ? 0.68 : 0.32);
      const start = { x: input.x + input.width + 3, y: lane(input, !to) };
      const end = { x: output.x - 3, y: lane(output, !from) };
      const lanes = modules.length > 1 ? (from ? 0.34 : 0.66) : (k + 1) / 5;
      const through = module.reads.length * module.writes.length === 1 ? module.y + module.height / 2 : module.y + module.height * lanes;
      const path = new Path2D();
      path.moveTo(start.x, start.y);
      path.bezierCurveTo((start.x + left) / 2, start.y, (start.x + left) / 2, through, left, through);
      path.lineTo(right, through);
      path.bezierCurveTo((right + end.x) / 2, through, (right + end.x) / 2, end.y, end.x, end.y);
      const colour: Rgb = hue(ink.hues, quantity.hue);
      stroke(pen, path, ink.axis, 1);
      stroke(pen, path, css(colour, ink.dark ? 0.22 : 0.16), wide(this.end[quantity.column]) || 0);
      stroke(pen, path, css(colour, 0.85), wide(this.now?.[quantity.column]));
    });
  }
}

function blocks(omega: number, gamma: number, x: number, width: number, top: number, tall: number): Block[] {
  const gap = 16;
  if (omega === 0 || gamma === 0) {
    const made = omega > 0 || gamma > 0;
    const height = Math.min(tall, omega > 0 ? 40 + omega * 16 : tall);
    return made ? [{ omega: omega > 0, rows: omega || gamma, x, y: top + (tall - height) / 2, width, height }] : [];
  }
  const share = Math.min(0.42, Math.max(0.24, omega / (omega + gamma)));
  const first = (tall - gap) * share;
  return [
    { omega: true, rows: omega, x, y: top, width, height: first },
    { omega: false, rows: gamma, x, y: top + first + gap, width, height: tall - gap - first },
  ];
}

function modulesOf(settings: Settings, top: number, tall: number): Module[] {
  const both = [true, false];
  const inset = 6;
  if (settings.arch === "dense" || settings.arch === "shallow") return [{ reads: both, writes: both, y: top + inset, height: tall - 2 * inset }];
  const half = (tall - 2 * inset - 22) / 2;
  const parted = settings.arch === "partitioned";
  return [
    { reads: parted ? [true] : both, writes: [true], y: top + inset, height: half },
    { reads: parted ? [false] : both, writes: [false], y: top + inset + half + 22, height: half },
  ];
}

function drawModule(pen: CanvasRenderingContext2D, ink: Theme, module: Module, left: number, right: number, settings: Settings): void {
  pen.lineWidth = 1.5;
  pen.strokeStyle = ink.axis;
  pen.beginPath();
  pen.roundRect(left, module.y, right - left, module.height, 12);
  pen.stroke();
  if (settings.arch === "shallow") {
    label(pen, ink, "no hidden units", (left + right) / 2, module.y + module.height - 14);
    return;
  }
  const shown = Math.min(settings.hidden, Math.max(2, Math.floor((module.height - 44) / 17)), 9);
  const columns = settings.depth;
  const room = Math.min(17, (module.height - 40) / shown);
  for (let c = 0; c < columns; c++) {
    const x = left + ((c + 1) / (columns + 1)) * (right - left);
    const first = module.y + 12 + (module.height - 36 - room * (shown - 1)) / 2;
    for (let u = 0; u < shown; u++) {
      pen.beginPath();
      pen.arc(x, first + u * room, 4.5, 0, 2 * Math.PI);
      pen.fillStyle = ink.paper;
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = ink.ink;
      pen.stroke();
    }
  }
  const units = settings.hidden === 1 ? "1 unit" : `${settings.hidden} units`;
  label(pen, ink, columns > 1 ? `${columns} × ${units}` : units, (left + right) / 2, module.y + module.height - 14);
}

/** The block's part of the dataset: bits as light and dark, identities as a diagonal as strong as r. */
function drawBlock(pen: CanvasRenderingContext2D, ink: Theme, block: Block, settings: Settings, side: "x" | "y"): void {
  const examples = 2 ** settings.bits;
  pen.fillStyle = ink.empty;
  pen.fillRect(block.x, block.y, block.width, block.height);
  const w = block.width / examples;
  const h = block.height / block.rows;
  const gap = w > 5 && h > 5 ? 0.7 : 0;
  for (let row = 0; row < block.rows; row++) {
    for (let p = 0; p < examples; p++) {
      // Example p is the binary pattern of P−1−p, row 0 the slowest bit.
      const on = block.omega ? ((examples - 1 - p) >> (settings.bits - 1 - row)) & 1 : row % examples === p ? 1 : 0;
      if (!on) continue;
      pen.globalAlpha = block.omega ? 0.8 : Math.min(0.9, 0.25 + 0.35 * settings.r) * (settings.r > 0 ? 1 : 0);
      pen.fillStyle = ink.ink;
      pen.fillRect(block.x + p * w + gap / 2, block.y + row * h + gap / 2, Math.max(w - gap, 0.6), Math.max(h - gap, 0.6));
    }
  }
  pen.globalAlpha = 1;
  pen.lineWidth = 1;
  pen.strokeStyle = ink.axis;
  pen.strokeRect(block.x, block.y, block.width, block.height);
  const middle = block.y + block.height / 2;
  const left = side === "x";
  text(pen, ink, `${block.omega ? "Ω" : "Γ"}${side}`, left ? block.x - 7 : block.x + block.width + 7, middle - 7, left ? "right" : "left", 14, 600, ink.ink);
  text(pen, ink, String(block.rows), left ? block.x - 7 : block.x + block.width + 7, middle + 9, left ? "right" : "left", 11, 400, ink.soft);
}

function label(pen: CanvasRenderingContext2D, ink: Theme, words: string, x: number, y: number): void {
  pen.font = `400 12px ${ink.font}`;
  const width = pen.measureText(words).width + 12;
  pen.fillStyle = ink.paper;
  pen.globalAlpha = 0.88;
  pen.beginPath();
  pen.roundRect(x - width / 2, y - 9, width, 18, 6);
  pen.fill();
  pen.globalAlpha = 1;
  text(pen, ink, words, x, y, "center", 12, 400, ink.ink);
}

function text(pen: CanvasRenderingContext2D, ink: Theme, words: string, x: number, y: number, align: CanvasTextAlign, size: number, weight: number, fill: string): void {
  pen.font = `${weight} ${size}px ${ink.font}`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillStyle = fill;
  pen.fillText(words, x, y);
}

function stroke(pen: CanvasRenderingContext2D, path: Path2D, style: string, width: number): void {
  if (width <= 0.2) return;
  pen.lineWidth = width;
  pen.strokeStyle = style;
  pen.stroke(path);
}

function describe(settings: Settings): string {
  const parts: Record<string, string> = {
    dense: "One module reads all inputs, Ωx and Γx, and writes all outputs, Ωy and Γy.",
    shallow: "One layer of weights reads all inputs, Ωx and Γx, and writes all outputs, Ωy and Γy.",
    split: "Two modules, one for Ωy and one for Γy; both read Ωx and Γx.",
    partitioned: "Two modules: one reads Ωx and writes Ωy, the other reads Γx and writes Γy.",
  };
  return `${parts[settings.arch] ?? ""} Streams between the blocks are as wide as what has been learned; the table beside the picture has the numbers.`;
}
