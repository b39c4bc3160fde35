import { print } from "../page/theme";
import type { Drawing } from "./drawing";
import { init, type EChartsCoreOption } from "./echarts";

/** Saves a figure as SVG, its text as text. */
export function saveSvg(drawing: Drawing): void {
  const size = sizeOf(drawing);
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption(forPrint(drawing));
  const svg = chart.renderToSVGString();
  chart.dispose();
  save(new Blob([svg], { type: "image/svg+xml" }), `${drawing.file}.svg`);
}

/** Saves a figure as PNG, with three pixels to each of the page's. */
export function savePng(drawing: Drawing): Promise<void> {
  const chart = init(document.createElement("div"), null, { renderer: "canvas", devicePixelRatio: 3, ...sizeOf(drawing) });
  chart.setOption(forPrint(drawing));
  const canvas = chart.renderToCanvas({ pixelRatio: 3, backgroundColor: print.paper });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      chart.dispose();
      if (!blob) {
        reject(new Error("this browser could not make a PNG of the figure; the SVG has the same content"));
        return;
      }
      save(blob, `${drawing.file}.png`);
      resolve();
    }, "image/png");
  });
}

function sizeOf(drawing: Drawing): { width: number; height: number } {
  return { width: drawing.printWidth, height: drawing.height(drawing.printWidth) };
}

function forPrint(drawing: Drawing): EChartsCoreOption {
  return { ...drawing.option(print, sizeOf(drawing), false), backgroundColor: print.paper };
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has read the address by the next turn of its loop, but says so to nobody.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
