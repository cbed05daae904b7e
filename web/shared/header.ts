// The head of each page: its name, whether the server answers, language and appearance.
import type { Live } from "./api";
import { h, setText } from "./dom";
import { chooseLanguage, language, languages, t, type Key } from "./i18n";

const themes = ["auto", "light", "dark"] as const;

function applyTheme(theme: string): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function header(title: string, live: Live): HTMLElement {
  const status = h("p", { class: "connection", role: "status" }, t("offline"));
  live.onStatus((connected) => {
    document.body.classList.toggle("offline", !connected);
    setText(status, t(connected ? "online" : "offline"));
  });
  const chosen = localStorage.getItem("theme") ?? "auto";
  applyTheme(chosen);
  const theme = h("select", { id: "theme", "aria-label": t("theme") },
    ...themes.map((name) => h("option", { value: name, selected: name === chosen }, t(`theme.${name}` as Key))));
  theme.addEventListener("change", () => {
    localStorage.setItem("theme", theme.value);
    applyTheme(theme.value);
  });
  const tongue = h("select", { id: "language", "aria-label": t("language") },
    ...Object.entries(languages).map(([code, { name }]) => h("option", { value: code, selected: code === language, lang: code }, name)));
  tongue.addEventListener("change", () => chooseLanguage(tongue.value));
  return h("header", {}, h("h1", {}, h("span", { class: "logo", "aria-hidden": "true" }), "Ferraris", h("small", {}, title)), status, tongue, theme);
}
