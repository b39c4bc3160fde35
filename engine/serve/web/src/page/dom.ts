/** What may stand between an element's tags. */
export type Child = Node | string | number | null | undefined | false;

/** An element's attributes; `on` holds its listeners, `true` is an empty attribute, `false` leaves one out. */
export interface Attributes {
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly [name: string]: unknown;
}

/** Makes an element. Text is always set as text, never parsed as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value as Record<string, (event: Event) => void>)) {
        made.addEventListener(event, listener);
      }
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  append(made, children);
  return made;
}

/** Puts children in the place of whatever `parent` held. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

function append(parent: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(typeof child === "number" ? String(child) : child);
  }
}

let count = 0;

/** A name for an element that a label or description refers to. */
export function unique(stem: string): string {
  count += 1;
  return `${stem}-${count}`;
}

/** Sets an element's text, and leaves the page alone where it is that text already. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Text with what follows an underscore set low: k_x. */
export function scripted(text: string): Child[] {
  return text.split(/(?<=[A-Za-z])_([A-Za-z0-9])/).map((part, i) => (i % 2 === 1 ? element("sub", {}, part) : part));
}
