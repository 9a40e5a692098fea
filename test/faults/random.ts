import { createHash } from "node:crypto";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Numbers that look random, and are the same for the same seed and purpose. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True once in `times` calls, on average. */
  onceIn(times: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
}

/** @param purpose gives each user of a seed independent numbers. */
export function randomFor(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(createHash("sha256").update(`${seed} ${purpose}`).digest().readInt32LE());
  const between = (least: number, most: number) => uniformInt(generator, least, most);
  return {
    between,
    onceIn: (times) => between(1, times) === 1,
    pick: (from) => from[between(0, from.length - 1)]!,
    shuffled: (items) => {
      const rest = [...items];
      return items.map(() => rest.splice(between(0, rest.length - 1), 1)[0]!);
    },
  };
}

/** Incompressible bytes, always the same for the same name. */
export const bytesNamed = (name: string, length: number): Buffer =>
  createHash("shake256", { outputLength: length }).update(name).digest();
