// Replaces `uvu` in the bundle of tests that a change is tried with: keeps the tests instead of running them.
import * as fc from 'fast-check';

export interface Test {
  readonly name: string;
  /** Throws if the test fails. */
  run(): Promise<void>;
}

type Context = Record<string, unknown>;
type Handler = (context: Context) => unknown;

/** The part of uvu's suites that the tests use. */
interface Suite {
  (name: string, handler: Handler): void;
  readonly before: { each(handler: Handler): void };
  readonly after: { each(handler: Handler): void };
  run(): void;
}

/** The tests of every file that was imported. */
export const tests: Test[] = [];

// The same tests each time, so that they touch the same code; a smaller example is of no use here.
fc.configureGlobal({ seed: 1, endOnFailure: true });

export function suite(): Suite {
  const before: Handler[] = [];
  const after: Handler[] = [];
  const context: Context = {};
  const add = (name: string, handler: Handler): void => {
    const run = async (): Promise<void> => {
      for (const hook of before) await hook(context);
      try {
        await handler(context);
      } finally {
        for (const hook of after) await hook(context);
      }
    };
    tests.push({ name: `${tests.length + 1} ${name}`, run });
  };
  return Object.assign(add, {
    before: { each: (handler: Handler) => before.push(handler) },
    after: { each: (handler: Handler) => after.push(handler) },
    run: () => undefined,
  });
}

export const test: Suite = suite();
