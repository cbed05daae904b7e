// Mains, loads and surroundings: what a person can change around the meter.
import type { Command, Live, State, World } from "../shared/api";
import { card, h, setAttribute, setText } from "../shared/dom";
import { named, number, t, type Key } from "../shared/i18n";

interface Slider {
  input: HTMLInputElement;
  output: HTMLOutputElement;
  shown: (world: World, state: State) => number;
  text: (value: number) => string;
}
interface Switch {
  button: HTMLButtonElement;
  on: (world: World) => boolean;
}

export class Connected {
  readonly element: HTMLElement;
  private readonly sliders: Slider[] = [];
  private readonly switches: Switch[] = [];
  private readonly appliances = h("div", { class: "loads" });

  constructor(private readonly live: Live) {
    const nominal: Command[] = [
      { do: "voltage", value: 0 }, { do: "frequency", value: 0 },
      { do: "harmonics.voltage", value: 0 }, { do: "harmonics.current", value: 0 },
    ];
    this.element = card("connected", t("connected"),
      h("h3", {}, t("mains")),
      this.toggle("mains", t("mains.on"), (world) => world.mains, (on) => ({ do: "mains", value: on }), "wide"),
      this.slider("voltage", "V", 150, 290, 0.5, 1, (world, state) => world.voltage || state.measured.volts || 230),
      this.slider("frequency", "Hz", 45, 55, 0.05, 2, (world, state) => world.frequency || state.measured.hertz || 50),
      this.slider("harmonics.voltage", "%", 0, 40, 0.5, 1, (world) => world.voltageHarmonics),
      this.slider("harmonics.current", "%", 0, 150, 1, 0, (world) => world.currentHarmonics),
      h("div", { class: "tools" },
        this.act("dip", { do: "dip", value: 160, milliseconds: 240 }), this.act("nominal", ...nominal)),
      h("h3", {}, t("loads")), this.appliances,
      this.slider("power", "W", -10_000, 15_000, 100, 0, (world) => world.power),
      h("h3", {}, t("surroundings")),
      this.slider("temperature", "°C", -40, 85, 1, 0, (world) => world.celsius),
      this.slider("battery.charge", "%", 0, 100, 1, 0, (world) => world.batteryCharge),
      h("div", { class: "tools" }, this.act("battery.replace", { do: "battery.replace" }),
        this.toggle("interchanged", t("interchanged"), (world) => world.interchanged, (on) => ({ do: "interchanged", value: on }))));
  }

  show(state: State, changed: Set<keyof State>): void {
    if (changed.has("identity")) this.list(state);
    if (!changed.has("world") && !changed.has("measured") && !changed.has("identity")) return;
    for (const each of this.switches) setAttribute(each.button, "aria-pressed", String(each.on(state.world)));
    for (const each of this.sliders) {
      // A hand that moves it knows better.
      if (each.input.matches(":active")) continue;
      const value = each.shown(state.world, state);
      each.input.value = String(value);
      setText(each.output, each.text(value));
      setAttribute(each.input, "aria-valuetext", each.text(value));
    }
  }

  private list(state: State): void {
    this.appliances.replaceChildren(
      this.toggle("household", t("household"), (world) => world.household, (on) => ({ do: "household", value: on }), "load"));
    for (const { name, watts } of state.identity.appliances) {
      const button = this.toggle(`switch-${name.replace(/ /g, "-")}`, named("appliance", name), (world) => world.on.includes(name),
        (on) => ({ do: `switch.${name}`, value: on }), "load");
      button.append(h("span", { class: "watts" }, `${number(watts, 0)} W`));
      this.appliances.append(button);
    }
  }

  private toggle(id: string, label: string, on: Switch["on"], command: (on: boolean) => Command, kind = ""): HTMLButtonElement {
    const button = h("button", { id, type: "button", class: `chip ${kind}`, "aria-pressed": "false" }, h("span", {}, label));
    button.addEventListener("click", () => this.live.send(command(button.getAttribute("aria-pressed") !== "true")));
    this.switches.push({ button, on });
    return button;
  }

  private act(key: Key, ...commands: Command[]): HTMLButtonElement {
    const press = () => commands.forEach((command) => this.live.send(command));
    return h("button", { class: "chip plain", type: "button", id: key.replace(".", "-"), onclick: press }, t(key));
  }

  private slider(key: Key, unit: string, min: number, max: number, step: number, decimals: number, shown: Slider["shown"]): HTMLElement {
    const text = (value: number) => `${number(value, decimals)} ${unit}`;
    const id = `slider-${key.replace(".", "-")}`;
    const output = h("output", { for: id });
    const input = h("input", { type: "range", id, min, max, step });
    let due = 0;
    input.addEventListener("input", () => {
      setText(output, text(Number(input.value)));
      // What a hand passes on the way is of no interest to the meter.
      clearTimeout(due);
      due = window.setTimeout(() => this.live.send({ do: key, value: Number(input.value) }), 60);
    });
    this.sliders.push({ input, output, shown, text });
    return h("div", { class: "slider" }, h("label", { for: id }, t(key)), output, input);
  }
}
