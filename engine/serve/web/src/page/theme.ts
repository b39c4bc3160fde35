import { hues, type Rgb } from "../chart/palette";

/** What figures are drawn with: on a light page, on a dark one, or on paper. */
export interface Theme {
  readonly dark: boolean;
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly axis: string;
  readonly grid: string;
  readonly empty: string;
  readonly hues: readonly Rgb[];
  readonly font: string;
}

const sans = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

/** Figures on a light page. */
export const light: Theme = {
  dark: false, paper: "#ffffff", ink: "#1d1f23", soft: "#565c66", axis: "#6b7078", grid: "#e6e8eb",
  empty: "#eceef0", hues: hues.light, font: sans,
};

/** Figures on a dark page. */
export const dark: Theme = {
  dark: true, paper: "#1e2125", ink: "#e7e8ea", soft: "#a8aeb8", axis: "#8b929c", grid: "#33373d",
  empty: "#2b2f35", hues: hues.dark, font: sans,
};

/** Figures that are downloaded, to stand in a paper or on a slide. */
export const print: Theme = { ...light, font: '"Liberation Sans", Arial, Helvetica, sans-serif' };

/** What the reader may choose. */
export type Choice = "auto" | "light" | "dark";

const key = "modspec-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

/** The reader's choice. */
export function choice(): Choice {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto"; // a browser that keeps nothing for this page
  }
}

/** Keeps a choice and shows it. */
export function choose(next: Choice): void {
  try {
    if (next === "auto") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  show(next);
}

/** The theme that the page has now. */
export function theme(): Theme {
  const set = document.documentElement.dataset["theme"];
  return (set ? set === "dark" : system.matches) ? dark : light;
}

/** Calls back whenever the theme changes; the answer ends that. */
export function onTheme(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function show(next: Choice): void {
  if (next === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next;
  for (const changed of [...listeners]) changed();
}

system.addEventListener("change", () => show(choice()));
show(choice());
