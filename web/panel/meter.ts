// The meter on the wall: drawn, and worked by hand or keyboard.
import type { Front, Identity, Live, Measured, State } from "../shared/api";
import { card, h, s, setAttribute, setText } from "../shared/dom";
import { t, type Key } from "../shared/i18n";
import { Lcd } from "./lcd";
import { barCode } from "./bar_code";

interface Led {
  shape: SVGElement;
  title: SVGTitleElement;
  name: Key;
}
interface Cover {
  group: SVGGElement;
  name: Key;
  state: "meterCover" | "terminalCover" | "batteryCover" | "relayCover";
}

/** Of a pulse LED: the energy of the last second is spread over the next one, as the meter's LED does. */
class Pulses {
  private from = 0;
  private to = 0;
  private since = 0;
  private span = 1000;
  private litUntil = 0;
  private shown = 0;
  private known = false;

  update(impulses: number, seconds: number, now: number): void {
    const step = impulses - this.to;
    // Back after a loss of connection, or another meter: nothing to make up for.
    const leap = !this.known || step < 0 || seconds > 60_000;
    this.from = leap ? impulses : this.at(now);
    this.to = impulses;
    this.since = now;
    this.span = Math.max(seconds, 50);
    if (leap) this.shown = Math.floor(impulses);
    this.known = true;
  }
  isLit(now: number): boolean {
    const whole = Math.floor(this.at(now));
    if (whole > this.shown) this.litUntil = now + 70;
    this.shown = whole;
    return now < this.litUntil;
  }
  get count(): number {
    return this.shown;
  }
  private at(now: number): number {
    return this.from + (this.to - this.from) * Math.min(1, (now - this.since) / this.span);
  }
}

export class Meter {
  readonly element: HTMLElement;
  private readonly lcd = new Lcd(40, 84);
  private readonly leds: Partial<Record<"active" | "reactive" | "alarm" | "module" | "relay1" | "relay2", Led>> = {};
  private readonly covers: Cover[] = [];
  private readonly magnet: SVGGElement;
  private readonly magnetSwitch: HTMLButtonElement;
  private readonly coverSwitches: [Cover["state"], HTMLButtonElement][] = [];
  private readonly status = h("p", { class: "meter-status", role: "status" });
  private readonly plate = s("g", { class: "plate" });
  private readonly hint = h("p", { class: "hint" });
  private readonly buttons: Partial<Record<"display" | "relay", SVGGElement>> = {};
  private readonly optical: SVGGElement;
  private readonly pulses = { active: new Pulses(), reactive: new Pulses() };
  private front?: Front;
  private lastAt = 0;

  constructor(private readonly live: Live) {
    this.optical = s("g", { class: "optical" },
      s("circle", { class: "optical-ring", cx: 180, cy: 315, r: 25 }),
      s("circle", { class: "optical-face", cx: 180, cy: 315, r: 20 }),
      s("circle", { class: "optical-eye", cx: 173, cy: 315, r: 3.6 }),
      s("circle", { class: "optical-eye", cx: 187, cy: 315, r: 3.6 }),
      s("title", {}, t("optical")));
    this.magnet = s("g", { class: "magnet" },
      s("path", { class: "magnet-body", d: "M0 0H14V26A9 9 0 0 0 32 26V0H46V26A23 23 0 0 1 0 26Z" }),
      s("path", { class: "magnet-pole", d: "M0 0H14V10H0ZM32 0H46V10H32Z" }));
    const drawing = s("svg", { class: "meter-drawing", viewBox: "0 0 400 590", role: "group", "aria-label": t("meter.drawing") },
      s("rect", { class: "shadow", x: 17, y: 18, width: 342, height: 560, rx: 22 }),
      s("path", { class: "hanger", d: "M150 14A30 14 0 0 1 210 14L206 24H154Z" }),
      s("rect", { class: "base", x: 12, y: 12, width: 336, height: 560, rx: 20 }),
      this.terminals(),
      s("rect", { class: "inside", x: 24, y: 24, width: 312, height: 362, rx: 10 }),
      s("path", { class: "board", d: "M44 60H316V240H44ZM44 260H150V370H44ZM210 260H316V370H210Z" }),
      this.cover("cover.meter", "meterCover",
        s("rect", { class: "face", x: 20, y: 20, width: 320, height: 370, rx: 14 }),
        s("text", { class: "brand", x: 40, y: 54 }, "FERRARIS"),
        s("text", { class: "type", x: 40, y: 69 }, t("plate.class")),
        s("rect", { class: "bezel", x: 28, y: 76, width: 304, height: 120, rx: 8 }),
        this.lcd.element),
      this.ledRow(),
      this.plate,
      this.optical,
      this.button("display", 292, 292), this.button("relay", 292, 346),
      this.cover("cover.terminal", "terminalCover",
        s("rect", { class: "face low", x: 18, y: 396, width: 324, height: 172, rx: 14 }),
        s("circle", { class: "screw", cx: 40, cy: 420, r: 8 }), s("path", { class: "slot", d: "M35 417L45 423" }),
        s("circle", { class: "screw", cx: 320, cy: 420, r: 8 }), s("path", { class: "slot", d: "M315 423L325 417" }),
        s("path", { class: "wiring", d: "M80 540V470H120V540M160 540V470M200 540V470M240 540V470H280V540" }),
        s("text", { class: "wiring-text", x: 80, y: 556 }, "1"), s("text", { class: "wiring-text", x: 120, y: 556 }, "3"),
        s("text", { class: "wiring-text", x: 160, y: 556 }, "4"), s("text", { class: "wiring-text", x: 200, y: 556 }, "6"),
        s("text", { class: "wiring-text", x: 240, y: 556 }, "20"), s("text", { class: "wiring-text", x: 280, y: 556 }, "21")),
      this.cover("cover.battery", "batteryCover",
        s("rect", { class: "face small", x: 62, y: 404, width: 92, height: 34, rx: 6 }),
        s("path", { class: "symbol", d: "M94 414H118V428H94ZM118 418H121V424H118Z" })),
      this.cover("cover.relay", "relayCover",
        s("rect", { class: "face small", x: 206, y: 404, width: 92, height: 34, rx: 6 }),
        s("path", { class: "symbol", d: "M234 424H246M262 424H272M246 424L262 415" })),
      this.magnet);
    this.magnetSwitch = this.toggle("magnet", () => this.live.send({ do: "magnet", value: !this.front?.magnet }));
    const tools = h("div", { class: "tools", role: "group", "aria-label": t("covers") }, this.magnetSwitch);
    for (const cover of this.covers) {
      const button = this.toggle(cover.name, () => this.work(cover));
      this.coverSwitches.push([cover.state, button]);
      tools.append(button);
    }
    this.element = card("meter", t("meter"), drawing, this.status, tools, this.hint);
  }

