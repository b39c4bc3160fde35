import { explorerLimits, message, theory as askTheory } from "../api/client";
import type { ExplorerLimits, Theory } from "../api/types";
import { Card } from "../chart/card";
import { CurvesDrawing } from "../chart/curves";
import { settle } from "../page/address";
import { Tick } from "../page/controls";
import { element, fill, say, scripted } from "../page/dom";
import { Latest } from "../page/latest";
import type { View } from "../page/view";
import { Controls } from "./controls";
import { curvesOf, measured, type LiveLine } from "./curves";
import { lessonOf, type Lesson } from "./lesson";
import { MapView } from "./mapview";
import { absentQuadrants, Picture } from "./picture";
import { Player } from "./player";
import { PlayerBar } from "./playerbar";
import { asParameters, coherent, defaultsOf, readSettings, writeSettings, type Settings } from "./settings";

const points = 200;

/** Where one meets the paper: a network to set up, what theory says of it at once, and its training on the spot. */
export class ExplorerView implements View {
  readonly element = element("div", { class: "page explorer" });
  readonly title = "Explorer";
  private readonly latest = new Latest();
  private readonly limits = new Latest();
  private readonly player = new Player(() => this.played());
  private readonly bar = new PlayerBar(this.player, {
    play: () => this.play(), again: () => this.restart(), start: () => this.change({ seed: this.settings ? this.settings.seed + 1 : 1 }),
  });
  private readonly map = new MapView();
  private readonly picture = new Picture();
  private readonly card = new Card("What is learned, and when");
  private readonly lesson = element("p", { class: "lesson-text", "aria-live": "polite" });
  private readonly trials = element("div", { class: "trials" });
  private readonly size = element("p", { class: "soft size" });
  private readonly problem = element("p", { class: "bad", role: "alert" });
  private readonly closedForm: Tick;
  private controls: Controls | undefined;
  private allowed: ExplorerLimits | undefined;
  private defaults: Settings | undefined;
  private settings: Settings | undefined;
  private theory: Theory | undefined;
  private drawing: CurvesDrawing | undefined;
  private live: LiveLine[] = [];
  private continuous = false;
  private parameters = new URLSearchParams();
  private taught = "";
  private reached = 0;

  constructor() {
    this.closedForm = new Tick("closed form", (on) => {
      this.continuous = on;
      this.write();
      this.redraw();
    });
    this.card.tools.append(this.closedForm.element);
    this.card.drawn = () => this.patch();
    this.load();
  }

  show(parameters: URLSearchParams): void {
    this.parameters = parameters;
    if (!this.allowed || !this.defaults) return;
    this.continuous = parameters.get("closed") === "1";
    this.closedForm.set(this.continuous);
    this.take(readSettings(parameters, this.defaults, this.allowed.arch));
  }

  close(): void {
    this.latest.stop();
    this.limits.stop();
    this.player.reset();
    this.picture.close();
    this.card.close();
  }

  private load(): void {
    fill(this.element, element("p", { class: "notice" }, element("span", { class: "spinner", "aria-hidden": "true" }), "Loading …"));
    void this.limits.ask((signal) => explorerLimits(signal), (allowed) => {
      this.allowed = allowed;
      this.defaults = defaultsOf(allowed.defaults);
      this.controls = new Controls(allowed.arch, (change) => this.change(change));
      fill(this.element,
        element("div", { class: "explorer-head" }, element("h1", {}, "When does a module specialise?"),
          element("p", { class: "soft" }, "Examples share bits (Ω), and each has an identity of its own (Γ). Change anything: theory answers at once. Play trains that network over it.")),
        this.controls.element,
        element("div", { class: "stage" },
          this.bar.element, element("div", { class: "lesson" }, this.lesson, this.trials), this.problem,
          element("div", { class: "scene" }, element("div", { class: "network" }, this.picture.element, this.size), this.map.element),
          this.card.element));
      this.show(this.parameters);
    }, (error) => fill(this.element, element("h1", {}, this.title), element("div", { class: "notice" }, element("p", { role: "alert" }, message(error)),
      element("button", { type: "button", on: { click: () => this.load() } }, "Try again"))));
  }

