import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { drawn, finish, frames, launch, open, picture } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const play = (page) => page.locator(".play");
const systematicity = (page) => page.locator(".s-value").textContent().then(Number);

test("theory answers at once, and play trains the network over it", async () => {
  const page = await open(browser, "#/explorer");
  await drawn(page, ".explorer");
  // P / (P + k_x r²) with the paper's P = 8, k_x = 3, r = 1; three decimals are shown.
  assert.equal(await systematicity(page), 0.727);
  await picture(page, "explorer-theory");
  await page.locator(".segment", { hasText: "4×" }).click();
  await play(page).click();
  await page.waitForFunction(() => /step (1\d\d|2\d\d) of 300/.test(document.querySelector(".step")?.textContent ?? ""));
  await play(page).click();
  const paused = await page.locator(".step").textContent();
  await picture(page, "explorer-playing");
  await frames(page, 20);
  assert.equal(await page.locator(".step").textContent(), paused, "a paused run stands still");
  await play(page).click();
  await page.waitForFunction(() => document.querySelector(".step")?.textContent === "step 300 of 300");
  // Measured now. Three decimals are shown, so half a unit of the last; what the
  // initial weights of 2·10⁻⁴ leave outside the data is a millionth.
  assert.ok(Math.abs((await systematicity(page)) - 8 / 11) <= 0.5e-3 + 1e-6);
  assert.match(await page.locator(".s-theory").textContent(), /^measured/);
  await picture(page, "explorer-done");
  await page.locator(".scrub").focus();
  await page.keyboard.press("Home");
  assert.equal(await page.locator(".step").textContent(), "step 0 of 300");
  await finish(page);
});

test("only the partitioned network is systematic", async () => {
  const page = await open(browser, "#/explorer");
  await drawn(page, ".explorer");
  for (const [arch, exact] of [["shallow", 0.727], ["split", 0.727], ["partitioned", 1], ["dense", 0.727]]) {
    await page.locator(".segment", { hasText: new RegExp(`^${arch}$`) }).click();
    await page.waitForFunction((s) => Number(document.querySelector(".s-value")?.textContent) === s, exact);
  }
  await page.locator(".trial", { hasText: "partitioned" }).click();
  await page.waitForFunction(() => document.querySelector(".s-value")?.textContent === "1.000");
  assert.equal(await page.locator(".quadrant.absent").count(), 2);
  await picture(page, "explorer-partitioned");
  await finish(page);
});

test("sliders by keyboard, kept in the address", async () => {
  const page = await open(browser, "#/explorer");
  await drawn(page, ".explorer");
  await page.getByLabel("identities in the input").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => document.querySelector(".s-value")?.textContent === "0.800"); // 8 / (8 + 2)
  await page.getByLabel("bits asked for").focus();
  await page.keyboard.press("End");
  assert.match(page.url(), /#\/explorer\?ny=3&kx=2$/);
  const other = await open(browser, new URL(page.url()).hash);
  await drawn(other, ".explorer");
  assert.equal(await systematicity(other), 0.8);
  assert.equal(await other.getByLabel("bits asked for").getAttribute("aria-valuetext"), "3");
  await finish(other);
  await finish(page);
});

test("a learning rate that is too large is said to be", async () => {
  const page = await open(browser, "#/explorer?lr=2&r=2");
  await drawn(page, ".explorer");
  await play(page).click();
  await page.waitForFunction(() => /^Training diverged at step \d+/.test(document.querySelector(".lesson-text")?.textContent ?? ""));
  await picture(page, "explorer-diverged");
  await page.locator(".trial").first().click();
  await page.waitForFunction(() => !document.querySelector(".lesson-text")?.textContent?.startsWith("Training diverged"));
  await finish(page);
});

test("two hidden layers: theory says where it ends", async () => {
  const page = await open(browser, "#/explorer?depth=2&init_scale=0.1");
  await drawn(page, ".explorer");
  await play(page).click();
  await page.waitForFunction(() => document.querySelector(".step")?.textContent === "step 300 of 300");
  await picture(page, "explorer-deep");
  await finish(page);
});
