import { element } from "./dom";
import { percent } from "./number";

/** A bar that tells how much of something is done. */
export function meter(value: number, of: number, label: string): HTMLElement {
  const fill = element("span", { class: "meter-fill" });
  const bar = element("div", { class: "meter", role: "progressbar", "aria-label": label, "aria-valuemin": "0" }, fill);
  setMeter(bar, value, of);
  return bar;
}

/** Moves a bar. */
export function setMeter(bar: HTMLElement, value: number, of: number): void {
  bar.setAttribute("aria-valuemax", String(of));
  bar.setAttribute("aria-valuenow", String(value));
  bar.setAttribute("aria-valuetext", percent(value, of));
  const fill = bar.firstElementChild as HTMLElement;
  fill.style.width = of > 0 ? `${(100 * Math.min(value, of)) / of}%` : "0";
}
