// Everybody can use it: axe, keyboard, languages, small and wide screens. Pictures for the documentation come from here.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, look, mode, startMeter, until } from "./support.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PICTURES;
let meter;
let browser;
before(async () => {
  meter = await startMeter();
  browser = await launch();
  if (pictures) await mkdir(pictures, { recursive: true });
  // A day's work: loads, a tariff, something in each list.
  const page = await look(browser, meter.url);
  for (const name of ["fridge", "lights", "pump"]) await page.click(`#switch-${name}`);
  await page.click("#speed-3600");
  await until("the afternoon", async () => (await page.textContent("#clock")) > "18:30", 40);
  await page.click("#speed-1");
  await page.click("#switch-kettle");
  await page.click("#meter button:has-text('Magnet')");
  await page.waitForSelector('#events li[data-code="42"]');
  await page.click("#meter button:has-text('Magnet')");
  await page.waitForSelector('#events li[data-code="43"]');
  await meter.ask("read", ["1-0:1.8.0", "1-0:32.7.0"]);
  await page.click("#button-display");
  await page.waitForTimeout(1500);
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await meter?.clean();
});

const views = {
  light: { viewport: { width: 1600, height: 1000 }, colorScheme: "light" },
  dark: { viewport: { width: 1600, height: 1000 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", deviceScaleFactor: 2 },
  german: { viewport: { width: 1100, height: 900 }, colorScheme: "dark", locale: "de" },
};

for (const [name, options] of Object.entries(views)) {
  test(`axe finds nothing: ${name}`, async () => {
    const page = await look(browser, meter.url, options);
    await until("normal mode", async () => (await mode(page)) === "normal");
    if (pictures) await page.screenshot({ path: `${pictures}/panel-${name}.png` });
    // Playwright's own way in: the policy of the page forbids scripts of others.
    // What the glass does not light is there to be hardly seen.
    const found = await page.evaluate(
      `(() => { ${axe}; return axe.run({ exclude: [".icon:not(.on)"] }, { resultTypes: ["violations"] }); })()`);
    assert.deepEqual(found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(" ")}`), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `nothing sticks out: ${wide}`);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("every control is reached by Tab, and shows that it is", async () => {
  const page = await look(browser, meter.url);
  const reached = new Set();
  for (let i = 0; i < 70; ++i) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement?.id));
  }
  for (const id of ["button-display", "button-relay", "magnet", "cover-meter", "mains", "slider-voltage", "switch-kettle", "pause", "leap", "language"]) {
    assert.ok(reached.has(id), `${id} by Tab`);
  }
  await page.context().close();
});

test("the languages have the same keys, and a word for every event", async () => {
  const root = new URL("../../", import.meta.url);
  const keys = async (language) =>
    [...(await readFile(new URL(`web/shared/locale/${language}.ts`, root), "utf8")).matchAll(/^ {2}"([^"]+)":/gm)].map((each) => each[1]).sort();
  const english = await keys("en");
  assert.ok(english.length > 150);
  assert.deepEqual(await keys("de"), english);
  const table = await readFile(new URL("src/meter/event/event_table.hpp", root), "utf8");
  const codes = [...table.split("enum class Event :")[1].split("};")[0].matchAll(/= (\d+),/g)].map((each) => `event.${each[1]}`);
  assert.deepEqual(codes.filter((code) => !english.includes(code)), []);
});

test("language and appearance can be chosen, and stay so", async () => {
  const page = await look(browser, meter.url);
  await page.selectOption("#language", "de");
  await page.waitForSelector("h2:has-text('Der Zähler')");
  assert.equal(await page.getAttribute("html", "lang"), "de");
  await page.selectOption("#theme", "dark");
  await page.reload();
  await page.waitForSelector("h2:has-text('Der Zähler')");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  await page.context().close();
});
