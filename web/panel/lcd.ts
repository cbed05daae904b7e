// The glass: every segment and icon of board::Lcd, in the order of its bits. Built once; afterwards classes change.
import type { Glass } from "../shared/api";
import { s, setAttribute } from "../shared/dom";
import { t } from "../shared/i18n";

// Segments a to g of a digit 20 wide and 36 high.
const segments = [
  "M3 0H17L14 4H6Z", "M20 2V17L18 18L16 16V6Z", "M20 34V19L18 18L16 20V30Z", "M3 36H17L14 32H6Z",
  "M0 34V19L2 18L4 20V30Z", "M0 2V17L2 18L4 16V6Z", "M3 18L6 16H14L17 18L14 20H6Z",
];

/** What the segments of a digit show, for those who do not see them. */
const characters: Record<number, string> = {
  0x3f: "0", 0x06: "1", 0x5b: "2", 0x4f: "3", 0x66: "4", 0x6d: "5", 0x7d: "6", 0x07: "7", 0x7f: "8", 0x6f: "9",
  0x40: "-", 0x77: "A", 0x7c: "b", 0x39: "C", 0x5e: "d", 0x79: "E", 0x71: "F", 0x38: "L", 0x73: "P", 0x50: "r",
};

export function textOf(digits: number[]): string {
  return digits.map((digit) => (characters[digit & 0x7f] ?? " ") + (digit & 0x80 ? "." : "")).join("").trim();
}

interface IconPlace {
  x: number;
  y: number;
  text?: string;
  path?: string;
  small?: boolean;
}
// In the order of board::Icon.
const icons: IconPlace[] = [
  { x: 17, y: 11, text: "Q1" }, { x: 3, y: 11, text: "Q2" }, { x: 3, y: 21, text: "Q3" }, { x: 17, y: 21, text: "Q4" },
  { x: 36, y: 16, text: "L1" }, { x: 50, y: 16, text: "L2" }, { x: 64, y: 16, text: "L3" },
  { x: 82, y: 8, path: "M0 9H11M8 6L11 9L8 12M1 1L10 15" }, { x: 100, y: 8, path: "M0 9Q3 2 6 9T12 9M1 1L10 15" },
  { x: 221, y: 44, text: "k" }, { x: 227, y: 44, text: "M" }, { x: 236, y: 44, text: "W" }, { x: 246, y: 44, text: "V" },
  { x: 254, y: 44, text: "A" }, { x: 262, y: 44, text: "r" }, { x: 266, y: 44, text: "h" },
  { x: 221, y: 57, text: "Hz" }, { x: 236, y: 57, text: "m³" }, { x: 250, y: 57, text: "MJ" }, { x: 264, y: 57, text: "GJ" },
  { x: 178, y: 86, path: "M5 0C8 4 9 6 9 8A4 4 0 0 1 1 8C1 6 2 4 5 0Z" },
  { x: 194, y: 86, path: "M2 12V4M5 12V4M8 12V4M0 12H10M2 2Q4 0 5 2T8 2" },
  { x: 210, y: 86, path: "M5 0C9 4 8 6 9 8A4 4 0 0 1 1 8C1 6 3 6 3 3Q5 4 5 0Z" },
  { x: 226, y: 86, path: "M6 0L1 7H5L3 13L9 5H5Z" },
  { x: 248, y: 86, path: "M0 4H16V10H0ZM16 7H22M-5 7H0" },
  { x: 128, y: 8, path: "M7 0L14 13H0ZM7 5V9M7 10.5V12" },
  { x: 150, y: 8, path: "M0 11H6M14 11H20M6 11L14 3" },
  { x: 180, y: 8, path: "M0 12A9 9 0 0 1 16 12M4 12A5 5 0 0 1 12 12M8 12H8.5" },
  { x: 205, y: 8, path: "M0 3H16V12H0ZM16 6H18V9H16ZM2 5H10V10H2Z" },
  ...[0, 1, 2, 3, 4, 5].map((i) => ({ x: 6 + 26 * i, y: 87, path: "M0 0H10L5 8Z", text: `T${i + 1}`, small: true })),
];

export class Lcd {
  readonly element: SVGGElement;
  private readonly lit: { shape: Element; on: (glass: Glass) => boolean; blinks?: (glass: Glass) => boolean }[] = [];
  private readonly back: SVGRectElement;

  constructor(x: number, y: number) {
    this.back = s("rect", { class: "glass", x: -6, y: -2, width: 292, height: 108, rx: 4 });
    this.element = s("g", { class: "lcd", transform: `translate(${x} ${y})`, role: "img" }, this.back);
    for (let i = 0; i < 7; ++i) this.digit((glass) => glass.code[i] ?? 0, 4 + 11 * i, 54, 0.38, i < 6);
    for (let i = 0; i < 8; ++i) this.digit((glass) => glass.digits[i] ?? 0, 86 + 16.6 * i, 31, 0.55, i < 7, 1.55);
    icons.forEach((icon, bit) => this.icon(icon, bit));
  }

  show(glass: Glass): void {
    this.back.classList.toggle("light", glass.light);
    for (const part of this.lit) {
      part.shape.classList.toggle("on", part.on(glass));
      if (part.blinks) part.shape.classList.toggle("blinks", part.blinks(glass));
    }
    const content = glass.mode === "off" ? t("lcd.off")
      : glass.mode === "full" ? t("lcd.all")
      : `${textOf(glass.code)}: ${textOf(glass.digits)}`;
    setAttribute(this.element, "aria-label", `${t("lcd")}: ${content}`);
  }

  private digit(of: (glass: Glass) => number, x: number, y: number, scale: number, point: boolean, tall = 1): void {
    const group = s("g", { transform: `translate(${x} ${y}) skewX(-4) scale(${scale} ${scale * tall})` });
    segments.forEach((d, i) => {
      const shape = s("path", { class: "segment", d });
      this.lit.push({ shape, on: (glass) => ((of(glass) >> i) & 1) !== 0 });
      group.append(shape);
    });
    if (point) {
      const shape = s("ellipse", { class: "segment", cx: 25, cy: 34.5, rx: 2.4, ry: 2.4 / tall });
      this.lit.push({ shape, on: (glass) => (of(glass) & 0x80) !== 0 });
      group.append(shape);
    }
    this.element.append(group);
  }

  private icon(place: IconPlace, bit: number): void {
    const group = s("g", { class: "icon", transform: `translate(${place.x} ${place.y})` });
    if (place.path) group.append(s("path", { d: place.path, class: place.small ? "full" : "line" }));
    if (place.text) {
      const at = place.small ? { x: 12, y: 8 } : { x: 0, y: 0 };
      group.append(s("text", { ...at, class: place.small ? "small" : "" }, place.text));
    }
    const weight = 2 ** bit;
    this.lit.push({
      shape: group,
      on: (glass) => Math.floor(glass.icons / weight) % 2 === 1,
      blinks: (glass) => Math.floor(glass.blinking / weight) % 2 === 1,
    });
    this.element.append(group);
  }
}
