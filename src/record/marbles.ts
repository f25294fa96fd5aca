import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { callable } from '../check/callable.js';
import { show } from '../check/show.js';
import { compare } from './compare.js';
import { string } from '../check/string.js';
import type { Test } from 'uvu';

/** Registers a marble test: its name, and what runs in virtual time. */
export type MarbleTest = (name: string, body: (helpers: RunHelpers) => void) => void;

/** Registers a test of a runner: its `test` or `it`. */
export type RegisterTest = (name: string, run: () => void) => unknown;

/** What `marbles` is: a `MarbleTest`, and the same for another runner. */
export interface Marbles extends MarbleTest {
  /** Gives a `MarbleTest` that registers with the `test` or `it` of a runner. */
  with(register: RegisterTest): MarbleTest;
}

/**
 * Runs `body` in virtual time, as one test; where it fails, the test shows the two diagrams, one above the other, and
 * the values of their marbles.
 *
 * ```ts
 * import { scan } from 'rxjs';
 * import { marbles } from 'rxrnn/marbles';
 * import { test } from 'uvu';
 *
 * marbles('scan adds up', ({ cold, expectObservable }) => {
 *   const source = cold('  -a-b-|', { a: 1, b: 2 });
 *   const expected = '     -x-y-|';
 *   expectObservable(source.pipe(scan((sum, n) => sum + n))).toBe(expected, { x: 1, y: 3 });
 * });
 * test.run(); // uvu's, at the end of the file
 * ```
 *
 * ```
 * Expected: -a-b-|
 * Actual:   -a-c-|
 * a := 1
 * b := 3
 * c := 4
 * ```
 *
 * The test is registered with a global `it` or `test`, as Jest and Mocha have, else with uvu's. For other runners there
 * is `marbles.with(test)`, with the `test` that is imported from `node:test` or `vitest`. Under one of these, where uvu
 * would not run the test, `marbles` alone is an Error, and a process that ends before uvu ran has exit status 1.
 *
 * The helpers are those of RxJS's `TestScheduler.run`; a frame is a millisecond. Values are compared as `compare` says:
 * typed arrays by content, errors by name and message. Promises do not follow virtual time, so a `body` that returns
 * one is a TypeError.
 */
export const marbles: Marbles = Object.assign(
  ((name, body) => {
    checkTest(name, body);
    const register = globalRegister();
    if (register !== undefined) return registerWith(register)(name, body);
    uvuRegister(name)(name, () => run(name, body)); // it prints the details of an error
  }) satisfies MarbleTest,
  {
    with(register: RegisterTest): MarbleTest {
      callable('marbles.with', 'register', register);
      return registerWith(register);
    },
  },
);

function registerWith(register: RegisterTest): MarbleTest {
  return (name, body) => {
    checkTest(name, body);
    register(name, () => {
      try {
        run(name, body);
      } catch (error) {
        throw withDetails(error);
      }
    });
  };
}

function checkTest(name: string, body: (helpers: RunHelpers) => void): void {
  string('marbles', 'name', name);
  callable('marbles', 'body', body);
}

/** Moves the diagrams, which other runners than uvu do not print, into the message of an error. */
function withDetails(error: unknown): unknown {
  if (!(error instanceof Error && 'details' in error && typeof error.details === 'string')) return error;
  return new Error(`${error.message}\n\n${error.details}`);
}

function run(name: string, body: (helpers: RunHelpers) => void): void {
  let expectations = 0;
  const scheduler = new TestScheduler((actual, expected) => {
    expectations += 1;
    compare(actual, expected, expectations);
  });
  const result: unknown = scheduler.run(body);
  if (result instanceof Promise) throw new TypeError(`marbles: ${show(name)} must run synchronously, got a promise`);
}

/** uvu's, where it is installed: other runners need not have it. */
const uvu = await import('uvu').catch(() => undefined);

function globalRegister(): RegisterTest | undefined {
  const { it, test } = globalThis as { readonly it?: unknown; readonly test?: unknown };
  return [it, test].find((one): one is RegisterTest => typeof one === 'function');
}

/** Runners by what they set in the environment of a test file. */
const RUNNERS: Readonly<Record<string, string>> = {
  NODE_TEST_CONTEXT: 'node:test',
  VITEST: 'vitest',
  JEST_WORKER_ID: '@jest/globals',
};

/** Gives uvu's `test`; an Error under a runner that would pass without running what is registered there. */
function uvuRegister(name: string): RegisterTest {
  const found = Object.keys(RUNNERS).find((variable) => globalThis.process?.env[variable] !== undefined);
  if (found !== undefined) {
    throw new Error(
      `marbles: ${show(name)} would not run: this file is run by another runner than uvu (${found} is set); write ` +
        `marbles.with(test)(name, body), with the test of ${RUNNERS[found]}`,
    );
  }
  if (uvu === undefined) {
    throw new Error(
      `marbles: ${show(name)} would not run: there is no global it or test, and uvu is not installed; write ` +
        'marbles.with(test)(name, body), with the test of your runner',
    );
  }
  watchUvu(uvu.test);
  return uvu.test;
}

let waiting = false; // for uvu to run what is registered

/** Fails a process that ends before uvu has run what is registered. */
function watchUvu(test: Test): void {
  if (waiting) return;
  waiting = true;
  test.before(() => {
    waiting = false;
  });
  globalThis.process?.once('exit', (code) => {
    if (!waiting || code !== 0) return;
    const advice = 'call test.run() of uvu at the end of the file, or use marbles.with(test)';
    process.stderr.write(`marbles: no test ran; ${advice}\n`);
    process.exitCode = 1;
  });
}
