// What the meter does inside: waves, phasors, energies, calendar, events, talk.
import type { Measured, State } from "../shared/api";
import { card, h, s, setAttribute, setText } from "../shared/dom";
import { named, number, t, type Key } from "../shared/i18n";
import { division, valueAt, wavesOf, type Wave } from "./waves";

const daySeconds = 86_400;

/** Of the meter's clock: its offset from UTC in minutes comes with the time. */
function clock(seconds: number, offset: number, length = 8): string {
  return new Date((seconds + offset * 60) * 1000).toISOString().slice(11, 11 + length);
}

function path(wave: Wave, perDivision: number): string {
  const points: string[] = [];
  for (let i = 0; i <= 200; ++i) {
    const y = 100 - (valueAt(wave, i / 100) / perDivision) * 25;
    points.push(`${(i * 2).toFixed(0)} ${Math.max(0, Math.min(200, y)).toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}

export class Scope {
  readonly element: HTMLElement;
  private readonly voltage = s("path", { class: "trace voltage" });
  private readonly current = s("path", { class: "trace current" });
  private readonly scale = h("p", { class: "legend" });
  private readonly drawing: SVGSVGElement;

  constructor() {
    const grid = Array.from({ length: 9 }, (_, i) => `M${i * 50} 0V200M0 ${i * 25}H400`).join("");
    this.drawing = s("svg", { viewBox: "0 0 400 200", role: "img", class: "scope" },
      s("path", { class: "grid", d: grid }), s("path", { class: "axis", d: "M0 100H400" }), this.current, this.voltage);
    this.element = card("scope", t("scope"), this.drawing, this.scale);
  }

  show(state: State, changed: Set<keyof State>): void {
    if (!changed.has("measured")) return;
    const { voltage, current } = wavesOf(state.measured);
    const volts = division(Math.max(voltage.rms, 100) * Math.SQRT2 * 1.1);
    const amperes = division(Math.max(current.rms, 0.1) * Math.SQRT2 * 1.1);
    this.voltage.setAttribute("d", path(voltage, volts));
    this.current.setAttribute("d", path(current, amperes));
    this.scale.replaceChildren(
      h("span", { class: "key voltage" }, `${t("scope.voltage")} ${number(voltage.rms, 1)} V`), ` · ${volts} V ${t("scope.division")}`,
      h("br"),
      h("span", { class: "key current" }, `${t("scope.current")} ${number(current.rms, 3)} A`), ` · ${amperes} A ${t("scope.division")}`);
    setAttribute(this.drawing, "aria-label", t("scope.text", {
      volts: number(state.measured.volts, 1), amperes: number(state.measured.amperes, 3), hertz: number(state.measured.hertz, 2) }));
  }
}

export class Phasor {
  readonly element: HTMLElement;
  private readonly arrow = s("path", { class: "trace power" });
  private readonly parts = s("path", { class: "parts" });
  private readonly sector = s("path", { class: "sector" });
  private readonly values: Record<string, HTMLElement> = {};
  private readonly drawing: SVGSVGElement;

  constructor() {
    this.drawing = s("svg", { viewBox: "-110 -110 220 220", role: "img", class: "phasor" },
      this.sector, s("path", { class: "grid", d: "M-100 0A100 100 0 1 1 100 0A100 100 0 1 1-100 0M-50 0A50 50 0 1 1 50 0A50 50 0 1 1-50 0" }),
      s("path", { class: "axis", d: "M-106 0H106M0 -106V106" }),
      s("text", { class: "quadrant", x: 66, y: -66 }, "Q1"), s("text", { class: "quadrant", x: -82, y: -66 }, "Q2"),
      s("text", { class: "quadrant", x: -82, y: 78 }, "Q3"), s("text", { class: "quadrant", x: 66, y: 78 }, "Q4"),
      s("text", { class: "axis-name", x: 84, y: -5 }, "+P"), s("text", { class: "axis-name", x: 5, y: -96 }, "+Q"),
      this.parts, this.arrow);
    const list = h("dl", { class: "values" });
    for (const [name, key] of Object.entries({ watts: "active", vars: "reactive", voltamperes: "apparent", factor: "factor" })) {
      const value = h("dd", { id: `value-${name}` });
      this.values[name] = value;
      list.append(h("dt", {}, t(key as Key)), value);
    }
    this.element = card("phasor", t("phasor"), h("div", { class: "beside" }, this.drawing, list));
  }

  show(state: State, changed: Set<keyof State>): void {
    if (!changed.has("measured")) return;
    const m: Measured = state.measured;
    const size = Math.max(m.voltamperes, 1);
    // The longer the arrow, the greater the power: a decade is a third of it.
    const length = m.voltamperes < 1 ? 0 : Math.min(100, 25 * Math.log10(m.voltamperes));
    const x = (m.watts / size) * length;
    const y = (-m.vars / size) * length;
    this.arrow.setAttribute("d", length === 0 ? "" : `M0 0L${x.toFixed(1)} ${y.toFixed(1)}`);
    this.parts.setAttribute("d", length === 0 ? "" : `M${x.toFixed(1)} 0V${y.toFixed(1)}M0 ${y.toFixed(1)}H${x.toFixed(1)}`);
    this.sector.setAttribute("d", ["", "M0 0H100A100 100 0 0 0 0-100Z", "M0 0V-100A100 100 0 0 0-100 0Z",
      "M0 0H-100A100 100 0 0 0 0 100Z", "M0 0V100A100 100 0 0 0 100 0Z"][m.quadrant] ?? "");
    setText(this.values.watts!, `${number(m.watts, 1)} W`);
    setText(this.values.vars!, `${number(m.vars, 1)} var`);
    setText(this.values.voltamperes!, `${number(m.voltamperes, 1)} VA`);
    setText(this.values.factor!, number(m.factor, 3));
    setAttribute(this.drawing, "aria-label", t("phasor.text", {
      watts: number(m.watts, 0), vars: number(m.vars, 0), quadrant: m.quadrant || t("phasor.none") }));
  }
}

export class Energies {
  readonly element: HTMLElement;
  private readonly rows: HTMLTableRowElement[] = [];
  private readonly bars = s("g", {});
  private readonly drawing = s("svg", { viewBox: "0 0 480 120", role: "img", class: "curve" });
  private readonly curveText = h("p", { class: "legend" });

  constructor() {
    const body = h("tbody");
    for (let rate = 0; rate <= 6; ++rate) {
      const row = h("tr", {}, h("th", { scope: "row" }, rate === 0 ? t("energies.total") : `T${rate}`), h("td"), h("td"), h("td"));
      this.rows.push(row);
      body.append(row);
    }
    body.append(body.firstChild!);
    const columns = (["energies.tariff", "energies.import", "energies.export", "energies.rq"] as Key[])
      .map((key) => h("th", { scope: "col" }, t(key)));
    this.drawing.append(s("path", { class: "axis", d: "M0 100H480" }), this.bars);
    for (const hour of [0, 6, 12, 18, 24]) {
      this.drawing.append(s("text", { class: "tick", x: Math.min(Math.max(hour * 20, 8), 472), y: 116 }, String(hour)));
    }
    this.element = card("energies", t("energies"),
      h("table", {}, h("thead", {}, h("tr", {}, ...columns)), body), h("h3", {}, t("curve")), this.drawing, this.curveText);
  }

  show(state: State, changed: Set<keyof State>): void {
    if (changed.has("energy")) {
      state.energy.rates.forEach((counts, rate) => {
        const cells = this.rows[rate]!.cells;
        const reactive = counts.slice(2).reduce((sum, each) => sum + each, 0);
        [counts[0]!, counts[1]!, reactive].forEach((count, i) => setText(cells[i + 1]!, number(count / 1e6, 3)));
        this.rows[rate]!.classList.toggle("now", rate === state.energy.rate);
      });
      setAttribute(this.element, "data-import", String(state.energy.rates[0]?.[0] ?? 0));
    }
    if (changed.has("curve")) this.showCurve(state);
  }

  private showCurve(state: State): void {
    const { rows, midnight, period } = state.curve;
    const intervals = rows.slice(1).map((row, i) => {
      const seconds = row[0] - rows[i]![0];
      return { end: row[0] - midnight, seconds, watts: ((row[1] - rows[i]![1] - (row[2] - rows[i]![2])) * 3600) / Math.max(seconds, 1) };
    }).filter((each) => each.seconds > 0 && each.end > 0);
    const most = Math.max(1000, ...intervals.map((each) => Math.abs(each.watts)));
    this.bars.replaceChildren(...intervals.map(({ end, seconds, watts }) => {
      const height = Math.max(0.5, (Math.abs(watts) / most) * 96);
      const width = Math.max(1, (seconds / daySeconds) * 480 - 0.8);
      return s("rect", { class: watts < 0 ? "bar export" : "bar", x: ((end - seconds) / daySeconds) * 480, y: 100 - height, width, height });
    }));
    const text = t("curve.text", { count: intervals.length, minutes: period / 60, watts: number(intervals.length ? most : 0, 0) });
    setText(this.curveText, text);
    setAttribute(this.drawing, "aria-label", text);
  }
}

export class TariffDay {
  readonly element: HTMLElement;
  private readonly bands = s("g", {});
  private readonly hand = s("path", { class: "hand" });
  private readonly text = h("p", { class: "legend" });
  private readonly drawing: SVGSVGElement;

  constructor() {
    this.drawing = s("svg", { viewBox: "0 0 480 84", role: "img", class: "day" }, this.bands, this.hand);
    for (let hour = 0; hour <= 24; hour += 3) {
      this.drawing.append(s("text", { class: "tick", x: Math.min(Math.max(hour * 20, 8), 472), y: 80 }, String(hour)));
    }
    this.element = card("calendar", t("calendar"), this.drawing, this.text);
  }

  show(state: State, changed: Set<keyof State>): void {
    const offset = state.time.offset;
    if (changed.has("time")) {
      const second = (state.time.utc / 1000 + offset * 60) % daySeconds;
      setAttribute(this.hand, "d", `M${((second / daySeconds) * 480).toFixed(1)} 0V66`);
    }
    if (!changed.has("calendar")) return;
    const { switches, rate, next } = state.calendar;
    const band = (target: "tariff" | "relay", y: number, height: number) => {
      const own = switches.filter((each) => each.target === target);
      return own.flatMap((each, i) => {
        const end = own[i + 1]?.at ?? daySeconds;
        const x = (each.at / daySeconds) * 480;
        const width = ((end - each.at) / daySeconds) * 480;
        const shape = s("rect", { class: target === "tariff" ? `rate rate-${each.script}` : `ripple ripple-${each.script}`, x, y, width, height });
        return target === "tariff" && width > 20 ? [shape, s("text", { class: "rate-name", x: x + width / 2, y: y + 26 }, `T${each.script}`)] : [shape];
      });
    };
    this.bands.replaceChildren(...band("tariff", 4, 42), ...band("relay", 52, 10));
    const words = `${t("calendar.now", { rate })}. ${next === undefined ? t("time.none") : t("time.next", { time: clock(next, offset, 5) })}`;
    setText(this.text, words);
    setAttribute(this.drawing, "aria-label", words);
  }
}

/** A list that grows at its top and scrolls, also by keyboard. */
function log(name: string, list: HTMLElement): HTMLElement {
  return h("div", { class: "log", role: "log", tabindex: 0, "aria-label": name }, list);
}

export class Events {
  readonly element: HTMLElement;
  private readonly list = h("ol");
  private readonly none = h("p", { class: "legend" }, t("events.none"));

  constructor() {
    this.element = card("events", t("events"), this.none, log(t("events"), this.list));
  }

  show(state: State, changed: Set<keyof State>): void {
    if (!changed.has("events")) return;
    this.none.hidden = state.events.length > 0;
    this.list.replaceChildren(...state.events.slice(-60).reverse().map((event) =>
      h("li", { class: event.log, "data-code": event.code },
        h("time", {}, clock(event.at, state.time.offset)), h("span", { class: "tag" }, named("log", event.log)),
        h("span", {}, named("event", event.code)))));
  }
}

export class Communication {
  readonly element: HTMLElement;
  private readonly list = h("ol");
  private readonly none = h("p", { class: "legend" }, t("talk.none"));
  private readonly choice = h("select", { id: "talk-port", "aria-label": t("talk.port") });
  private state?: State;

  constructor() {
    this.choice.append(h("option", { value: "" }, t("talk.all")),
      ...["network", "optical", "rs485", "module"].map((port) => h("option", { value: port }, named("port", port))));
    this.choice.addEventListener("change", () => this.fill());
    this.element = card("talk", t("talk"), this.choice, this.none, log(t("talk"), this.list));
  }

  show(state: State, changed: Set<keyof State>): void {
    this.state = state;
    if (changed.has("talk")) this.fill();
  }

  private fill(): void {
    if (!this.state) return;
    const { talk, time } = this.state;
    const lines = talk.filter((line) => this.choice.value === "" || line.port === this.choice.value).slice(-60).reverse();
    this.none.hidden = lines.length > 0;
    this.list.replaceChildren(...lines.map((line) =>
      h("li", { class: line.from },
        h("time", {}, clock(line.at / 1000, time.offset)), h("span", { class: "tag" }, named("port", line.port)),
        h("span", { class: "said" }, `${line.from === "client" ? "→" : line.from === "meter" ? "←" : "·"} ${line.text}`))));
  }
}
