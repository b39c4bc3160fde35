import type { Status } from "../api/types";
import { element, fill, say } from "../page/dom";
import { meter, setMeter } from "../page/meter";
import { bytes, duration, moment, percent, rate, whole } from "../page/number";

/** How far a sweep is, how fast, and how long it will take. */
export class Progress {
  readonly element: HTMLElement;
  private readonly name = element("h1", {});
  private readonly state = element("span", { class: "pill" });
  private readonly bar = meter(0, 1, "copies done");
  private readonly facts = element("dl", { class: "facts-row" });
  private readonly reason = element("div", { class: "reason" });
  private readonly voice = element("p", { class: "unseen", role: "status" });
  private readonly offline = element("p", { class: "bad", role: "status" });
  private told = "";

  constructor() {
    this.element = element("section", { class: "progress", "aria-label": "Progress" },
      element("div", { class: "progress-head" }, this.name, this.state), this.bar, this.facts, this.reason, this.offline, this.voice);
  }

  /** Shows how things stand. */
  show(status: Status): void {
    say(this.name, status.name || "Sweep");
    say(this.state, status.state);
    this.state.dataset["state"] = status.state;
    setMeter(this.bar, status.done, status.copies);
    const running = status.state === "running";
    const pairs: [string, string][] = [
      ["copies done", `${whole(status.done)} of ${whole(status.copies)} (${percent(status.done, status.copies)})`],
      ["rate", status.rate.copies === null ? "–" : `${rate(status.rate.copies)} copies/s`],
      ["network-steps/s", rate(status.rate.network_steps)],
      running ? ["time left", duration(status.seconds_left)] : ["last change", moment(status.last)],
      ["diverged", whole(status.diverged)],
      ...(status.failed > 0 ? [["failed", whole(status.failed)] as [string, string]] : []),
      ...(status.shard && status.shard !== "1/1" ? [["shard", status.shard] as [string, string]] : []),
      ["backend", [status.backend, status.precision].filter(Boolean).join(", ") || "–"],
      ["on disk", bytes(status.bytes)],
    ];
    this.setFacts(pairs);
    fill(this.reason, status.reason && !running ? element("p", { class: "soft" }, status.reason) : null,
      ...status.problems.map((problem) => element("p", { class: "bad" }, problem)));
    // Told in tenths: a screen reader that reads every copy is switched off.
    const tenths = status.copies > 0 ? Math.floor((10 * status.done) / status.copies) * 10 : 0;
    const told = running ? `${tenths} percent of the copies are done` : `The sweep is ${status.state}`;
    if (told !== this.told) {
      this.told = told;
      say(this.voice, told);
    }
  }

  /** Says whether the server can be heard. */
  connected(yes: boolean): void {
    say(this.offline, yes ? "" : "modspec serve does not answer; what is shown may be old. Trying again …");
  }

  // Texts change in place: rebuilt every second, they could not be selected.
  private setFacts(pairs: readonly [string, string][]): void {
    const names = pairs.map(([name]) => name).join("\n");
    if (this.facts.dataset["names"] !== names) {
      this.facts.dataset["names"] = names;
      fill(this.facts, ...pairs.map(([name]) => element("div", {}, element("dt", {}, name), element("dd", {}))));
    }
    this.facts.querySelectorAll("dd").forEach((dd, i) => say(dd, pairs[i]?.[1] ?? ""));
  }
}
