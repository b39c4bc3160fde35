import { address } from "../api/client";
import { element } from "../page/dom";
import type { View } from "../page/view";

/** A written report, as it stands in the folder; it may run nothing. */
export class ReportView implements View {
  readonly element: HTMLElement;
  readonly title: string;

  constructor(dir: string, name: string) {
    this.title = `Report ${name}`.trim();
    const source = address("report", { dir });
    this.element = element("div", { class: "page report" },
      element("div", { class: "report-head" }, element("h1", {}, name || "Report"), element("a", { href: source, target: "_blank", rel: "noopener" }, "Open it alone")),
      element("iframe", { src: source, sandbox: "", title: this.title }));
  }

  show(): void {
    // A report has one view.
  }

  close(): void {
    // The frame goes with its element.
  }
}
