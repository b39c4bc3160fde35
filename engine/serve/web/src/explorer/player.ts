import { aborted, message, train } from "../api/client";
import { asParameters, type Settings } from "./settings";

/** What was recorded at a step. */
export interface Point {
  readonly step: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/** How a run stands. */
export type State = "idle" | "playing" | "paused" | "ended";

/** At speed 1 a whole run is seen in so many seconds. */
const wholeRun = 9;

/**
 * Trains a network on the server and plays what it sends. Training is faster than
 * anyone looks, so its points are kept and shown at a speed that can be followed.
 */
export class Player {
  state: State = "idle";
  speed = 1;
  points: Point[] = [];
  /** Steps that the run records. */
  steps: readonly number[] = [];
  diverged = false;
  error = "";
  /** The place among the points, between whole ones while it plays. */
  private place = 0;
  private complete = false;
  private controller: AbortController | undefined;
  private frame = 0;
  private before = 0;
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** The point that is shown. */
  get at(): number {
    return Math.min(Math.floor(this.place), this.points.length - 1);
  }

  /** Trains a network and plays its run from the start. */
  start(settings: Settings, points: number): void {
    this.reset();
    const controller = new AbortController();
    this.controller = controller;
    this.state = "playing";
    this.run();
    train({ ...asParameters(settings), points }, (event) => {
      if (this.controller !== controller) return;
      if (event.event === "start") this.steps = event.steps;
      else if (event.event === "point") this.points.push(event);
      else if (event.event === "end") {
        this.complete = true;
        this.diverged = event.diverged;
      } else this.fail(event.error);
    }, controller.signal)
      .then(() => { if (this.controller === controller && !this.complete && !this.error) this.fail("training broke off"); })
      .catch((error: unknown) => { if (this.controller === controller && !aborted(error)) this.fail(message(error)); });
    this.changed();
  }

  /** Goes on from where it was paused. */
  resume(): void {
    if (this.state !== "paused") return;
    this.state = "playing";
    this.run();
    this.changed();
  }

  pause(): void {
    if (this.state !== "playing") return;
    this.state = "paused";
    cancelAnimationFrame(this.frame);
    this.changed();
  }

  /** Shows another point of the run. */
  seek(place: number): void {
    if (this.points.length === 0) return;
    this.pause();
    this.place = Math.min(Math.max(place, 0), this.points.length - 1);
    if (this.state !== "idle") this.state = this.complete && this.place >= this.points.length - 1 ? "ended" : "paused";
    this.changed();
  }

  /** Forgets the run; training ends if it is still under way. */
  reset(): void {
    this.controller?.abort();
    this.controller = undefined;
    cancelAnimationFrame(this.frame);
    this.state = "idle";
    this.points = [];
    this.steps = [];
    this.place = 0;
    this.complete = false;
    this.diverged = false;
    this.error = "";
  }

  private fail(error: string): void {
    this.error = error;
    this.state = "ended";
    cancelAnimationFrame(this.frame);
    this.changed();
  }

  private run(): void {
    this.before = performance.now();
    const tick = (now: number) => {
      if (this.state !== "playing") return;
      const passed = Math.min(now - this.before, 100) / 1000; // a page that was hidden does not jump
      this.before = now;
      const each = Math.max(this.steps.length, 1) / wholeRun;
      const reached = this.place + passed * each * this.speed;
      const last = this.points.length - 1;
      this.place = Math.max(0, Math.min(reached, last));
      if (this.complete && this.place >= last) this.state = "ended";
      this.changed();
      if (this.state === "playing") this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }
}
