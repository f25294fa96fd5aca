// Stryker's test runner for these tests, as a plugin. One process tries change after change, each with the tests that
// touch it, the quickest first, until one fails. (Stryker's own command runner starts a process and runs every test for
// each change.)
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Test } from './suites.js';

type Counts = Record<string, number>;

/** The verdict on a change. */
interface Verdict {
  readonly id: string;
  readonly verdict: object;
}

/** The state that the changed code and Stryker share. */
interface Shared {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { static: Counts; perTest: Record<string, Counts> };
}

interface Run {
  readonly activeMutant: { readonly id: string };
  readonly mutantActivation: 'runtime' | 'static';
  readonly reloadEnvironment: boolean;
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
}

/** Computing time of a test: slower tests are left out, and a change is stopped at the limit. */
const QUICK_MS = 400;
const LIMIT_MS = 2000;

/** Names of the quick tests, and the verdict on the change at which this process ended: passed to the next process. */
const QUICK = 'quick.json';
const VERDICT = 'verdict.json';

/** How often a waiting test is checked, and how often it must be found waiting for nothing. */
const LOOK_MS = 10;
const LOOKS = 5;

const shared: Shared = {};
Object.assign(globalThis, { __stryker__: shared });

class Runner {
  #tests: Map<string, Test> | undefined;
  #loads = 0;

  capabilities(): object {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<object> {
    const tests = [...(await this.#loaded()).values()];
    const results: { id: string; name: string; timeSpentMs: number; status: number; failureMessage: string }[] = [];
    for (const { name, run } of tests) {
      shared.currentTestId = name;
      const start = process.cpuUsage();
      const failure = await failureOf(run, 100 * LIMIT_MS);
      const { user, system } = process.cpuUsage(start);
      const timeSpentMs = (user + system) / 1000;
      results.push({
        id: name,
        name,
        timeSpentMs,
        status: failure === undefined ? 0 : 1,
        failureMessage: failure ?? '',
      });
    }
    shared.currentTestId = undefined;
    const { static: atLoad, perTest } = structuredClone(shared.mutantCoverage ?? { static: {}, perTest: {} });
    const quick = results
      .filter(({ timeSpentMs }) => timeSpentMs < QUICK_MS)
      .toSorted((a, b) => a.timeSpentMs - b.timeSpentMs)
      .map(({ id }) => id);
    const failing = new Set([...(await this.#failing(quick, true)), ...(await this.#failing(quick, false))]);
    for (const id of failing) {
      quick.splice(quick.indexOf(id), 1);
      appendFileSync(
        process.env['MUTATION_LEFT_OUT']!,
        `left out, for it fails in another order or once more: ${id}\n`,
      );
    }
    writeFileSync(QUICK, JSON.stringify(quick));
    // Stryker names the tests of a change in this order.
    const ordered: Record<string, Counts> = Object.fromEntries(quick.map((id) => [id, perTest[id] ?? {}]));
    // Code that tests touch need not be loaded again, even if loading touches it too.
    for (const touched of Object.values(ordered)) for (const id of Object.keys(touched)) delete atLoad[id];
    return { status: 'complete', tests: results, mutantCoverage: { static: atLoad, perTest: ordered } };
  }

  async mutantRun(run: Run): Promise<object> {
    const { id } = run.activeMutant;
    const left = existsSync(VERDICT) ? (JSON.parse(readFileSync(VERDICT, 'utf8')) as Verdict) : undefined;
    if (left?.id === id) return left.verdict;
    leave({ id, verdict: { status: 'timeout', reason: 'the process ended' } });
    const verdict = await this.#tried(run);
    Object.assign(shared, { activeMutant: undefined, hitCount: undefined });
    return verdict;
  }

  async #tried({ activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit }: Run): Promise<object> {
    if (reloadEnvironment) this.#tests = undefined;
    if (mutantActivation === 'runtime') await this.#loaded();
    Object.assign(shared, { activeMutant: activeMutant.id, hitCount: 0, hitLimit: hitLimit && hitLimit / 10 });
    let tests: Map<string, Test>;
    try {
      tests = await this.#loaded();
    } catch (error) {
      return { status: 'killed', killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    }
    let nrOfTests = 0;
    for (const id of testFilter ?? (JSON.parse(readFileSync(QUICK, 'utf8')) as string[])) {
      const { run } = tests.get(id)!;
      nrOfTests += 1;
      const failureMessage = await failureOf(run);
      if (failureMessage === undefined) continue;
      const endless = shared.hitLimit !== undefined && shared.hitCount! > shared.hitLimit;
      const verdict = endless
        ? { status: 'timeout', reason: failureMessage }
        : { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
      if (mutantActivation === 'static') return verdict; // the next change loads everything again
      leave({ id: activeMutant.id, verdict });
      Object.assign(shared, { activeMutant: undefined, hitCount: undefined });
      if ((await failureOf(run)) !== undefined) throw new Error('fails without the change, too: a new process, then');
      return verdict;
    }
    return { status: 'survived', nrOfTests };
  }

  async #failing(ids: readonly string[], reloaded: boolean): Promise<string[]> {
    if (reloaded) this.#tests = undefined;
    const tests = await this.#loaded();
    const failing: string[] = [];
    for (const id of ids) if ((await failureOf(tests.get(id)!.run)) !== undefined) failing.push(id);
    return failing;
  }

  async #loaded(): Promise<Map<string, Test>> {
    if (this.#tests) return this.#tests;
    const { href } = pathToFileURL(join(process.cwd(), process.env['MUTATION_TESTS']!));
    const { tests } = (await import(`${href}?${(this.#loads += 1)}`)) as { tests: readonly Test[] };
    this.#tests = new Map(tests.map((test) => [test.name, test]));
    return this.#tests;
  }
}

export const strykerPlugins: readonly object[] = [{ kind: 'TestRunner', name: 'uvu', injectableClass: Runner }];

/** Uncaught errors; a test may listen for its own. */
const escaped: unknown[] = [];
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') === 1) escaped.push(error);
});
process.on('unhandledRejection', (error) => escaped.push(error));

/** The limit at which the process ends itself, in milliseconds of computing: another thread stops an endless loop. */
const until = new Float64Array(new SharedArrayBuffer(8)).fill(Infinity);
new Worker(
  `const { workerData } = require('node:worker_threads');
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    if ((user + system) / 1000 > workerData[0]) process.kill(process.pid, 'SIGKILL');
  }, 100);`,
  { eval: true, workerData: until },
).unref();

/** Finds why a test fails: it throws, an error escapes it, or it waits forever. */
async function failureOf(run: () => Promise<void>, limit = LIMIT_MS): Promise<string | undefined> {
  escaped.length = 0;
  until[0] = cpu() + limit;
  const idle = resources();
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;
  const forever = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      looks = resources() === idle ? looks + 1 : 0;
      if (looks === LOOKS) reject(new Error('waits for what never comes'));
    }, LOOK_MS).unref();
  });
  try {
    await Promise.race([run(), forever]);
    await new Promise((resolve) => setTimeout(resolve));
    if (escaped.length > 0) throw escaped[0];
  } catch (error) {
    return String(error) || 'fails';
  } finally {
    clearInterval(timer);
    until[0] = Infinity;
  }
  return undefined;
}

function leave(verdict: Verdict): void {
  writeFileSync(VERDICT, JSON.stringify(verdict));
}

/** Milliseconds of computing time of this process. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Counts pending work: timers, requests, handles. */
function resources(): string {
  return process.getActiveResourcesInfo().toSorted().join();
}
