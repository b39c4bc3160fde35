import type { Theme } from "../page/theme";
import type { EChartsCoreOption } from "./echarts";
import type { Size } from "./panel";

/** What a table's cell holds; `press` makes a button of it. */
export type TableCell = string | { readonly text: string; readonly press: () => void };

/** A chart's numbers, for those who read them rather than see them. */
export interface TableContent {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** A figure, before anyone has said how large or on what it is drawn. */
export interface Drawing {
  /** The stem of the names of downloaded files. */
  readonly file: string;
  /** What it shows, in a sentence. */
  readonly description: string;
  /** The width of a downloaded figure. */
  readonly printWidth: number;
  /** The height it needs at a width. */
  height(width: number): number;
  /** What ECharts is told. `live` is false for a figure that is downloaded: no cursor, no tooltip. */
  option(theme: Theme, size: Size, live: boolean): EChartsCoreOption;
  table(): TableContent;
}
