// The form of voltage and current in one second: fundamental with its shift, and the harmonics that its distortion says,
// shared out over the odd ones as rectifiers do.
import type { Measured } from "../shared/api";

/** Harmonic numbers and their share in the distortion; the squares add up to 1. */
const harmonics: [number, number][] = [[3, 0.8], [5, 0.5], [7, 0.3162], [9, 0.1]];

export interface Wave {
  rms: number;
  /** Of the fundamental against the voltage, in radians; positive: it lags. */
  lag: number;
  distortion: number;
}

export function wavesOf(measured: Measured): { voltage: Wave; current: Wave } {
  return {
    voltage: { rms: measured.volts, lag: 0, distortion: measured.voltageThd / 100 },
    current: { rms: measured.amperes, lag: Math.atan2(measured.vars, measured.watts), distortion: measured.currentThd / 100 },
  };
}

/** `turn`: cycles of the fundamental since the voltage rose through zero. */
export function valueAt(wave: Wave, turn: number): number {
  const fundamental = (wave.rms * Math.SQRT2) / Math.hypot(1, wave.distortion);
  const angle = 2 * Math.PI * turn - wave.lag;
  let value = Math.sin(angle);
  for (const [order, share] of harmonics) value += wave.distortion * share * Math.sin(order * angle);
  return fundamental * value;
}

/** A round number of units for a division, so that `peak` takes at most four of them. */
export function division(peak: number): number {
  const least = Math.max(peak, 0.01) / 4;
  const decade = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * decade).find((step) => step >= least) ?? 10 * decade;
}
