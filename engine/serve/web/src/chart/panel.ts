import type { Theme } from "../page/theme";
import { thinned, type Scale } from "./scale";

/** Where a panel's axes lie in the figure, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The size of a figure, in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How wide a text is likely to be, in CSS pixels; wide enough for the letters that labels have. */
export function textWidth(text: string, size = 12): number {
  return [...text].length * size * 0.58;
}

/** A grid that stands exactly where its box is. */
export function grid(box: Box): object {
  const { left, top, width, height } = box;
  return { left, top, width, height, containLabel: false, outerBoundsMode: "none" };
}

/** An axis of a panel. */
export function axis(along: "x" | "y", gridIndex: number, scale: Scale, name: string, box: Box, theme: Theme, lines: boolean): object {
  const length = along === "x" ? box.width : box.height;
  const ticks = thinned(scale.ticks, scale, length, (label) => (along === "x" ? textWidth(label, 12) + 10 : 17));
  const customValues = ticks.map((tick) => tick.place);
  const labels = new Map(ticks.map((tick) => [tick.place, tick.label]));
  const widest = Math.max(0, ...ticks.map((tick) => textWidth(tick.label, 12)));
  return {
    type: "value", gridIndex, min: scale.from, max: scale.to, animation: false,
    name: scripted(name), nameLocation: "middle", nameGap: along === "x" ? 26 : widest + 16,
    nameTextStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font, rich: lowered(theme, 9) },
    nameMoveOverlap: false,
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.axis } },
    axisTick: { show: true, customValues, lineStyle: { color: theme.axis } },
    axisLabel: {
      customValues, color: theme.soft, fontSize: 12, fontFamily: theme.font, hideOverlap: false, margin: 7,
      showMinLabel: true, showMaxLabel: true,
      formatter: (place: number) => labels.get(place) ?? nearest(ticks, place),
    },
    splitLine: { show: lines, customValues, lineStyle: { color: theme.grid } },
  };
}

/** A panel's or figure's title. */
export function title(text: string, left: number, top: number, theme: Theme, weight: number | string = 600, size = 13): object {
  return { text: scripted(text), left, top, padding: 0, textStyle: { color: theme.ink, fontSize: size, fontWeight: weight, fontFamily: theme.font, lineHeight: size + 4, rich: lowered(theme, size - 3) } };
}

/** How the letters look that `scripted` sets low. */
export function lowered(theme: Theme, fontSize: number): object {
  return { low: { fontSize, verticalAlign: "bottom", color: theme.ink, fontFamily: theme.font } };
}

/** A label with what follows an underscore set low. */
export function scripted(label: string): string {
  return label.replace(/_([A-Za-z0-9])/g, "{low|$1}");
}

function nearest(ticks: readonly { place: number; label: string }[], place: number): string {
  let best: { place: number; label: string } | undefined;
  for (const tick of ticks) if (!best || Math.abs(tick.place - place) < Math.abs(best.place - place)) best = tick;
  return best?.label ?? "";
}
