import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Random } from '../../src/random/random.js';

/** A generator, and the 32-bit words that its draws are made of. */
interface WordRandom extends Random {
  word(): number;
}

/**
 * Restores states, wherever in the stream and through JSON, into another generator and into the same: each time the
 * draws are those that followed the state.
 */
export function restoresIdentically<R extends WordRandom>(
  make: (seed: number) => R,
  draws: Readonly<Record<string, (random: R) => unknown>>,
): void {
  const call = fc.constantFrom(...Object.keys(draws));
  const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(
      seeds,
      seeds,
      fc.nat(1300),
      fc.array(call),
      fc.array(call, { minLength: 1 }),
      (seed, other, skip, before, after) => {
        const drawn = (random: R, names: string[]): unknown[] => names.map((name) => draws[name]!(random));
        const random = make(seed);
        for (let i = 0; i < skip; i++) random.word();
        drawn(random, before);
        const state = JSON.parse(JSON.stringify(random.state())) as ReturnType<Random['state']>;
        const expected = drawn(random, after);
        const again = make(other);
        again.normal();
        again.restore(state);
        assert.equal(drawn(again, after), expected);
        assert.equal(again.state(), random.state());
        random.restore(state);
        assert.equal(drawn(random, after), expected);
      },
    ),
  );
}
