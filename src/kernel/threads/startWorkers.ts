import { nodeModule } from '../nodeModule.js';
import { reserveBytes } from '../wasm/reserveBytes.js';
import type { ModuleInstance } from '../wasm/threadTeam.js';
import { type SharedCall, place } from './sharedCall.js';

/** A worker thread with the module on the same memory. */
export interface WorkerHandle {
  /** Tells it to take parts of the published call; returns at once. */
  begin(): void;
  /** Waits until the parts that it took are done. An error where one failed, or where the thread does not answer. */
  finish(): void;
  /** Ends the thread. */
  leave(): void;
  /** Tells the garbage collector how much memory a thread takes; see wasm/reserveBytes.ts. */
  readonly ballast: ArrayBuffer | undefined;
}

/** About how many bytes an idle thread takes. */
const THREAD = 8_388_608;

/** Milliseconds after which a thread that does not answer counts as dead. */
const PATIENCE = 30_000;
/** How often a thread looks at the flag before it sleeps on it: waking takes 30 microseconds, a look some nanoseconds. */
const LOOKS = 2_000;
const [IDLE, CALLED, BUSY, LEAVE, FAILED] = [0, 1, 2, 3, 4];

/**
 * The thread's program: it waits for a call, takes parts of it, and reports that they are done. It is text, so that no
 * bundler or loader needs to find a file.
 */
const PROGRAM = `
  const { workerData } = require('node:worker_threads');
  const { module, imports, flag, call, next, scratch, own, names, looks } = workerData;
  const { exports } = new WebAssembly.Instance(module, { env: imports });
  function takeParts() {
    const part = exports[names[call[${place.name}]]];
    const [total, each, counted] = [call[${place.total}], call[${place.each}], call[${place.counted}]];
    const args = new Array(part.length);
    exports.useScratch(scratch[own]);
    for (let from; (from = Atomics.add(next, 0, 1) * each) < total; ) {
      for (let i = 0; i < args.length; i++) args[i] = call[${place.args} + i] + from * call[${place.strides} + i];
      args[counted] = Math.min(each, total - from);
      part(...args);
    }
  }
  function called() {
    for (let look = 0; ; look++) {
      const seen = Atomics.load(flag, 0);
      if (seen === ${LEAVE}) process.exit();
      if (seen !== ${CALLED}) look > looks && Atomics.wait(flag, 0, seen);
      else if (Atomics.compareExchange(flag, 0, ${CALLED}, ${BUSY}) === ${CALLED}) return;
    }
  }
  for (;;) {
    called();
    let answer = ${IDLE};
    try {
      takeParts();
    } catch {
      answer = ${FAILED};
    }
    if (Atomics.compareExchange(flag, 0, ${BUSY}, answer) === ${LEAVE}) process.exit();
    Atomics.notify(flag, 0);
  }
`;

interface WorkerThreads {
  readonly Worker: new (program: string, options: object) => WorkerThread;
}

interface WorkerThread {
  unref(): void;
  once(event: string, listener: (error: Error) => void): void;
}

/** Ends the threads of teams that were dropped and not closed. */
const dropped = new FinalizationRegistry<readonly Int32Array[]>((flags) => flags.forEach(leave));

/**
 * Starts worker threads that take parts of published calls; an error where the platform has none. A thread ends with
 * `leave`, when nobody holds the array of handles any more, or with the process.
 */
export function startWorkers(count: number, instance: ModuleInstance, shared: SharedCall): WorkerHandle[] {
  if (count === 0) return [];
  const { Worker } = nodeModule('workers', 'node:worker_threads') as WorkerThreads;
  const { module, imports, exports } = instance;
  const { call, next, scratch } = shared;
  const names = Object.keys(exports);
  const flags = Array.from({ length: count }, () => new Int32Array(new SharedArrayBuffer(4)));
  const handles = flags.map((flag, own) => {
    const workerData = { module, imports, flag, call, next, scratch, own, names, looks: LOOKS };
    return handleOf(own + 1, flag, new Worker(PROGRAM, { eval: true, execArgv: [], workerData }));
  });
  dropped.register(handles, flags);
  return handles;
}

/**
 * The handle of a thread. A function of its own: the thread's listeners live as long as the thread and must not keep
 * the memory alive, since a thread may end because its memory was collected.
 */
function handleOf(number: number, flag: Int32Array, worker: WorkerThread): WorkerHandle {
  let gone: string | undefined;
  worker.unref();
  worker.once('error', (error: Error) => (gone = error.message));
  worker.once('exit', () => (gone ??= 'it has ended'));
  const failure = (why: string): Error => new Error(`workers: thread ${number} failed: ${why}`);
  return {
    begin() {
      if (gone !== undefined) throw failure(gone);
      Atomics.store(flag, 0, CALLED);
      Atomics.notify(flag, 0);
    },
    finish() {
      // one that is still asleep has taken nothing and need not wake
      if (Atomics.compareExchange(flag, 0, CALLED, IDLE) === CALLED) return;
      for (let look = 0; look < LOOKS; look++) if (Atomics.load(flag, 0) !== BUSY) break;
      if (Atomics.wait(flag, 0, BUSY, PATIENCE) === 'timed-out') {
        gone = `no answer in ${PATIENCE / 1000} seconds`;
      } else if (Atomics.load(flag, 0) === FAILED) gone = 'its call was cut off';
      if (gone !== undefined) throw failure(gone);
    },
    leave: () => leave(flag),
    ballast: reserveBytes(THREAD),
  };
}

function leave(flag: Int32Array): void {
  Atomics.store(flag, 0, LEAVE);
  Atomics.notify(flag, 0);
}
