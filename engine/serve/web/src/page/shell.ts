import { folder as askFolder, message } from "../api/client";
import type { Entry, Folder } from "../api/types";
import { ExplorerView } from "../explorer/view";
import { FolderView } from "../folder/view";
import { ReportView } from "../reproduction/report";
import { ReproductionView } from "../reproduction/view";
import { SweepView } from "../sweep/view";
import { here, settle } from "./address";
import { element, fill, say } from "./dom";
import { choice, choose, type Choice } from "./theme";
import type { View } from "./view";

/** The page's frame: what DIR is, where one can go, light or dark, and the view. */
export class Shell {
  readonly element: HTMLElement;
  private readonly main: HTMLElement;
  private readonly nav: HTMLElement;
  private readonly foot: HTMLElement;
  private readonly said: HTMLElement;
  private view: View | undefined;
  private shown = "";
  private drawn = "";
  private folder: Folder | undefined;

  constructor() {
    this.main = element("main", { id: "main", tabindex: "-1" });
    this.nav = element("nav", { "aria-label": "Views" });
    this.foot = element("footer", { class: "foot" });
    this.said = element("p", { class: "unseen", role: "status" });
    this.element = element("div", { class: "shell" },
      element("a", { class: "skip", href: "#main", on: { click: (event) => { event.preventDefault(); this.main.focus(); } } }, "Skip to the content"),
      element("header", { class: "bar" },
        element("a", { class: "brand", href: "#/" }, element("img", { src: "./icon.svg", alt: "", width: "26", height: "26" }), element("span", {}, "modspec")),
        this.nav, themeButton()),
      this.said, this.main, this.foot);
    addEventListener("hashchange", () => this.go());
    void this.start();
  }

  private async start(): Promise<void> {
    fill(this.main, element("p", { class: "notice" }, element("span", { class: "spinner", "aria-hidden": "true" }), "Loading …"));
    try {
      this.learn(await askFolder());
      this.go();
    } catch (error) {
      fill(this.main, element("div", { class: "notice" }, element("p", { role: "alert" }, message(error)),
        element("button", { type: "button", on: { click: () => void this.start() } }, "Try again")));
    }
  }

  /** Takes what DIR holds, at first and whenever that changes. */
  private learn(folder: Folder): void {
    this.folder = folder;
    const version = folder.version === "unknown" ? "" : ` ${folder.version}`;
    const commit = folder.commit && folder.commit !== "unknown" ? `, commit ${folder.commit.slice(0, 12)}` : "";
    fill(this.foot, `modspec${version}${commit}. Theory and experiments of Jarvis, Klein, Rosman and Saxe, “On The Specialization of Neural Modules”, ICLR 2023. `, element("a", { href: "./licences.txt" }, "Licences"));
    this.navigate();
  }

  private navigate(): void {
    if (!this.folder) return;
    const { view, parameters } = here();
    const links: { href: string; text: string; now: boolean }[] = [
      { href: "#/", text: this.folder.entries.length === 1 ? (this.folder.entries[0] as Entry).name : "Results", now: view !== "explorer" },
    ];
    if (this.folder.explorer) links.push({ href: "#/explorer", text: "Explorer", now: view === "explorer" });
    const drawn = JSON.stringify([links, view, parameters.get("dir")]);
    if (drawn === this.drawn) return; // nothing new, and a link may have the focus
    this.drawn = drawn;
    const link = ({ href, text, now }: (typeof links)[number]) => element("a", { href, "aria-current": now ? "page" : false }, text);
    const [results, ...rest] = links.map(link);
    const deeper = view !== "" && view !== "explorer" && this.folder.entries.length > 1;
    fill(this.nav, results, deeper ? element("span", { class: "where" }, `› ${parameters.get("dir") || this.folder.name}`) : null, ...rest);
  }

  private go(): void {
    const folder = this.folder;
    if (!folder) return;
    let place = here();
    const only = folder.entries.length === 1 ? folder.entries[0] : undefined;
    if (place.view === "" && only && !only.problem) {
      place = { view: only.kind, parameters: new URLSearchParams(only.dir ? { dir: only.dir } : {}) };
      settle(place);
    }
    const dir = place.parameters.get("dir") ?? "";
    const name = `${place.view}\n${dir}`;
    if (name !== this.shown || !this.view) {
      this.view?.close();
      this.view = this.make(place.view, dir, folder);
      this.shown = name;
      fill(this.main, this.view.element);
      scrollTo(0, 0);
    }
    this.view.show(place.parameters);
    document.title = `${this.view.title} · modspec`;
    say(this.said, this.view.title);
    this.navigate();
  }

  private make(view: string, dir: string, folder: Folder): View {
    const learn = (news: Folder) => this.learn(news);
    const entry = folder.entries.find((one) => one.dir === dir);
    switch (view) {
      case "sweep": return new SweepView(dir, learn);
      case "reproduction": return new ReproductionView(dir);
      case "report": return new ReportView(dir, entry?.name ?? dir);
      case "explorer": return new ExplorerView();
      default: return new FolderView(folder, learn);
    }
  }
}


function themeButton(): HTMLElement {
  const names: Record<Choice, string> = { auto: "Auto", light: "Light", dark: "Dark" };
  const next: Record<Choice, Choice> = { auto: "light", light: "dark", dark: "auto" };
  const button = element("button", {
    type: "button", class: "quiet theme",
    on: { click: () => { choose(next[choice()]); name(); } },
  });
  const name = () => {
    fill(button, element("span", { class: "disc", "aria-hidden": "true" }), element("span", { class: "theme-name" }, names[choice()]));
    button.setAttribute("aria-label", `Colours: ${names[choice()].toLowerCase()}. Change to ${names[next[choice()]].toLowerCase()}.`);
  };
  name();
  return button;
}
