import * as fc from 'fast-check';

/** The numbers of inputs that a reader accepted and refused. */
interface Outcome {
  read: number;
  refused: number;
}

/** Gives a reader many inputs; fails at the first that it neither reads nor refuses with an error of its own. */
export type Campaign = (runs: number) => Promise<Outcome>;

/** A reader with inputs: `read` throws what the reader throws, and `ours` distinguishes a refusal from an accident. */
export function campaign<T>(
  inputs: fc.Arbitrary<T>,
  read: (input: T) => unknown,
  ours: (error: Error) => boolean,
): Campaign {
  return async (numRuns) => {
    const outcome = { read: 0, refused: 0 };
    const property = fc.asyncProperty(inputs, async (input) => {
      try {
        await read(input);
        outcome.read++;
      } catch (error) {
        if (!(error instanceof Error && ours(error))) throw error;
        outcome.refused++;
      }
    });
    await fc.assert(property, { numRuns });
    return outcome;
  };
}

/** Generates a text with up to three pieces replaced, by symbols of its syntax or by any characters. */
export function damaged(text: string, marks: readonly string[]): fc.Arbitrary<string> {
  const insert = fc.oneof(fc.constantFrom(...marks), fc.string({ unit: 'binary', maxLength: 2 }));
  const change = fc.tuple(fc.nat(text.length), fc.nat(3), insert);
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    let result = text;
    for (const [at, drop, insert] of changes) result = result.slice(0, at) + insert + result.slice(at + drop);
    return result;
  });
}
