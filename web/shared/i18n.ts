// Words of the pages in the language of the reader. A new language is a file beside the others, and a row here.
import { de } from "./locale/de";
import { en } from "./locale/en";

export type Key = keyof typeof en;
export type Words = Record<Key, string>;

export const languages: Record<string, { name: string; words: Words }> = {
  en: { name: "English", words: en },
  de: { name: "Deutsch", words: de },
};

const chosen = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
export const language = chosen in languages ? chosen : "en";
const words = languages[language]?.words ?? en;

/** `t("ahead", { time: "12:00" })` puts the value where the text has {time}. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Of something that the server names; its own name where the language has no word for it. */
export function named(prefix: "appliance" | "event" | "log" | "port" | "mode", name: string | number): string {
  const key = `${prefix}.${name}` as Key;
  return words[key] ?? String(name);
}

export function number(value: number, decimals: number): string {
  return value.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function chooseLanguage(code: string): void {
  localStorage.setItem("language", code);
  location.reload();
}
