import { element } from "./dom";
import { duration, moment } from "./number";

const names: readonly (readonly [string, string])[] = [
  ["command", "command"], ["started", "started"], ["seconds", "took"], ["version", "modspec version"], ["commit", "commit"],
  ["tree", "working tree"], ["backend", "backend"], ["precision", "precision"], ["cpu", "processor"], ["cpus", "logical processors"],
  ["device", "device"], ["driver", "driver"], ["platform", "platform"], ["go", "Go"],
];

/** How results came about: a table for each process that worked on them, closed at first. */
export function provenance(processes: readonly Readonly<Record<string, unknown>>[]): HTMLElement {
  const tables = processes.map((process) => {
    const facts = names.flatMap(([key, name]) => {
      const value = process[key];
      if (value === undefined || value === null || value === "" || value === 0) return [];
      const text = key === "started" ? moment(String(value)) : key === "seconds" ? duration(Number(value)) : String(value);
      return [element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, text))];
    });
    return element("table", { class: "provenance" }, element("caption", { class: "unseen" }, "Provenance"), element("tbody", {}, ...facts));
  });
  return element("details", { class: "fold" }, element("summary", {}, "How this was computed"),
    ...(tables.length > 0 ? tables : [element("p", { class: "soft" }, "Nothing is known about how.")]));
}
