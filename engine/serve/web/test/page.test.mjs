import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { accessible, base, drawn, finish, launch, open, overflow, picture } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const cell = "&cell=kx%3D3&cell=r%3D1&cell=arch%3Ddense";
const views = {
  overview: { place: "#/", ready: (page) => page.waitForSelector(".entry") },
  sweep: { place: `#/sweep?dir=first${cell}`, ready: async (page) => { await drawn(page); await drawn(page, ".trajectories"); } },
  reproduction: { place: "#/reproduction?dir=paper", ready: (page) => page.waitForSelector(".claims") },
  report: { place: "#/report?dir=paper", ready: (page) => page.frameLocator("iframe").locator("h1").waitFor() },
  explorer: { place: "#/explorer", ready: (page) => drawn(page, ".explorer") },
};

for (const [name, { place, ready }] of Object.entries(views)) {
  for (const dark of [false, true]) {
    test(`${name}: ${dark ? "dark" : "light"}, on a screen and on a phone`, async () => {
      const theme = dark ? "dark" : "light";
      const page = await open(browser, place, { dark, width: 1440 });
      await ready(page);
      assert.ok((await overflow(page)) <= 0, "nothing reaches past a screen's edge");
      const page_ = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(page_, dark ? "rgb(21, 23, 26)" : "rgb(246, 247, 248)");
      await picture(page, `${name}-${theme}`);
      await accessible(page, `${name}, ${theme}`);
      await finish(page);
      const phone = await open(browser, place, { dark, width: 375, height: 812, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
      await ready(phone);
      assert.ok((await overflow(phone)) <= 0, "nothing reaches past a phone's edge");
      await picture(phone, `${name}-${theme}-phone`);
      await accessible(phone, `${name}, ${theme}, phone`);
      await finish(phone);
    });
  }
}

test("the tables behind the charts are accessible too", async () => {
  const page = await open(browser, views.sweep.place);
  await views.sweep.ready(page);
  for (const button of await page.locator(".card-buttons button", { hasText: "Table" }).all()) await button.click();
  for (const summary of await page.locator("summary").all()) await summary.click();
  await accessible(page, "sweep with its tables");
  await finish(page);
});

test("light and dark can be chosen", async () => {
  const page = await open(browser, "#/");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const button = page.locator(".theme");
  await button.click(); // light
  await button.click(); // dark
  assert.equal(await background(), "rgb(21, 23, 26)");
  await page.reload();
  await page.waitForSelector(".entry");
  assert.equal(await background(), "rgb(21, 23, 26)", "the choice outlives the page");
  await button.click(); // auto
  assert.equal(await background(), "rgb(246, 247, 248)");
  await finish(page);
});

test("claims have their numbers and figures", async () => {
  const page = await open(browser, views.reproduction.place);
  await views.reproduction.ready(page);
  const told = await (await fetch(`${base}/api/reproduction?dir=paper`)).json();
  assert.equal(await page.locator(".claims tbody tr").count(), told.claims);
  assert.equal(await page.locator(".pill.good").count(), told.holding);
  await page.locator(".plate img").first().scrollIntoViewIfNeeded();
  await page.waitForFunction(() => (document.querySelector(".plate img")?.naturalWidth ?? 0) > 100);
  await finish(page);
});

test("what cannot be opened is said in a line", async () => {
  const page = await open(browser, "#/sweep?dir=nowhere");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.locator("[role=alert]").first().textContent(), /nowhere/);
  await accessible(page, "a refusal");
  await picture(page, "refused");
  await page.context().close();
});

test("a filter that lets nothing through leaves an empty state, and an unknown column a refusal", async () => {
  const page = await open(browser, "#/sweep?dir=first&where=kx%3D99");
  await page.waitForSelector('.diagram .chart-plate[data-state="empty"]');
  await finish(page);
  const other = await open(browser, "#/sweep?dir=first&where=nonsense%3D1");
  await other.waitForSelector(".diagram [role=alert]");
  assert.match(await other.locator(".diagram [role=alert]").textContent(), /nonsense/);
  await other.context().close();
});

test("the policy that the page keeps is in force", async () => {
  const page = await open(browser, "#/");
  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", '<p style="color: red">planted</p>'));
  await page.waitForFunction(() => window.violations.length > 0);
  assert.match((await page.evaluate(() => window.violations)).join(), /style-src/);
  await page.context().close();
});

test("the page is small", () => {
  const folder = new URL("../dist/assets/", import.meta.url);
  const size = readdirSync(folder).reduce((sum, file) => sum + statSync(new URL(file, folder)).size, 0);
  assert.ok(size < 1_000_000, `${size} bytes`);
});
