import { seeded } from '../../src/random/seeded.js';

/** Milliseconds of the processor that one input may take. */
const LIMIT = 250;

/** What an engine says where a reader lacks a check. */
const ACCIDENT = /Cannot |is not a function|is not iterable|undefined \(|Maximum call stack|Invalid (array|typed)/;

/** Numbers and pieces drawn for a mutation. */
export interface Draw {
  /** An integer from 0 to below n. */
  below(n: number): number;
  of<T>(list: readonly T[]): T;
}

/** Makes draws of a seed. */
export function draws(seed: number): Draw {
  const random = seeded(`drill ${seed}`);
  return { below: (n) => random.integer(n), of: (list) => list[random.integer(list.length)]! };
}

/**
 * Gives a reader many inputs; throws at the first that is neither read nor refused with an error of its own, or that takes
 * longer than 250 ms of the processor three times.
 */
export function readEach<I>(
  runs: number,
  make: (run: number) => I,
  read: (input: I) => unknown,
  ours: (error: Error) => boolean,
): Readonly<Record<string, number>> {
  let accepted = 0;
  let slowest = 0;
  for (let run = 0; run < runs; run++) {
    const input = make(run);
    const [took, wasRead] = outcome(input, run);
    let least = took;
    for (let again = 0; again < 2 && least > LIMIT; again++) least = outcome(input, run)[0]; // garbage does not count
    if (least > LIMIT) throw new Error(`input ${run} took ${least.toFixed(0)} ms`);
    slowest = Math.max(slowest, least);
    if (wasRead) accepted += 1;
  }
  return { read: accepted, refused: runs - accepted, 'slowest ms': Math.round(slowest) };

  function outcome(input: I, run: number): [took: number, wasRead: boolean] {
    const started = processorTime();
    try {
      read(input);
      return [processorTime() - started, true];
    } catch (error) {
      const took = processorTime() - started;
      if (error instanceof Error && ours(error) && !ACCIDENT.test(error.message)) return [took, false];
      throw new Error(`input ${run} is neither read nor refused`, { cause: error });
    }
  }
}

/** Replaces up to three pieces of a text by marks of its syntax, numbers, or pieces of the text itself. */
export function mutated(text: string, marks: readonly string[], draw: Draw): string {
  let result = text;
  for (let changes = draw.below(4); changes > 0; changes--) {
    const at = draw.below(result.length + 1);
    const from = draw.below(result.length + 1);
    const insert = draw.below(4) === 0 ? result.slice(from, from + draw.below(40)) : draw.of(marks);
    result = result.slice(0, at) + insert + result.slice(at + draw.below(4));
  }
  return result;
}

/** Milliseconds of the processor that this process has used: a busy machine does not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