  show(state: State, changed: Set<keyof State>): void {
    if (changed.has("identity")) this.showPlate(state.identity);
    if (changed.has("glass")) this.lcd.show(state.glass);
    if (changed.has("front")) this.showFront(state.front);
    if (changed.has("measured")) this.count(state.measured, state.time.paused ? 0 : state.time.speed);
    const mode = `${t("mode")}: ${t(`mode.${state.glass.mode}` as Key)} · ${t("state")}: ${t(`state.${state.front.state}` as Key)}`;
    setText(this.status, mode);
    this.element.dataset.mode = state.glass.mode;
  }

  /** Once a frame: only what blinks with the energy. */
  frame(now: number): void {
    for (const name of ["active", "reactive"] as const) {
      const lit = this.front?.power === true && this.pulses[name].isLit(now);
      const shape = this.leds[name]?.shape;
      shape?.classList.toggle("on", lit);
      if (lit && shape) shape.dataset.impulses = String(this.pulses[name].count);
    }
  }

  private count(measured: Measured, speed: number): void {
    const now = performance.now();
    const seconds = this.lastAt === 0 ? 0 : measured.at - this.lastAt;
    this.lastAt = measured.at;
    const span = speed > 0 ? (seconds * 1000) / speed : 0;
    this.pulses.active.update(measured.activeImpulses, span, now);
    this.pulses.reactive.update(measured.reactiveImpulses, span, now);
  }

  private showFront(front: Front): void {
    this.front = front;
    const steady = { alarm: front.alarm, module: front.module };
    for (const [name, on] of Object.entries(steady)) this.light(name as "alarm", on ? 1 : 0);
    this.light("relay1", front.relay1);
    this.light("relay2", front.relay2);
    for (const cover of this.covers) cover.group.classList.toggle("open", front[cover.state]);
    for (const [state, button] of this.coverSwitches) {
      setAttribute(button, "aria-pressed", String(front[state]));
    }
    setAttribute(this.magnetSwitch, "aria-pressed", String(front.magnet));
    this.magnet.classList.toggle("held", front.magnet);
    this.buttons.display?.classList.toggle("down", front.display);
    this.buttons.relay?.classList.toggle("down", front.relay);
    this.element.classList.toggle("no-power", !front.power);
  }

  private light(name: keyof typeof this.leds, state: number): void {
    const led = this.leds[name];
    if (!led) return;
    led.shape.classList.toggle("on", state !== 0);
    led.shape.classList.toggle("blinks", state === 2);
    setText(led.title, `${t(led.name)}: ${t(state === 0 ? "led.off" : state === 1 ? "led.on" : "led.flashing")}`);
  }

