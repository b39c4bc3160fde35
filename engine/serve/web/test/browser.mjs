// A browser for the tests, and what every page is watched for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const base = process.env.PAGE;
export const results = process.env.RESULTS;
export const modspec = process.env.MODSPEC;

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const screenshots = fileURLToPath(new URL("./shots/", import.meta.url));

/** Starts the browser. It asks nothing of any network but the page's. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

/**
 * Opens a place of the page in a context of its own. What goes wrong in it is
 * kept in `page.faults`: errors of scripts and console, violations of the
 * content-security policy, requests to anywhere else.
 */
export async function open(browser, place, { width = 1280, height = 900, dark = false, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light", acceptDownloads: true, ...options,
  });
  context.setDefaultTimeout(0); // run.sh has the tests' limit: how busy a machine is decides nothing
  const page = await context.newPage();
  page.faults = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") page.faults.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) page.faults.push(`${response.status()} ${response.url()}`);
  });
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== base && !["data:", "blob:"].includes(url.protocol)) page.faults.push(`request to ${url.origin}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
  });
  await page.goto(`${base}/${place}`);
  await page.waitForSelector("main > .page");
  return page;
}

/** Asserts that nothing went wrong in a page, and closes it. */
export async function finish(page) {
  const violations = await page.evaluate(() => window.violations);
  assert.deepEqual([...page.faults, ...violations], []);
  await page.context().close();
}

/** Keeps a picture of the page. */
export async function picture(page, name, fullPage = true) {
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage });
}

/** Asserts that axe finds no violation of WCAG 2 A and AA. */
export async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], iframes: false });
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary?.split("\n")[1]?.trim()})`).join("; ")}`);
  });
  assert.deepEqual(found, [], what);
}

/** How far the page reaches past the window's right edge. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Waits until the page has been drawn so many times more. */
export function frames(page, count) {
  return page.evaluate((count) => new Promise((done) => {
    const next = (left) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
    next(count);
  }), count);
}

/** Waits until a phase diagram is drawn. */
export async function drawn(page, selector = ".diagram") {
  await page.waitForSelector(`${selector} .card:not([aria-busy]) .chart-plate[data-state="drawn"] canvas`);
}