  private change(change: Partial<Settings>): void {
    if (this.settings) this.take(coherent({ ...this.settings, ...change }));
  }

  private take(settings: Settings): void {
    const again = this.player.state === "playing";
    this.settings = settings;
    this.player.reset();
    this.reached = 0;
    this.controls?.set(settings);
    this.write();
    this.picture.show(settings, undefined, this.theory?.end ?? {});
    void this.latest.ask((signal) => askTheory({ ...asParameters(settings), points }, signal), (theory) => {
      this.theory = theory;
      say(this.problem, theory.note && theory.kind === "none" ? `Theory: ${theory.note}` : "");
      this.problem.className = "soft";
      this.measureSize(theory);
      this.redraw();
      // Whoever turns a knob while it plays wants to see the new network play.
      if (again && this.trainable(theory)) this.player.start(settings, points);
      else this.played();
    }, (error) => {
      this.theory = undefined;
      this.drawing = undefined;
      this.problem.className = "bad";
      say(this.problem, message(error));
      this.bar.allow(false);
      this.card.empty("Theory has no answer for this network.");
    });
    this.played();
  }

  private write(): void {
    if (!this.settings || !this.defaults) return;
    const parameters = writeSettings(this.settings, this.defaults);
    if (this.continuous) parameters.set("closed", "1");
    settle({ view: "explorer", parameters });
  }

  private measureSize(theory: Theory): void {
    const much = !this.trainable(theory);
    this.bar.allow(!much);
    fill(this.size, "A column of a block is an example; a stream is as wide as what it has learned.",
      much ? element("strong", {}, " Too much to train here: choose fewer steps, units or identities.") : null);
  }

  private trainable(theory: Theory): boolean {
    return !this.allowed || theory.work <= this.allowed.max_work;
  }

  private play(): void {
    if (!this.settings) return;
    if (this.player.state === "playing") this.player.pause();
    else if (this.player.state === "paused") this.player.resume();
    else this.restart();
  }

  private restart(): void {
    if (!this.settings || !this.theory || !this.trainable(this.theory)) return;
    this.reached = 0;
    this.player.start(this.settings, points);
  }

  /** Shows where the player is. */
  private played(): void {
    const { player, settings } = this;
    if (!settings) return;
    const point = player.points[player.at];
    const end = this.theory?.end ?? {};
    this.picture.show(settings, point?.values, end);
    this.map.show(point?.values, end, absentQuadrants(settings.arch));
    this.bar.show(settings.steps, this.map.systematicity);
    if (player.error) {
      this.problem.className = "bad";
      say(this.problem, player.error);
    }
    this.teach();
    // A run may pass what theory expects; the axes then make room, once for all that has come.
    if (player.points.length > this.reached && (player.points.length >= player.steps.length || player.points.length > 2 * this.reached)) {
      this.reached = player.points.length;
      this.redraw();
    } else this.patch();
  }

  private teach(): void {
    const { player, settings } = this;
    if (!settings) return;
    const last = player.points[player.points.length - 1];
    const lesson: Lesson = lessonOf(settings, this.theory, player.diverged && player.state === "ended" ? { diverged: true, step: last?.step ?? 0 } : undefined);
    const name = JSON.stringify(lesson);
    if (name === this.taught) return;
    this.taught = name;
    fill(this.lesson, ...scripted(lesson.text));
    fill(this.trials, lesson.trials.length > 0 ? element("span", { class: "soft" }, "Try:") : null,
      ...lesson.trials.map((trial) => element("button", { type: "button", class: "trial", on: { click: () => this.change(trial.change) } }, ...scripted(trial.label))));
  }

  private redraw(): void {
    if (!this.theory) return;
    const { figure, live } = curvesOf(this.theory, this.player.points, this.shown(), this.continuous);
    this.live = live;
    this.drawing = new CurvesDrawing(figure);
    this.card.draw(this.drawing);
  }

  private patch(): void {
    const { theory, drawing, player } = this;
    if (!theory || !drawing) return;
    this.card.patch(this.live.map((line) => ({ id: line.id, data: drawing.points(line.panel, measured(theory.steps, player.points, this.shown(), line.column, line.of)) })));
  }

  private shown(): number {
    return this.player.state === "idle" ? 0 : this.player.at + 1;
  }
}
