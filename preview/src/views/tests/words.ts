/** What the tests do not reach, in words. */
import type { Point, PointKind } from "accrue-rules";

const MISSING: Record<PointKind, (name: string) => string> = {
  group: (name) => `\`${name}\` never pays`,
  restriction: (name) => `restriction \`${name}\` never matches`,
  holds: (name) => `\`${name}\` never holds`,
  fails: (name) => `\`${name}\` always holds`,
  arm: (name) => `arm \`${name}\` never runs`,
  default_arm: () => "arm `_` never runs",
  verb: (name) => `\`${name}\` is never given`,
  band: (name) => `no value in the band from ${name}`,
  band_edge: (name) => `no value of exactly ${name}`,
  tier: (name) => `no measure in the tier from ${name}`,
  tier_edge: (name) => `no measure of exactly ${name}`,
  limit_below: (name) => `\`${name}\` never lets a payout through whole`,
  limit_reached: (name) => `\`${name}\` never takes effect`,
  bonus: (name) => `bonus \`${name}\` never pays`,
  return_below: (name) => `no return of at most ${name}`,
  return_above: (name) => `no return of a part above ${name}`,
  age: (name) => `no return from day ${name} on`,
};

/** What has not happened at a point that no test reaches. */
export function missingText(point: Point): string {
  return MISSING[point.kind](point.name);
}

/** A share of points, cut to one decimal: only a share of everything is 100%. */
export function shareText(reached: number, all: number): string {
  const tenths = all === 0 ? 1000 : Math.floor((1000 * reached) / all);
  return `${Math.floor(tenths / 10)}.${tenths % 10}%`;
}
