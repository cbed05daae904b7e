// What the tests of the page share: a meter of their own, the command line beside it, a browser before it.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const program = process.env.FERRARIS ?? "build/ferraris";
const run = promisify(execFile);

/** Nothing is connected at first, on a Monday at 11:50 by the clock on the wall. */
const scenario = 'start = "2026-01-05T10:50:00Z"\n';

export async function startMeter({ panel = "127.0.0.1:0", folder, extra = [] } = {}) {
  const home = folder ?? (await mkdtemp(join(tmpdir(), "ferraris-panel-")));
  await writeFile(join(home, "scenario.toml"), scenario);
  const child = spawn(program, ["meter", "--json", "--panel", panel, "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0",
    "--state", join(home, "state"), "--scenario", join(home, "scenario.toml"), "--optical", `${join(home, "optical")}?fast`, ...extra]);
  let log = "";
  child.stderr.on("data", (text) => { log += text; });
  const ready = await new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
      if (out.includes("\n")) resolve(JSON.parse(out));
    });
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`the meter ended with ${status}: ${log}`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    }
  };
  return {
    home, ready, url: ready.panel, optical: ready.lines[0], stop, log: () => log,
    /** As the utility, over TCP unless an address is given. */
    ask: async (verb, names, address = ready.tcp, client = "1") =>
      (await run(program, [verb, address, "--client", client, "--keys", ready.keys, ...names])).stdout,
    clean: async () => {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Status and output of the program where it is to fail. */
export async function fails(parameters) {
  try {
    await run(program, parameters, { timeout: 20_000 });
  } catch (error) {
    return { status: error.code, text: error.stderr };
  }
  throw new Error("the program was to fail");
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

/** A page that shows the meter, with no error and nothing from elsewhere. */
export async function look(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, locale: "en", ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("console", (message) => {
    // A lost connection is told by the browser, too.
    if (message.type() === "error" && !message.text().includes("WebSocket connection")) page.complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) page.complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector("#value-watts:not(:empty)");
  return page;
}

export const glass = (page) => page.getAttribute(".lcd", "aria-label");
export const mode = (page) => page.getAttribute("#meter", "data-mode");
export const isOn = (page, led) => page.locator(`.led.${led}`).evaluate((shape) => shape.classList.contains("on"));
export const blinks = (page, led) => page.locator(`.led.${led}`).evaluate((shape) => shape.classList.contains("blinks"));

export async function until(what, condition, seconds = 12) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
