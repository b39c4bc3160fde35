import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { base, drawn, finish, launch, modspec, open, picture, results } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const first = "#/sweep?dir=first";

/** The rows of a chart's table, opened by its button. */
async function table(page, card) {
  const button = page.locator(`${card} .card-buttons button`, { hasText: "Table" });
  if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  return page.locator(`${card} .chart-table tbody tr`).evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

/** A point in the middle of a cell, from the chart's own layout: the diagram's host and the shares of its panel. */
async function clickCell(page, row) {
  await table(page, ".diagram");
  await page.locator(".diagram .chart-table tbody tr").nth(row).locator("button").click();
}

/**
 * By how much, as a share, a shown S may miss P / (P + k_x r²) at n_y = k_y = 1.
 * Four digits are shown, which leaves half a unit of the last. And training never
 * touches the weights' part outside the data: k_x P inputs at most, of variance σ²
 * each, times the second layer's squared weight a₁, add σ² k_x P a₁ to Γx→Ωy beside
 * the c_y a₁² of all of Ωy. A mean over ten seeds stays below four times that.
 */
function deviation(kx, r) {
  const P = 8;
  const sigma = 0.1 / 50; // the larger of the starting scales
  const a1 = Math.sqrt((r * r + P) / (kx * r * r + P));
  const cy = P / (r * r + P);
  return 0.5e-3 + (4 * sigma ** 2 * kx * P) / (cy * a1);
}

test("the diagram's numbers are theory's", async () => {
  const page = await open(browser, first);
  await drawn(page);
  const rows = await table(page, ".diagram");
  assert.equal(rows.length, 54);
  for (const [arch, kx, r, measured] of rows) {
    // P / (P + k_x r²) with P = 8, and 1 for the network whose module does not see Γ_x.
    const exact = arch === "partitioned" ? 1 : 8 / (8 + Number(kx) * Number(r) ** 2);
    assert.ok(Math.abs(Number(measured) - exact) <= exact * deviation(Number(kx), Number(r)), `${arch} k_x=${kx} r=${r}: ${measured}, not ${exact}`);
  }
  const said = await page.locator(".diagram .chart-host").getAttribute("aria-label");
  assert.match(said, /Dashed lines show where theory has the values/);
  await picture(page, "sweep-diagram");
  await finish(page);
});

test("a click on a cell shows its curves", async () => {
  const page = await open(browser, first);
  await drawn(page);
  const box = await page.locator(".diagram .chart-host").boundingBox();
  await page.mouse.click(box.x + box.width * 0.2, box.y + box.height * 0.55);
  await drawn(page, ".trajectories");
  assert.match(page.url(), /cell=arch%3D(dense|partitioned|split)/);
  const label = await page.locator(".trajectories .chart-host").getAttribute("aria-label");
  for (const name of ["mode 1", "mode 2", "mode 3", "Ωx→Ωy", "training"]) assert.ok(label.includes(name), `${name} in "${label}"`);
  const rows = await table(page, ".trajectories");
  assert.ok(rows.length > 20);
  assert.ok(await page.locator(".trajectories thead th", { hasText: "mode 1, theory" }).count());
  await picture(page, "sweep-trajectories");
  await page.getByLabel("single seeds").check();
  await page.getByLabel("log steps").check();
  await drawn(page, ".trajectories");
  assert.match(page.url(), /seeds=1&steplog=1/);
  await picture(page, "sweep-seeds");
  await finish(page);
});

test("mode strengths end at their asymptotes", async () => {
  const page = await open(browser, `${first}&cell=kx%3D3&cell=r%3D1&cell=arch%3Ddense`);
  await drawn(page, ".trajectories");
  const rows = await table(page, ".trajectories");
  const heads = await page.locator(".trajectories thead th").allTextContents();
  const last = rows[rows.length - 1];
  // λ/δ for P = 8, k_x = 3, k_y = 1, r = 1.
  const ends = { "strength of mode 1": Math.sqrt(9 / 11), "strength of mode 2": Math.sqrt(1 / 11), "strength of mode 3": Math.sqrt(1 / 3) };
  for (const [name, exact] of Object.entries(ends)) {
    const shown = Number(last[heads.indexOf(name)]);
    // Four digits are shown: half a unit of the last one, and float32 training ends nearer than that.
    assert.ok(Math.abs(shown - exact) <= 0.5e-3 * exact, `${name} ends at ${shown}, not ${exact}`);
  }
  await finish(page);
});

test("the keyboard alone reaches a cell and its curves", async () => {
  const page = await open(browser, first);
  await drawn(page);
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.matches(".diagram .chart-host"))) break;
  }
  assert.ok(await page.evaluate(() => document.activeElement?.matches(".diagram .chart-host")), "the diagram takes the focus");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("PageDown");
  const said = await page.locator(".diagram [role=status]").first().textContent();
  assert.match(said, /architecture partitioned, k_x 2, r 0\.5: systematicity S, mean 1/);
  await picture(page, "sweep-keyboard", false);
  await page.keyboard.press("Enter");
  await drawn(page, ".trajectories");
  assert.deepEqual(new URLSearchParams(new URL(page.url()).hash.split("?")[1]).getAll("cell"), ["kx=2", "r=0.5", "arch=partitioned"]);
  await finish(page);
});

