import "../shared/look.css";
import "./panel.css";
import { Live, type State } from "../shared/api";
import { h, setText } from "../shared/dom";
import { language, t } from "../shared/i18n";
import { header } from "../shared/header";
import { Connected } from "./connected";
import { Communication, Energies, Events, Phasor, Scope, TariffDay } from "./inside";
import { Meter } from "./meter";
import { TimeControl } from "./time";

document.documentElement.lang = language;
document.title = `Ferraris · ${t("title")}`;

const live = new Live("/live");
const meter = new Meter(live);
const parts = [meter, new TimeControl(live), new Connected(live), new Scope(), new Phasor(), new Energies(), new TariffDay(),
  new Events(), new Communication()];
const [, time, connected, ...inside] = parts;
const toast = h("p", { class: "toast", role: "alert" });
document.body.append(
  h("a", { class: "skip", href: "#meter" }, t("skip")),
  header(t("title"), live),
  h("main", {},
    h("div", { class: "column wall" }, meter.element),
    h("div", { class: "column" }, time!.element, connected!.element),
    h("div", { class: "column inside" }, ...inside.map((part) => part.element))),
  toast);

live.onChange((changed) => {
  // Everything comes with the first message.
  const state = live.state as State;
  if (!state.identity || !state.glass || !state.measured) return;
  for (const part of parts) part.show(state, changed);
});
let toastDue = 0;
live.onRefusal((why) => {
  setText(toast, t("refused", { why }));
  clearTimeout(toastDue);
  toastDue = window.setTimeout(() => setText(toast, ""), 5000);
});

function frame(now: number): void {
  meter.frame(now);
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
