// A person before the meter: what the page shows is what the meter says over DLMS.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { blinks, glass, isOn, launch, look, mode, startMeter, until } from "./support.mjs";

let meter;
let browser;
let page;
before(async () => {
  meter = await startMeter();
  browser = await launch();
  page = await look(browser, meter.url);
});
after(async () => {
  await browser?.close();
  await meter?.clean();
});

test("a kettle is watts, impulses and energy, as a DLMS read of the same moment has them", async () => {
  assert.equal(await page.textContent("#value-watts"), "0.0 W");
  await page.click("#switch-kettle");
  await until("2 kW", async () => (await page.textContent("#value-watts")) === "2,000.0 W");
  await page.waitForSelector(".led.active[data-impulses]", { state: "attached" });
  await page.waitForTimeout(4000);
  await page.click("#pause");
  await page.waitForSelector("#pause[aria-pressed=true]");
  await page.waitForTimeout(300);
  const shown = Number(await page.getAttribute("#energies", "data-import"));
  const impulses = Number(await page.getAttribute(".led.active", "data-impulses"));
  const value = async (name) => JSON.parse(await meter.ask("read", ["--json", name]));
  const energy = JSON.stringify(await value("1-0:1.8.0"));
  const wattHours = Number(/"raw": ?(\d+)|"value": ?(\d+)/.exec(energy)?.slice(1).find(Boolean));
  assert.equal(wattHours, Math.floor(shown / 1000), energy);
  assert.ok(shown >= 2200, `four seconds of 2 kW and more: ${shown} mWh`);
  assert.ok(Math.abs(impulses - shown / 1000) <= 1, `${impulses} impulses, ${shown} mWh`);
  assert.match(JSON.stringify(await value("1-0:1.7.0")), /2000/);
  await page.click("#speed-1");
});

test("the conversation is there as lines", async () => {
  await until("lines of talk", async () => (await page.locator("#talk li").count()) > 3);
  const text = await page.textContent("#talk ol");
  assert.match(text, /get-request|general-glo|glo-get/i);
  assert.match(text, /GET 1-0:1\.8\.0\*255:2, success/);
});

test("a magnet is a fraud event and lights the alarm", async () => {
  await page.click("#meter button:has-text('Magnet')");
  await page.waitForSelector('#events li[data-code="42"]');
  assert.ok(await isOn(page, "alarm"));
  await page.click("#meter button:has-text('Magnet')");
  await page.waitForSelector('#events li[data-code="43"]');
  assert.match(await meter.ask("profile", ["0.0.99.98.3"], meter.ready.tcp), /42/);
});

test("covers open, by hand and by keyboard, and the meter notices", async () => {
  await page.focus("#cover-terminal");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".terminalCover.open", { state: "attached" });
  await page.waitForSelector('#events li[data-code="40"]');
  await page.keyboard.press("Space");
  await page.waitForSelector('#events li[data-code="41"]');
});

test("disconnected by DLMS the LED says so, is ready, and the button connects", async () => {
  assert.ok(await isOn(page, "relay1"));
  await meter.ask("call", ["0-0:96.3.10:1"]);
  await until("LED off", async () => !(await isOn(page, "relay1")));
  await until("no watts", async () => (await page.textContent("#value-watts")) === "0.0 W");
  await meter.ask("call", ["0-0:96.3.10:2"]);
  await until("LED flashes", () => blinks(page, "relay1"));
  assert.match(await page.textContent(".meter-status"), /ready for reconnection/);
  await page.focus("#button-relay");
  await page.keyboard.press("Enter");
  await until("LED on", async () => (await isOn(page, "relay1")) && !(await blinks(page, "relay1")));
  await until("watts again", async () => (await page.textContent("#value-watts")) === "2,000.0 W");
});

test("a short press shows the next item with back-light, a long one leads to the service mode", async () => {
  await until("normal mode", async () => (await mode(page)) === "normal");
  const before = await glass(page);
  await page.click("#button-display");
  await until("another item", async () => (await glass(page)) !== before);
  assert.ok(await page.locator(".glass.light").count());
  const box = await page.locator("#button-display").boundingBox();
  await page.mouse.move(box.x + box.width - 12, box.y + box.height / 2);
  await page.mouse.down();
  await until("service mode", async () => (await mode(page)) === "service");
  await page.mouse.up();
  assert.match(await page.textContent(".meter-status"), /service/);
});

test("test mode by the optical port shows the energy with three decimals, and the glass says who talks", async () => {
  const writing = meter.ask("write", ["0-0:128.30.4:2", "bool:true"], meter.optical, "3");
  await until("test mode", async () => (await mode(page)) === "test", 25);
  await writing;
  assert.match(await glass(page), /1\.8\.\d: \d+\.\d{3}$/);
  await page.selectOption("#talk-port", "optical");
  assert.ok((await page.locator("#talk li").count()) > 2);
  await page.selectOption("#talk-port", "");
});

test("without mains the glass is dark, and everything returns with them", async () => {
  await page.click("#mains");
  await until("dark", async () => (await mode(page)) === "off");
  assert.equal(await isOn(page, "relay1"), false);
  await page.click("#button-display");
  await until("lit by the button", async () => (await mode(page)) === "normal");
  await page.click("#mains");
  await until("full screen", async () => (await mode(page)) === "full");
  await page.waitForSelector('#events li[data-code="2"]');
  await until("normal mode", async () => (await mode(page)) === "normal");
  assert.ok(Number(await page.getAttribute("#energies", "data-import")) > 2000, "energy is kept");
});

test("time goes faster, and to the next tariff change", async () => {
  await page.click("#speed-60");
  const clock = async () => (await page.textContent("#clock")).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const from = await clock();
  await page.waitForTimeout(2000);
  assert.ok((await clock()) - from > 60, "a minute a second");
  await page.click("#leap");
  await until("13:00, the low tariff", async () => (await glassTariff()) === 3, 20);
  assert.match(await page.textContent("#clock"), /^(12:59|13:0)/);
});
const glassTariff = () => page.evaluate(() => Number(document.querySelector("#energies tr.now th")?.textContent?.slice(1)));

test("nothing went wrong on the page, and nothing came from elsewhere", () => assert.deepEqual(page.complaints, []));