test("an address brings back the whole view", async () => {
  const page = await open(browser, first);
  await drawn(page);
  await page.getByLabel("Across", { exact: true }).selectOption("r");
  await page.getByLabel("Colour", { exact: true }).selectOption("train_loss/pred_train_loss");
  await page.getByLabel("Of a cell’s copies").selectOption("median");
  await page.getByLabel("log colour").check();
  await page.getByLabel("Filter: column").selectOption("arch");
  await page.getByLabel("Filter: comparison").selectOption("!=");
  await page.getByLabel("Filter: value").fill("split");
  await page.getByRole("button", { name: "Add" }).click();
  await page.waitForFunction(() => document.querySelector(".note")?.textContent?.startsWith("360 of 540"));
  await clickCell(page, 4);
  await drawn(page, ".trajectories");
  const state = (p) => p.evaluate(() => ({
    selects: [...document.querySelectorAll(".controls select")].slice(0, 5).map((s) => s.value),
    ticks: [...document.querySelectorAll(".ticks input")].map((t) => t.checked),
    chips: [...document.querySelectorAll(".chip")].map((c) => c.textContent),
    note: document.querySelector(".note")?.textContent,
    title: document.querySelector(".trajectories .card-title")?.textContent,
  }));
  const mine = await state(page);
  const colleague = await open(browser, new URL(page.url()).hash);
  await drawn(colleague);
  await drawn(colleague, ".trajectories");
  assert.deepEqual(await state(colleague), mine);
  assert.equal(colleague.url(), page.url());
  await picture(colleague, "sweep-address");
  await finish(colleague);
  await finish(page);
});

test("figures and rows can be taken along", async () => {
  const page = await open(browser, `${first}&where=arch%3Ddense&cell=kx%3D3&cell=r%3D1&cell=arch%3Ddense`);
  await drawn(page);
  await drawn(page, ".trajectories");
  const take = async (locator) => {
    const [download] = await Promise.all([page.waitForEvent("download"), locator.click()]);
    return readFile(await download.path());
  };
  for (const card of [".diagram", ".trajectories"]) {
    const svg = (await take(page.locator(`${card} .card-buttons button`, { hasText: "SVG" }))).toString();
    assert.match(svg, /^<svg/);
    assert.ok(svg.includes(card === ".diagram" ? "systematicity S, mean" : "Mode strengths"));
    const png = await take(page.locator(`${card} .card-buttons button`, { hasText: "PNG" }));
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.ok(png.length > 10_000, "the picture is not blank");
  }
  const csv = (await take(page.locator(".diagram a", { hasText: "CSV" }))).toString().trim().split("\n");
  assert.equal(csv.length, 1 + 180, "a head, and the rows of one architecture");
  assert.equal((await take(page.locator(".diagram a", { hasText: "Parquet" }))).subarray(0, 4).toString(), "PAR1");
  const trajectories = (await take(page.locator(".about a", { hasText: "CSV" }).first())).toString().trim().split("\n");
  assert.ok(trajectories.length > 10 * 20, "a row for each recorded step of ten seeds");
  await finish(page);
});

