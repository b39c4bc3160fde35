// The answers of the server, as API.md describes them.

/** One thing below DIR that can be opened. */
export interface Entry {
  readonly dir: string;
  readonly kind: "sweep" | "reproduction" | "report";
  readonly name: string;
  readonly state?: string;
  readonly copies?: number;
  readonly done?: number;
  readonly diverged?: number;
  readonly claims?: number;
  readonly holding?: number;
  readonly last?: string;
  readonly report: boolean;
  readonly problem?: string;
}

/** What DIR holds. */
export interface Folder {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly explorer: boolean;
  readonly entries: readonly Entry[];
  readonly left_out: number;
}

/** How far a sweep has come. */
export interface Status {
  readonly name: string;
  readonly state: string;
  readonly process: string;
  readonly reason: string;
  readonly copies: number;
  readonly done: number;
  readonly diverged: number;
  readonly failed: number;
  readonly shard: string;
  readonly target: number;
  readonly network_steps: number;
  readonly rate: { readonly copies: number | null; readonly network_steps: number | null };
  readonly seconds_left: number | null;
  readonly began: string;
  readonly last: string;
  readonly backend: string;
  readonly precision: string;
  readonly parts: number;
  readonly bytes: number;
  readonly problems: readonly string[];
  readonly processes: readonly Readonly<Record<string, unknown>>[];
}

/** A value of a column: texts for text columns. */
export type Value = number | string | null;

/** A column of the table runs. */
export interface Column {
  readonly name: string;
  readonly label: string;
  readonly kind: "parameter" | "result" | "prediction";
  readonly numeric: boolean;
  readonly distinct?: number;
  readonly values?: readonly Value[] | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly prediction?: string;
  /** What it is, in one line. */
  readonly doc?: string;
  /** 1 for what is shown first, 2 for the next; none for what is shown when asked for. */
  readonly rank?: number;
  /** Of a parameter: the first before it that it goes with one to one. */
  readonly with?: string;
  /** Whether it is one of a few texts. */
  readonly choice?: boolean;
}

/** A number that trajectories have at a step. */
export interface Quantity {
  readonly name: string;
  readonly label: string;
  /** The title of the panel that it shares with others; empty for a panel of its own. */
  readonly panel: string;
  readonly scale: "" | "log" | "root";
  /** The quantity that is theory's. */
  readonly prediction?: string;
  /** Of a prediction: the quantity that it is of. */
  readonly of?: string;
  readonly doc?: string;
}

/** A sweep: how far it is, its file, and what its table can be asked for. */
export interface Sweep {
  readonly dir: string;
  readonly status: Status;
  readonly sweep: string;
  readonly fingerprint: string;
  readonly trajectories: boolean;
  readonly rows: number;
  readonly version: string;
  /** The kind of the networks; empty where the files do not say. */
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly quantities: readonly Quantity[];
}

/** An axis of a phase diagram: the values on it, or the edges of its bins. */
export interface DiagramAxis {
  readonly column: string;
  readonly label: string;
  readonly values: readonly Value[] | null;
  readonly edges: readonly number[] | null;
}

/** A phase diagram, or curves where it has no y. */
export interface Diagram {
  readonly version: string;
  readonly rows: number;
  readonly matched: number;
  readonly left_out: number;
  readonly value: { readonly column: string; readonly label: string; readonly stat: string };
  readonly x: DiagramAxis;
  readonly y: DiagramAxis | null;
  readonly facet: { readonly column: string; readonly label: string; readonly choice: boolean } | null;
  readonly facets: readonly { readonly value: string; readonly cells: readonly (readonly (number | null)[])[] }[];
  readonly range: readonly [number, number] | null;
  readonly fields: readonly string[];
}

/** Numbers by quantity, one for each recorded step. */
export type Curves = Readonly<Record<string, readonly (number | null)[]>>;

/** Copies that differ only in their seed, with theory beside them. */
export interface Group {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly copies: number;
  readonly read: number;
  readonly diverged: number;
  readonly steps: readonly number[];
  readonly band: Readonly<Record<string, { readonly median: readonly (number | null)[]; readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] }>>;
  readonly lines: readonly { readonly id: string; readonly copy: number; readonly seed: string | number; readonly diverged_step: number | null; readonly values: Curves }[];
  readonly theory: { readonly kind: string; readonly copies: number; readonly median: Curves | null; readonly end: Readonly<Record<string, number | null>> | null; readonly note: string };
  readonly rows: string;
}

/** The trajectories behind a cell. */
export interface Trajectories {
  readonly version: string;
  readonly matched: number;
  readonly matched_groups: number;
  readonly varies: readonly string[];
  readonly groups: readonly Group[];
}

/** A page of the table runs. */
export interface Rows {
  readonly version: string;
  readonly matched: number;
  readonly offset: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** What the paper says, beside what was measured. */
export interface Claim {
  readonly id: string;
  readonly title: string;
  readonly pass: boolean;
  readonly measured: number | null;
  readonly relation: string;
  readonly threshold: number | null;
  readonly source: string;
  readonly detail: string;
}

/** One experiment of a reproduction. */
export interface Study {
  readonly id: string;
  readonly title: string;
  readonly claims: readonly Claim[];
  readonly figures: readonly { readonly name: string; readonly svg: string; readonly png: string; readonly caption: string; readonly alt: string }[];
}

/** The paper's experiments, computed and judged. */
export interface Reproduction {
  readonly dir: string;
  readonly name: string;
  readonly claims: number;
  readonly holding: number;
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly report: boolean;
  readonly studies: readonly Study[];
}

/** What the explorer's controls allow. */
export interface ExplorerLimits {
  readonly defaults: Readonly<Record<string, number | string>>;
  readonly limits: Readonly<Record<string, readonly [number, number]>>;
  readonly arch: readonly string[];
  readonly rule: readonly string[];
  readonly max_work: number;
  readonly max_seconds: number;
  readonly max_running: number;
}

/** A mode of the network in the explorer. */
export interface Mode {
  readonly column: string;
  readonly module: number;
  readonly kind: string;
  readonly multiplicity: number;
  readonly singular_value: number;
  readonly input_eigenvalue: number;
  readonly asymptote: number | null;
  readonly start: number | null;
  readonly half_time: number | null;
}

/** Theory's curves for one network. */
export interface Theory {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: string;
  readonly examples: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly work: number;
  readonly kind: string;
  readonly note: string;
  readonly modes: readonly Mode[];
  readonly end: Readonly<Record<string, number | null>>;
  readonly steps: readonly number[];
  readonly discrete: Curves | null;
  readonly continuous: Curves | null;
}

/** A line of the stream that training sends. */
export type TrainEvent =
  | { readonly event: "start"; readonly seed: string; readonly steps: readonly number[] }
  | { readonly event: "point"; readonly step: number; readonly values: Readonly<Record<string, number | null>> }
  | { readonly event: "end"; readonly step: number; readonly diverged: boolean; readonly seconds: number }
  | { readonly event: "error"; readonly error: string };
