// Code 128, set C for pairs of digits and set B for the rest (ISO/IEC 15417): bars of a serial number.
import { s } from "../shared/dom";

// Widths of bars and spaces of the values 0 to 106.
const widths = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 " +
  "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 " +
  "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 " +
  "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 " +
  "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 " +
  "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 " +
  "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split(" ");
const startB = 104;
const startC = 105;
const toC = 99;
const stop = 106;

/** The values of the symbols, with start, check symbol and stop. */
export function symbols(text: string): number[] {
  const values: number[] = [];
  const digits = /^\d+$/.test(text);
  let rest = text;
  if (digits && text.length % 2 === 0) {
    values.push(startC);
  } else {
    values.push(startB);
    const plain = digits ? 1 : text.length;
    for (const character of text.slice(0, plain)) values.push(character.charCodeAt(0) - 32);
    rest = text.slice(plain);
    if (rest) values.push(toC);
  }
  for (let i = 0; i < rest.length; i += 2) values.push(Number(rest.slice(i, i + 2)));
  const check = values.reduce((sum, value, i) => sum + value * Math.max(i, 1), 0) % 103;
  return [...values, check, stop];
}

export function barCode(text: string, x: number, y: number, width: number, height: number): SVGPathElement {
  const runs = symbols(text).flatMap((value) => [...(widths[value] ?? "")].map(Number));
  const unit = width / runs.reduce((sum, run) => sum + run, 0);
  let at = x;
  let d = "";
  runs.forEach((run, i) => {
    if (i % 2 === 0) d += `M${at.toFixed(2)} ${y}h${(run * unit).toFixed(2)}v${height}h-${(run * unit).toFixed(2)}z`;
    at += run * unit;
  });
  return s("path", { class: "bars", d });
}
