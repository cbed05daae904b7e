// Bad input: lost connections, two browsers, a speed too high, malformed requests, other origins, a busy port.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { fails, launch, look, startMeter, until } from "./support.mjs";

let meter;
let browser;
before(async () => {
  meter = await startMeter();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await meter?.clean();
});

const where = () => new URL(meter.url);
const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==" };

function status(path, { method = "GET", headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: where().hostname, port: where().port, path, method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** What comes back to these octets, until the server closes. */
function raw(octets) {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(where().port), where().hostname, () => socket.write(octets));
    socket.on("data", (text) => { answer += text; });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

test("other origins and hosts are refused, malformed requests too", async () => {
  const own = where().host;
  assert.equal(await status("/", { headers: { Host: "evil.example" } }), 421);
  assert.equal(await status("/", { headers: { Origin: "http://evil.example" } }), 403);
  assert.equal(await status("/live", { headers: { ...upgrade, Origin: "http://evil.example" } }), 403);
  assert.equal(await status("/live", { headers: { ...upgrade, Origin: `http://${own}` } }), 101);
  assert.equal(await status("/live"), 426);
  assert.equal(await status("/", { method: "POST" }), 405);
  assert.equal(await status("/../etc/passwd"), 404);
  assert.match(await raw("nonsense\r\n\r\n"), /^HTTP\/1\.1 400/);
  assert.match(await raw(`GET / HTTP/1.1\r\nX: ${"a".repeat(9000)}\r\n\r\n`), /^HTTP\/1\.1 4\d\d/);
  assert.match(await raw(`GET /live HTTP/1.1\r\nHost: ${own}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 1\r\n\r\n`), /^HTTP\/1\.1 4\d\d/);
  await until("lines in the log", () => /refused a malformed request/.test(meter.log()) && /another origin/.test(meter.log()));
});

test("messages that are no commands are refused, and too many end the connection", async () => {
  const page = await look(browser, meter.url);
  const talk = (messages, wanted) => page.evaluate(([all, count]) => new Promise((resolve) => {
    const answers = [];
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.onopen = () => all.forEach((each) => socket.send(each === "binary" ? new Uint8Array([1, 2]) : each));
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if ("refused" in message || "done" in message) answers.push(message);
      if (answers.length === count) socket.close();
    };
    socket.onclose = (event) => resolve({ answers, code: event.code });
  }), [messages, wanted]);
  const { answers } = await talk(["{", "binary", '{"do":"explode","id":5}', '{"do":"voltage","value":1e9}', '{"do":"magnet","value":false,"id":9}'], 5);
  assert.deepEqual(answers.map((each) => each.refused ?? each.done), [null, null, 5, null, 9].map((id) => id ?? undefined).map((id, i) => (i === 4 ? 9 : id)));
  assert.equal((await talk(Array(40).fill("{"), 1000)).code, 1008);
  assert.equal((await talk(["x".repeat(600)], 1000)).code, 1009);
  await page.context().close();
});

test("two browsers see one meter", async () => {
  const first = await look(browser, meter.url);
  const second = await look(browser, meter.url);
  await first.click("#switch-heater");
  await second.waitForSelector("#switch-heater[aria-pressed=true]");
  await until("3 kW in both", async () =>
    (await first.textContent("#value-watts")) === "3,000.0 W" && (await second.textContent("#value-watts")) === "3,000.0 W");
  await second.click("#switch-heater");
  await first.waitForSelector("#switch-heater[aria-pressed=false]");
  await first.context().close();
  await second.context().close();
});

test("a speed that the machine cannot keep is told", async () => {
  const page = await look(browser, meter.url);
  await page.click("#speed-3600");
  const reached = await page.evaluate(() => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.onmessage = (event) => {
      const { time } = JSON.parse(event.data);
      if (time?.reached === undefined) return;
      socket.close();
      resolve(time.reached);
    };
  }));
  assert.ok(reached > 3, `seconds of the meter in one of ours: ${reached}`);
  const said = async () => /reaches ×/.test(await page.textContent("#time"));
  if (reached < 3000) await until("the page says so", said);
  await page.click("#speed-1");
  await until("real time", async () => !(await said()));
  await page.context().close();
});

test("a page that lost its meter says so and goes on when it is back", async () => {
  const page = await look(browser, meter.url);
  const { home, url } = meter;
  await meter.stop();
  await page.waitForSelector("body.offline", { state: "attached" });
  assert.match(await page.textContent(".connection"), /Connection lost/);
  meter = await startMeter({ panel: new URL(url).host, folder: home });
  await page.waitForSelector("body:not(.offline)", { state: "attached", timeout: 15_000 });
  await page.click("#switch-kettle");
  await until("2 kW", async () => (await page.textContent("#value-watts")) === "2,000.0 W");
  await page.context().close();
});

test("a busy port is one line", async () => {
  const { status, text } = await fails(["meter", "--panel", where().host, "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0",
    "--keys", meter.ready.keys]);
  assert.notEqual(status, 0);
  assert.match(text, new RegExp(`the panel cannot listen on ${where().host.replace(/\./g, "\\.")}: Address already in use`));
  assert.equal(text.trim().split("\n").length, 1, text);
});
