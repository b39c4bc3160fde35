import { element, fill, unique } from "./dom";

/** An entry of a list to choose from; those of one group stand together. */
export interface Option {
  readonly value: string;
  readonly label: string;
  readonly group?: string;
}

/** A labelled list to choose from. */
export class Select {
  readonly element: HTMLElement;
  private readonly select: HTMLSelectElement;
  private shown = "";

  constructor(label: string, changed: (value: string) => void) {
    const id = unique("select");
    this.select = element("select", { id, on: { change: () => changed(this.select.value) } });
    this.element = element("div", { class: "field" }, element("label", { for: id }, label), this.select);
  }

  /** Shows options, and which is chosen. */
  set(options: readonly Option[], value: string): void {
    // A list that someone has open stays as it is while rows arrive.
    const shown = JSON.stringify(options);
    if (shown === this.shown) {
      this.select.value = value;
      return;
    }
    this.shown = shown;
    const groups = new Map<string, Option[]>();
    for (const option of options) groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), option]);
    const make = (option: Option) => element("option", { value: option.value, selected: option.value === value }, option.label);
    fill(this.select, ...[...groups].flatMap(([group, members]) =>
      group ? [element("optgroup", { label: group }, ...members.map(make))] : members.map(make)));
    this.select.value = value;
  }
}

/** A labelled box to tick. */
export class Tick {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;

  constructor(label: string, changed: (on: boolean) => void) {
    this.input = element("input", { type: "checkbox", on: { change: () => changed(this.input.checked) } });
    this.element = element("label", { class: "tick" }, this.input, element("span", {}, label));
  }

  /** Shows whether it is ticked; a box that would do nothing is not there. */
  set(on: boolean, possible = true): void {
    this.input.checked = on;
    this.element.hidden = !possible;
  }
}

/** A few choices side by side, of which one holds. */
export class Segments {
  readonly element: HTMLElement;
  private readonly inputs = new Map<string, HTMLInputElement>();

  constructor(legend: string, options: readonly Option[], changed: (value: string) => void, hidden = false) {
    const name = unique("segments");
    const parts = options.map((option) => {
      const input = element("input", { type: "radio", name, value: option.value, on: { change: () => changed(option.value) } });
      this.inputs.set(option.value, input);
      return element("label", { class: "segment" }, input, element("span", {}, option.label));
    });
    this.element = element("fieldset", { class: "segments" },
      element("legend", { class: hidden ? "unseen" : false }, legend), element("div", { class: "segment-row" }, ...parts));
  }

  /** Shows which choice holds. */
  set(value: string): void {
    for (const [key, input] of this.inputs) input.checked = key === value;
  }
}
