// What the page chooses to show first; and what is written along axes and colour bars tells their places apart, and is true.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const load = async (file) => (await runnerImport(fileURLToPath(new URL(`../src/${file}`, import.meta.url)), { configFile: false })).module;
const { number, numbers } = await load("page/number.ts");
const { linear, logarithmic } = await load("chart/scale.ts");
const { placeName } = await load("chart/cells.ts");
const { HeatmapDrawing } = await load("chart/heatmap.ts");
const { CurvesDrawing } = await load("chart/curves.ts");

/** The labels of a scale, digits together. */
const labels = (scale) => scale.ticks.map((tick) => tick.label.replaceAll("\u2009", ""));

/** A number as it is read back from a label. */
function read(label) {
  const [, mantissa, power] = /^(?:([\d.]+)(?:·|$))?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(label.replaceAll("\u2009", "")) ?? assert.fail(`no number: ${label}`);
  const exponent = [...(power ?? "⁰")].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).map((i) => (i === 0 ? "-" : i - 1)).join("");
  return Number(`${mantissa ?? 1}e${exponent}`);
}

test("numbers of one axis have as many digits as tell them apart", () => {
  assert.deepEqual(numbers([0.0010001, 0.0010002]), ["0.0010001", "0.0010002"]);
  assert.deepEqual(numbers([1e-4, 3.1623e-4, 1e-3]), ["10⁻⁴", "3.16·10⁻⁴", "0.001"]);
  assert.deepEqual(numbers([2 / 3]), [number(2 / 3)]);
  assert.deepEqual(numbers([12345, 12345.5]).map(read), [12345, 12345.5]);
  const tight = [12345678901, 12345678902, 12345678912];
  assert.deepEqual(numbers(tight).map(read), tight);
});

test("the places of a diagram have different names", () => {
  const values = { column: "lr", label: "lr", edges: null, values: [0.0010001, 0.0010002, null, "auto"] };
  assert.deepEqual(values.values.map((_, i) => placeName(values, i)), ["0.0010001", "0.0010002", "none", "auto"]);
  const edges = { column: "lr", label: "lr", values: null, edges: [1, 1.0001, 1.0002] };
  assert.deepEqual([0, 1].map((i) => placeName(edges, i)), ["1 … 1.0001", "1.0001 … 1.0002"]);
});

test("ticks are what their labels say", () => {
  assert.deepEqual(labels(linear(99, 101)), ["99", "99.5", "100", "100.5", "101"]);
  for (const [from, to] of [[0, 1], [12345, 12347], [1e-9, 1.1e-9], [0.999, 1.001], [3e8, 3.0001e8], [0.1, 7]]) {
    for (const scale of from > 0 ? [linear(from, to), logarithmic(from, to)] : [linear(from, to)]) {
      for (const tick of scale.ticks) {
        const value = scale.log ? 10 ** tick.place : tick.place;
        // The logarithm and its power round by some 10⁻¹⁵ of its size, at most 8.5 here, times log 10.
        assert.ok(Math.abs(read(tick.label) - value) <= 1e-13 * value, `${tick.label} stands at ${value}`);
      }
    }
  }
  assert.ok(linear(100, 100 + 1.5e-14).ticks.length < 20, "ticks closer than rounding");
});

test("an axis of whole numbers has whole ticks", () => {
  assert.deepEqual(labels(linear(12345, 12347, 5, true)), ["12345", "12346", "12347"]);
  assert.deepEqual(labels(logarithmic(12345, 12347, 6, true)), ["12345", "12346", "12347"]);
  const panel = { title: "", x: [12345, 12346, 12347], xLabel: "data seed", yLabel: "loss", lines: [{ name: "loss", hue: 0, style: "solid", y: [1, 2, 3] }], bands: [], xLog: false, yLog: false };
  const curves = new CurvesDrawing({ file: "f", title: "t", panels: [panel], key: [] });
  assert.deepEqual(labels(curves.scales[0].x), ["12345", "12346", "12347"]);
  const halves = new CurvesDrawing({ file: "f", title: "t", panels: [{ ...panel, x: [0, 0.5, 1] }], key: [] });
  assert.deepEqual(labels(halves.scales[0].x), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
});

test("the colour bar of a constant tells its ticks apart", () => {
  const axis = (column) => ({ column, label: column, edges: null, values: [1, 2] });
  const cells = [[0, 0, 100], [1, 0, 100], [0, 1, 100], [1, 1, 100 + 1.5e-14]];
  const diagram = { x: axis("a"), y: axis("b"), facet: null, facets: [{ value: "", cells }], fields: ["x", "y", "value"] };
  const { bar } = new HeatmapDrawing({ file: "f", diagram, valueLabel: "v", logColour: false, ratio: false, xLog: false, yLog: false, pick: () => {} });
  assert.deepEqual(labels(bar), ["99", "99.5", "100", "100.5", "101"]);
});

test("a sweep opens on two parameters that do not go together", async () => {
  const { readChoice } = await load("sweep/choice.ts");
  const parameter = (name, more = {}) => ({ name, label: name, kind: "parameter", numeric: true, distinct: 2, ...more });
  const columns = [
    parameter("rules"), parameter("modules", { with: "rules" }), parameter("lr"),
    { name: "last_step", label: "last step", kind: "result", numeric: true },
    { name: "test_loss", label: "test loss", kind: "result", numeric: true, rank: 2 },
    { name: "ood_loss", label: "loss out of distribution", kind: "result", numeric: true, rank: 1 },
  ];
  const choice = (query, of = columns) => { const { x, y, value } = readChoice(new URLSearchParams(query), { columns: of }); return [x, y, value]; };
  assert.deepEqual(choice(""), ["rules", "lr", "ood_loss"]);
  assert.deepEqual(choice("x=modules"), ["modules", "lr", "ood_loss"]);
  assert.deepEqual(choice("", columns.filter((column) => column.name !== "lr")), ["rules", "", "ood_loss"]);
});
