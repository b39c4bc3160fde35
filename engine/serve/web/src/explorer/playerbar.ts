import { Segments } from "../page/controls";
import { element, fill, say } from "../page/dom";
import { whole } from "../page/number";
import type { Player } from "./player";

const speeds = ["¼", "½", "1", "2", "4"] as const;
const factors: Readonly<Record<string, number>> = { "¼": 0.25, "½": 0.5, "1": 1, "2": 2, "4": 4 };

/** What the bar's buttons do. */
export interface Actions {
  readonly play: () => void;
  readonly again: () => void;
  readonly start: () => void;
}

/** Play and pause, from the start, a place in the run, speed, and new initial weights. */
export class PlayerBar {
  readonly element: HTMLElement;
  private readonly player: Player;
  private readonly button: HTMLButtonElement;
  private readonly again: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly step = element("output", { class: "step" });
  private readonly short = element("span", { class: "short-s", "aria-hidden": "true" });
  private readonly voice = element("p", { class: "unseen", role: "status" });
  private allowed = true;
  private face = "";

  constructor(player: Player, actions: Actions) {
    this.player = player;
    this.button = element("button", { type: "button", class: "play", on: { click: actions.play } });
    this.again = element("button", { type: "button", class: "round", "aria-label": "From the start", title: "From the start", on: { click: actions.again } }, icon("M4 5v6h6M4.6 11a8 8 0 1 1-.4 5"));
    this.slider = element("input", { type: "range", min: "0", max: "1", value: "0", step: "1", class: "scrub", "aria-label": "Step of the run", on: { input: () => player.seek(Number(this.slider.value)) } });
    const speed = new Segments("Speed", speeds.map((value) => ({ value, label: `${value}×` })), (value) => { player.speed = factors[value] ?? 1; }, true);
    speed.set("1");
    this.element = element("div", { class: "player", role: "group", "aria-label": "Training" },
      this.button, this.again, element("div", { class: "scrubber" }, this.slider, this.step, this.short), speed.element,
      element("button", { type: "button", class: "quiet", title: "Draw other initial weights", on: { click: actions.start } }, "New weights"), this.voice);
  }

  /** Whether this network may be trained here. */
  allow(yes: boolean): void {
    this.allowed = yes;
  }

  /** Shows where the run is. */
  show(steps: number, systematicity: string): void {
    const { player } = this;
    const playing = player.state === "playing";
    const words = playing ? "Pause" : player.state === "paused" ? "Go on" : player.state === "ended" ? "Play again" : "Play";
    if (words !== this.face) {
      this.face = words;
      fill(this.button, icon(playing ? "M8 5v14M16 5v14" : "M8 5l11 7-11 7z", !playing), words);
    }
    this.button.disabled = !this.allowed;
    this.again.disabled = player.state === "idle";
    this.slider.disabled = player.points.length < 2;
    this.slider.max = String(Math.max(1, (player.steps.length || player.points.length) - 1));
    this.slider.value = String(Math.max(0, player.at));
    const step = player.points[player.at]?.step ?? 0;
    this.slider.setAttribute("aria-valuetext", `step ${step}`);
    say(this.short, `S ${systematicity}`);
    say(this.step, `step ${whole(step)} of ${whole(steps)}`);
    if (player.state === "ended") say(this.voice, player.error || (player.diverged ? `Training diverged at step ${step}` : `Training is done after ${step} steps`));
    else if (playing) say(this.voice, "Training");
    else if (player.state === "idle") say(this.voice, "");
  }
}

function icon(path: string, filled = false): HTMLElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", "20");
  svg.setAttribute("height", "20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", filled ? "currentColor" : "none");
  line.setAttribute("stroke", "currentColor");
  line.setAttribute("stroke-width", filled ? "1.5" : "2.5");
  line.setAttribute("stroke-linecap", "round");
  line.setAttribute("stroke-linejoin", "round");
  svg.append(line);
  return svg as unknown as HTMLElement;
}
