import * as assert from 'uvu/assert';
import type { Compiled } from '../../../src/kernel/wasm/instantiate.js';
import { compile } from '../../../src/kernel/wasm/compile.js';
import { type Most, trialCalls, triedNames } from '../../../src/kernel/wasm/trialCalls.js';
import type { Dtype } from '../../../src/types.js';

/** Shapes around the tiles; those that go beyond a block of rows and a chunk of a window; and long, flat ones. */
const SHAPES: readonly Most[] = [
  { rows: 12, width: 60 },
  { rows: 12, width: 60 },
  { rows: 140, width: 24 },
  { rows: 300, width: 9 },
  { rows: 3, width: 250 },
];

/**
 * Makes `runs` calls of every function of the module, of random shapes, with `tried` and with the module of 128 bits, and
 * compares everything that they write, to the bit. Returns the number of calls.
 */
export function wideCampaign(dtype: Dtype, tried: Compiled, runs: number): number {
  const narrow: Compiled = { module: compile(dtype), vectorBits: 128 };
  const sides = SHAPES.map((most) => [narrow, tried].map((compiled) => trialCalls(dtype, compiled, most)));
  for (const name of triedNames) {
    for (let run = 0; run < runs; run++) {
      const shape = run % SHAPES.length;
      const seed = 1 + Math.floor(run / SHAPES.length) + 1_000_003 * shape;
      const [expected, found] = sides[shape]!.map((call) => call(name, seed));
      if (found !== expected) assert.unreachable(`${dtype} ${name}: other bits with seed ${seed}, shape ${shape}`);
    }
  }
  return runs * triedNames.length;
}
