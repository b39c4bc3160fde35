import { Segments } from "../page/controls";
import { element, fill, say, unique } from "../page/dom";
import { number, whole } from "../page/number";
import { stops, type Settings, type Slider } from "./settings";

interface Description {
  readonly name: Slider;
  readonly symbol: string;
  readonly label: string;
  readonly hint?: (settings: Settings) => string;
}

const dataset: readonly Description[] = [
  { name: "bits", symbol: "n", label: "bits", hint: (s) => `${whole(2 ** s.bits)} examples` },
  { name: "ny", symbol: "n_y", label: "bits asked for" },
  { name: "kx", symbol: "k_x", label: "identities in the input" },
  { name: "ky", symbol: "k_y", label: "identities in the output" },
  { name: "r", symbol: "r", label: "size of identities", hint: () => "bits: 1" },
];

const network: readonly Description[] = [
  { name: "hidden", symbol: "h", label: "hidden units" },
  { name: "depth", symbol: "", label: "hidden layers" },
];

const training: readonly Description[] = [
  { name: "lr", symbol: "η", label: "learning rate" },
  { name: "init_scale", symbol: "σ", label: "initial weights" },
  { name: "steps", symbol: "", label: "steps" },
];

/** The explorer's controls, one idea each. */
export class Controls {
  readonly element: HTMLElement;
  private readonly sliders = new Map<Slider, { input: HTMLInputElement; output: HTMLElement; hint: HTMLElement; about: Description }>();
  private readonly arch: Segments;
  private readonly changed: (change: Partial<Settings>) => void;

  constructor(architectures: readonly string[], changed: (change: Partial<Settings>) => void) {
    this.changed = changed;
    this.arch = new Segments("Architecture", architectures.map((value) => ({ value, label: value })), (arch) => changed({ arch }));
    this.element = element("div", { class: "explorer-controls" },
      this.group("Dataset", dataset), this.group("Network", network, this.arch.element), this.group("Training", training));
  }

  /** Shows settings. */
  set(settings: Settings): void {
    this.arch.set(settings.arch);
    for (const [name, { input, output, hint, about }] of this.sliders) {
      const places = stops[name];
      const place = nearest(places, settings[name]);
      input.value = String(place);
      if (name === "ny") input.max = String(settings.bits);
      const text = number(settings[name], 4);
      input.setAttribute("aria-valuetext", text);
      say(output, text);
      say(hint, about.hint?.(settings) ?? "");
      input.disabled = settings.arch === "shallow" && (name === "hidden" || name === "depth");
    }
  }

  private group(title: string, all: readonly Description[], first?: HTMLElement): HTMLElement {
    return element("fieldset", { class: "control-group" }, element("legend", {}, title), first ?? null, ...all.map((about) => this.slider(about)));
  }

  private slider(about: Description): HTMLElement {
    const id = unique("slider");
    const places = stops[about.name];
    const hint = element("span", { class: "hint", id: `${id}-hint` });
    const output = element("output", { for: id });
    const input = element("input", {
      type: "range", id, min: "0", max: String(places.length - 1), step: "1", "aria-describedby": hint.id,
      on: { input: () => this.changed({ [about.name]: places[Number(input.value)] as number }) },
    });
    this.sliders.set(about.name, { input, output, hint, about });
    return element("div", { class: "slider" },
      element("label", { for: id }, about.symbol ? symbol(about.symbol) : null, about.label), hint, output, input);
  }
}

/** A symbol with its subscript set low. */
export function symbol(text: string): HTMLElement {
  const [base = "", low] = text.split("_");
  const made = element("i", { class: "symbol" });
  fill(made, base, low ? element("sub", {}, low) : null);
  return made;
}

function nearest(places: readonly number[], value: number): number {
  let best = 0;
  places.forEach((place, i) => {
    if (Math.abs(place - value) < Math.abs((places[best] as number) - value)) best = i;
  });
  return best;
}
