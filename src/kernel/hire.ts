import type { Site } from './crew.js';
import type { Exports } from './instantiate.js';
import { nodeModule } from './nodeModule.js';

/** A worker thread with the module on the same memory. */
export interface Hand {
  /** Has it call a function of the module; returns at once. */
  begin(name: keyof Exports, args: readonly number[]): void;
  /** Waits until the call is done. An error where it failed, or where the thread does not answer. */
  finish(): void;
  /** Ends the thread. */
  leave(): void;
}

/** Milliseconds after which a thread that does not answer counts as dead. */
const PATIENCE = 30_000;
/** Looks at the call's flag before it sleeps on it: a wake-up takes 30 microseconds, a look some nanoseconds. */
const LOOKS = 2_000;
const [IDLE, CALLED, LEAVE, FAILED] = [0, 1, 2, 3];
/** The most arguments of a function, and its number before them. */
const SLOT = 24;

/** The thread's program: waits for a call, makes it, says so. Text, so that no bundler and no loader needs to find a file. */
const PROGRAM = `
  const { workerData } = require('node:worker_threads');
  const { module, memory, flag, slot, names, looks } = workerData;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  for (;;) {
    let look = 0;
    while (Atomics.load(flag, 0) !== ${CALLED}) {
      if (Atomics.load(flag, 0) === ${LEAVE}) process.exit();
      if (++look > looks) Atomics.wait(flag, 0, ${IDLE});
    }
    let answer = ${IDLE};
    try {
      exports[names[slot[0]]](...slot.subarray(1));
    } catch {
      answer = ${FAILED};
    }
    Atomics.store(flag, 0, answer);
    Atomics.notify(flag, 0);
  }
`;

interface WorkerThreads {
  readonly Worker: new (
    program: string,
    options: object,
  ) => {
    unref(): void;
    once(event: string, listener: (error: Error) => void): void;
  };
}

/** Starts worker threads; an error where the platform has none. */
export function hire(count: number, { module, memory, exports }: Site): Hand[] {
  if (count === 0) return [];
  const { Worker } = nodeModule('workers', 'node:worker_threads') as WorkerThreads;
  const names = Object.keys(exports);
  return Array.from({ length: count }, (_, i): Hand => {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const slot = new Float64Array(new SharedArrayBuffer(8 * SLOT));
    const worker = new Worker(PROGRAM, {
      eval: true,
      execArgv: [],
      workerData: { module, memory, flag, slot, names, looks: LOOKS },
    });
    worker.unref();
    let gone: string | undefined;
    worker.once('error', (error: Error) => (gone = error.message));
    worker.once('exit', () => (gone ??= 'it has ended'));
    const failure = (why: string): Error => new Error(`workers: thread ${i + 1} failed: ${why}`);
    return {
      begin(name, args) {
        if (gone !== undefined) throw failure(gone);
        slot[0] = names.indexOf(name);
        slot.set(args, 1);
        Atomics.store(flag, 0, CALLED);
        Atomics.notify(flag, 0);
      },
      finish() {
        for (let look = 0; look < LOOKS; look++) if (Atomics.load(flag, 0) !== CALLED) break;
        if (Atomics.wait(flag, 0, CALLED, PATIENCE) === 'timed-out') {
          gone = `no answer in ${PATIENCE / 1000} seconds`;
        } else if (Atomics.load(flag, 0) === FAILED) gone = 'its call was cut off';
        if (gone !== undefined) throw failure(gone);
      },
      leave() {
        Atomics.store(flag, 0, LEAVE);
        Atomics.notify(flag, 0);
      },
    };
  });
}
