// How the meter's time passes.
import type { Live, State } from "../shared/api";
import { card, h, setAttribute, setText } from "../shared/dom";
import { language, number, t } from "../shared/i18n";

export class TimeControl {
  readonly element: HTMLElement;
  private readonly now = h("p", { class: "clock", id: "clock" });
  private readonly day = h("p", { class: "legend" });
  private readonly note = h("p", { class: "legend", role: "status" });
  private readonly speeds: [number, HTMLButtonElement][] = [];
  private readonly pause: HTMLButtonElement;
  private readonly leap: HTMLButtonElement;

  constructor(live: Live) {
    const group = h("div", { class: "tools", role: "group", "aria-label": t("time.speed") });
    this.pause = h("button", { class: "chip", type: "button", id: "pause", onclick: () => live.send({ do: "pause" }) }, t("time.pause"));
    group.append(this.pause);
    for (const speed of [1, 60, 3600]) {
      const label = speed === 1 ? t("time.real") : `×${number(speed, 0)}`;
      const button = h("button", { class: "chip", type: "button", id: `speed-${speed}`, onclick: () => live.send({ do: "speed", value: speed }) }, label);
      this.speeds.push([speed, button]);
      group.append(button);
    }
    this.leap = h("button", { class: "chip", type: "button", id: "leap", onclick: () => live.send({ do: "leap" }) }, t("time.leap"));
    group.append(this.leap);
    this.element = card("time", t("time"), h("div", { class: "clock-row" }, this.now, this.day), group, this.note);
  }

  show(state: State, changed: Set<keyof State>): void {
    if (!changed.has("time")) return;
    const { utc, offset, valid, speed, paused, leaping, reached } = state.time;
    const local = new Date(utc + offset * 60_000);
    setText(this.now, local.toISOString().slice(11, 19));
    setText(this.day, local.toLocaleDateString(language, { timeZone: "UTC", weekday: "long", year: "numeric", month: "long", day: "numeric" }));
    setAttribute(this.pause, "aria-pressed", String(paused));
    setAttribute(this.leap, "aria-pressed", String(leaping));
    for (const [each, button] of this.speeds) setAttribute(button, "aria-pressed", String(!paused && !leaping && each === speed));
    const behind = reached !== undefined && !paused && !leaping && speed > 1 && reached < 0.9 * speed;
    const note = !valid ? t("time.invalid") : leaping ? t("time.leaping") : paused ? t("time.paused")
      : behind ? t("time.behind", { reached: number(reached, 0), asked: number(speed, 0) }) : "";
    setText(this.note, note);
  }
}
