import { message, reproduction as ask } from "../api/client";
import type { Claim, Reproduction, Study } from "../api/types";
import { fragmentOf } from "../page/address";
import { element, fill } from "../page/dom";
import { Latest } from "../page/latest";
import { setMeter, meter } from "../page/meter";
import { number, whole } from "../page/number";
import { provenance } from "../page/provenance";
import type { View } from "../page/view";

/** The paper's experiments: each claim with its number and verdict, and the figures. */
export class ReproductionView implements View {
  readonly element = element("div", { class: "page reproduction" });
  readonly title = "Reproduction";
  private readonly dir: string;
  private readonly latest = new Latest();
  private wanted = "";
  private loaded = false;

  constructor(dir: string) {
    this.dir = dir;
    this.load();
  }

  show(parameters: URLSearchParams): void {
    this.wanted = parameters.get("study") ?? "";
    if (this.loaded) this.reveal();
  }

  close(): void {
    this.latest.stop();
  }

  private load(): void {
    fill(this.element, element("p", { class: "notice" }, element("span", { class: "spinner", "aria-hidden": "true" }), "Loading …"));
    void this.latest.ask((signal) => ask(this.dir, signal), (answer) => this.draw(answer), (error) =>
      fill(this.element, element("h1", {}, this.title), element("div", { class: "notice" }, element("p", { role: "alert" }, message(error)),
        element("button", { type: "button", on: { click: () => this.load() } }, "Try again"))));
  }

  private draw(answer: Reproduction): void {
    const failing = answer.studies.flatMap((study) => study.claims.filter((claim) => !claim.pass));
    const bar = meter(0, 1, "claims that hold");
    setMeter(bar, answer.holding, answer.claims);
    bar.classList.add("verdict-bar");
    fill(this.element,
      element("h1", {}, answer.name || "Reproduction"),
      element("section", { class: "score", "aria-label": "Verdict" },
        element("p", { class: "total" }, answer.claims > 0 ? `${whole(answer.holding)} of ${whole(answer.claims)} claims hold` : "No claims"),
        answer.claims > 0 ? bar : null,
        failing.length > 0 ? element("ul", { class: "failing" }, ...failing.map((claim) => element("li", {}, verdict(claim), " ", claim.title))) : null,
        answer.report ? element("p", {}, element("a", { href: fragmentOf({ view: "report", parameters: new URLSearchParams(this.dir ? { dir: this.dir } : {}) }) }, "The written report")) : null),
      answer.studies.length > 0
        ? element("nav", { class: "contents", "aria-label": "Experiments" }, element("ol", {}, ...answer.studies.map((study) => this.entry(study))))
        : element("p", { class: "notice" }, "No experiment has been computed here yet."),
      ...answer.studies.map(section),
      provenance([answer.provenance]));
    this.loaded = true;
    this.reveal();
  }

  private entry(study: Study): HTMLElement {
    const holding = study.claims.filter((claim) => claim.pass).length;
    const parameters = new URLSearchParams(this.dir ? { dir: this.dir } : {});
    parameters.set("study", study.id);
    return element("li", {}, element("a", { href: fragmentOf({ view: "reproduction", parameters }), on: { click: () => this.reveal(study.id) } }, study.title),
      element("span", { class: "count" }, study.claims.length > 0 ? `${holding} of ${study.claims.length}` : ""));
  }

  private reveal(id = this.wanted): void {
    if (!id) return;
    const section = this.element.querySelector<HTMLElement>(`#study-${CSS.escape(id)}`);
    section?.scrollIntoView();
    section?.focus({ preventScroll: true });
  }
}

function section(study: Study): HTMLElement {
  const title = `title-${study.id}`;
  return element("section", { id: `study-${study.id}`, class: "study", tabindex: "-1", "aria-labelledby": title },
    element("h2", { id: title }, study.title),
    study.claims.length > 0 ? claims(study.claims) : null,
    ...study.figures.map((figure) => element("figure", {},
      element("div", { class: "plate" }, element("img", { src: `.${figure.svg || figure.png}`, alt: figure.alt || figure.caption || figure.name, loading: "lazy" })),
      element("figcaption", {}, figure.caption,
        element("span", { class: "downloads" },
          figure.svg ? element("a", { href: `.${figure.svg}`, download: `${figure.name}.svg` }, "SVG") : null,
          figure.png ? element("a", { href: `.${figure.png}`, download: `${figure.name}.png` }, "PNG") : null)))));
}

function claims(all: readonly Claim[]): HTMLElement {
  return element("table", { class: "claims", role: "table" },
    element("caption", { class: "unseen" }, "Claims"),
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...["Verdict", "Statement", "Measured", "Must be", "Source"].map((name) => element("th", { scope: "col", role: "columnheader" }, name)))),
    element("tbody", { role: "rowgroup" }, ...all.map((claim) => element("tr", { role: "row" },
      element("td", { role: "cell", class: "verdict" }, verdict(claim)),
      element("th", { scope: "row", role: "rowheader" }, claim.title, claim.detail ? element("span", { class: "detail" }, claim.detail) : null),
      element("td", { role: "cell", class: "figure", "data-label": "measured" }, exact(claim.measured)),
      element("td", { role: "cell", class: "figure", "data-label": "must be" }, `${relation(claim.relation)} `, exact(claim.threshold)),
      element("td", { role: "cell", class: "source", "data-label": "source" }, claim.source)))));
}

function verdict(claim: Claim): HTMLElement {
  return claim.pass ? element("span", { class: "pill good" }, "✓ holds") : element("span", { class: "pill bad" }, "✗ fails");
}

/** A number shortened, with all of its digits for whoever points at it: a rounded one may look equal to a threshold that it misses. */
function exact(value: number | null): HTMLElement {
  return element("data", { value: value ?? "", title: value ?? "" }, number(value, 4));
}

function relation(text: string): string {
  return { "<=": "≤", ">=": "≥", "<": "<", ">": ">" }[text] ?? text;
}