test("copies that diverged are listed with their parameters", async () => {
  const page = await open(browser, "#/sweep?dir=diverging&x=lr&y=r&xlog=1&stat=diverged&facet=arch");
  await drawn(page);
  await page.locator("summary", { hasText: "diverged" }).click();
  await page.waitForSelector(".fold[open] tbody tr");
  const answer = await (await fetch(`${base}/api/sweep/rows?dir=diverging&where=diverged_step!%3D&limit=1`)).json();
  assert.ok(answer.matched > 0);
  assert.ok((await page.locator("summary", { hasText: "diverged" }).textContent()).startsWith(`${answer.matched} `));
  assert.ok((await page.locator(".fold[open] thead th").allTextContents()).includes("learning rate η"));
  await picture(page, "sweep-diverged");
  await finish(page);
});

test("curves over one parameter", async () => {
  const page = await open(browser, `${first}&x=r&y=&facet=kx&where=arch%3Ddense`);
  await drawn(page);
  const box = await page.locator(".diagram .chart-host").boundingBox();
  await page.mouse.click(box.x + box.width * 0.33, box.y + box.height * 0.5);
  await drawn(page, ".trajectories");
  assert.match(page.url(), /cell=r%3D1(&|$)/);
  await picture(page, "sweep-curves");
  await finish(page);
});

test("a parameter that is wanted on the other axis changes places", async () => {
  const page = await open(browser, first);
  await drawn(page);
  await page.getByLabel("Across", { exact: true }).selectOption("r");
  assert.match(page.url(), /x=r&y=kx&.*facet=arch/);
  await page.getByLabel("Up", { exact: true }).selectOption("arch");
  assert.match(page.url(), /x=r&y=arch&.*facet=kx/);
  await drawn(page);
  await finish(page);
});

test("a diagram of as many cells as there may be", async () => {
  const page = await open(browser, "#/");
  const n = 256;
  const edges = Array.from({ length: n + 1 }, (_, i) => i / 64);
  const cells = Array.from({ length: n * n }, (_, i) => [i % n, Math.floor(i / n), Math.sin((i % n) / 40) * Math.cos(i / n / 30), 15, 0]);
  await page.route("**/api/sweep/diagram*", (route) => route.fulfill({
    json: {
      version: "v", rows: 1_000_000, matched: 1_000_000, left_out: 0, value: { column: "systematicity", label: "systematicity S", stat: "mean" },
      x: { column: "lr", label: "learning rate η", values: null, edges }, y: { column: "r", label: "r", values: null, edges },
      facet: null, facets: [{ value: "", cells }], range: [-1, 1], fields: ["x", "y", "value", "count", "diverged"],
    },
  }));
  await page.goto(`${base}/#/sweep?dir=diverging&x=lr&y=r&facet=`);
  await drawn(page);
  await page.locator(".diagram .chart-host").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "Enter"]) await page.keyboard.press(key);
  // The first arrow shows the cursor, the others move it: to bin 1 across and 1 up, from 1/64 to 2/64.
  assert.deepEqual(new URLSearchParams(new URL(page.url()).hash.split("?")[1]).getAll("cell"), ["lr>=0.015625", "lr<0.03125", "r>=0.015625", "r<0.03125"]);
  await picture(page, "sweep-large");
  await finish(page);
});

test("a running sweep's progress moves, and its diagram with it", async () => {
  const run = promisify(execFile);
  const shards = 6;
  const shard = (i) => run(modspec, ["sweep", "run", "test/growing.yaml", "--out", `${results}/growing`, "--shard", `${i}/${shards}`]);
  await shard(1);
  const page = await open(browser, "#/sweep?dir=growing");
  await drawn(page);
  const done = () => page.locator(".progress [role=progressbar]").getAttribute("aria-valuenow").then(Number);
  const seen = [await done()];
  let copies = await page.locator(".diagram .note").textContent();
  for (let i = 2; i <= shards; i++) {
    await shard(i);
    await page.waitForFunction((before) => Number(document.querySelector(".progress [role=progressbar]")?.getAttribute("aria-valuenow")) > before, seen[seen.length - 1]);
    seen.push(await done());
    if (i === 3) await picture(page, "sweep-running");
  }
  assert.equal(seen[seen.length - 1], 2 * 3 * 3 * 4);
  await page.waitForFunction(() => document.querySelector(".diagram .note")?.textContent?.startsWith("72 of 72"));
  assert.notEqual(await page.locator(".diagram .note").textContent(), copies);
  await finish(page);
});
