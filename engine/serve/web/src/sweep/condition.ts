import type { Sweep } from "../api/types";

/** A condition on rows, in its parts. */
export interface Condition {
  readonly column: string;
  readonly op: string;
  readonly value: string;
}

const operators: Readonly<Record<string, string>> = { "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥" };

/** The comparisons that conditions can make, with their signs. */
export const comparisons: readonly (readonly [string, string])[] = Object.entries(operators);

/** Takes a condition apart. */
export function parseCondition(text: string): Condition | undefined {
  const found = /^([a-z0-9_]+)(!=|<=|>=|=|<|>)(.*)$/s.exec(text);
  return found ? { column: found[1] as string, op: found[2] as string, value: found[3] as string } : undefined;
}

/** A condition as people read it. */
export function sayCondition(text: string, sweep: Sweep): string {
  const condition = parseCondition(text);
  if (!condition) return text;
  const label = sweep.columns.find((column) => column.name === condition.column)?.label ?? condition.column;
  if (condition.value === "") return `${label} ${condition.op === "=" ? "does not exist" : "exists"}`;
  const value = Number(condition.value);
  const shown = condition.value.trim() !== "" && Number.isFinite(value) && condition.value.length > 8 ? String(Number(value.toPrecision(4))) : condition.value;
  return `${label} ${operators[condition.op] ?? condition.op} ${shown}`;
}