  private ledRow(): SVGGElement {
    const row = s("g", { class: "leds" });
    const all: [keyof typeof this.leds, Key, string][] = [
      ["active", "led.active", "imp/kWh"], ["reactive", "led.reactive", "imp/kvarh"], ["alarm", "led.alarm", "!"],
      ["module", "led.module", "PLC"], ["relay1", "led.relay1", "R1"], ["relay2", "led.relay2", "R2"],
    ];
    all.forEach(([name, key, label], i) => {
      const title = s("title", {}, t(key));
      const shape = s("circle", { class: `led ${name}`, cx: 54 + 50 * i, cy: 216, r: 6, role: "img" }, title);
      this.leds[name] = { shape, title, name: key };
      row.append(shape, s("text", { class: "led-label", x: 54 + 50 * i, y: 236, "aria-hidden": true }, label));
    });
    return row;
  }

  private showPlate(identity: Identity): void {
    setText(this.hint, t("meter.hint", { seconds: identity.longPress }));
    this.plate.replaceChildren(
      s("rect", { class: "label", x: 30, y: 248, width: 120, height: 128, rx: 4 }),
      s("text", { class: "label-title", x: 38, y: 264 }, "Ferraris 1P"),
      s("text", { class: "label-text", x: 38, y: 277 }, `${identity.impulses} imp/kWh`),
      s("text", { class: "label-text", x: 38, y: 288 }, `${identity.impulses} imp/kvarh`),
      s("text", { class: "label-text", x: 38, y: 299 }, "230 V 5(80) A 50/60 Hz"),
      s("text", { class: "label-text", x: 38, y: 310 }, "1.8.2 = VT   1.8.3 = NT"),
      s("text", { class: "label-text", x: 38, y: 321 }, identity.firmware),
      barCode(identity.serial, 38, 328, 104, 28),
      s("text", { class: "label-serial", x: 90, y: 369 }, identity.serial));
  }

  private button(name: "display" | "relay", x: number, y: number): SVGGElement {
    const key: Key = `button.${name}`;
    const group = s("g", { class: `push ${name}`, role: "button", tabindex: 0, "aria-label": t(key), id: `button-${name}` },
      s("rect", { class: "hit", x: x - 66, y: y - 22, width: 88, height: 44 }),
      s("circle", { class: "push-ring", cx: x, cy: y, r: 20 }), s("circle", { class: "push-top", cx: x, cy: y, r: 15 }),
      s("path", { class: "push-mark", d: name === "display" ? `M${x - 5} ${y - 3}H${x + 5}L${x} ${y + 4}Z` : `M${x} ${y - 6}V${y}M${x - 4} ${y - 4}A6 6 0 1 0 ${x + 4} ${y - 4}` }),
      s("text", { class: "push-label", x: x - 26, y: y + 3 }, t(`button.${name}.short`)));
    let down = false;
    const press = (now: boolean) => {
      if (down === now) return;
      down = now;
      this.live.send({ do: key, value: now });
    };
    group.addEventListener("pointerdown", (event) => {
      group.setPointerCapture(event.pointerId);
      press(true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) group.addEventListener(end, () => press(false));
    group.addEventListener("contextmenu", (event) => event.preventDefault());
    group.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      press(true);
    });
    group.addEventListener("keyup", (event) => {
      if (event.key === " " || event.key === "Enter") press(false);
    });
    this.buttons[name] = group;
    return group;
  }

  private cover(name: Key, state: Cover["state"], ...parts: SVGElement[]): SVGGElement {
    const group = s("g", { class: `cover ${state}` }, ...parts);
    const cover = { group, name, state };
    this.covers.push(cover);
    if (state !== "meterCover") group.addEventListener("click", () => this.work(cover));
    return group;
  }

  private work(cover: Cover): void {
    this.live.send({ do: cover.name, value: !this.front?.[cover.state] });
  }

  private toggle(name: Key, press: () => void): HTMLButtonElement {
    return h("button", { class: "chip", type: "button", "aria-pressed": "false", id: name.replace(".", "-"), onclick: press }, t(name));
  }

  private terminals(): SVGGElement {
    const group = s("g", { class: "terminals" }, s("rect", { class: "terminal-block", x: 24, y: 400, width: 312, height: 164, rx: 8 }));
    [80, 120, 160, 200, 240, 280].forEach((x, i) => {
      group.append(s("rect", { class: "terminal", x: x - 15, y: 450, width: 30, height: 70, rx: 4 }),
        s("circle", { class: "screw", cx: x, cy: 468, r: 8 }), s("path", { class: "slot", d: `M${x - 5} 468H${x + 5}` }),
        s("path", { class: `wire wire-${i}`, d: `M${x} 500V566` }));
    });
    group.append(s("rect", { class: "cell", x: 76, y: 409, width: 64, height: 24, rx: 4 }),
      s("rect", { class: "relay-box", x: 216, y: 409, width: 72, height: 24, rx: 3 }));
    return group;
  }
}
