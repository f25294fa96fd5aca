import { reasonOf } from '../../check/reasonOf.js';
import { growableBuffer } from '../wasm/growableBuffer.js';
import type { Exports } from '../wasm/instantiate.js';
import { singleThread } from '../wasm/singleThread.js';
import type { ModuleInstance, ThreadTeam } from '../wasm/threadTeam.js';
import { partitionCall, sharedNames, worthSharing } from './partitionCall.js';
import { shareCall } from './shareCall.js';
import { sharedCall, type Call } from './sharedCall.js';
import { startWorkers } from './startWorkers.js';

/**
 * A team of `count` threads, this one among them: large calls are shared out, small ones stay here. The others are
 * worker threads on the same memory; they wait, and do not keep the process alive.
 *
 * A shared call has several parts for each thread, and each takes the next that nobody has: a thread whose processor is
 * slow does fewer, and one that sleeps is not waited for.
 */
export function threads(count: number): (instance: ModuleInstance) => ThreadTeam {
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new Error(
      'workers: threads need SharedArrayBuffer, which is not there (browsers have it on pages that are cross-origin ' +
        'isolated); leave workers at 1',
    );
  }
  return (instance) => {
    const { exports, size, allocate, free } = instance;
    const self = singleThread(instance);
    const common = sharedCall(exports, count - 1);
    const workers = startWorkers(count - 1, instance, common);
    const scratch = workers.map(() => growableBuffer(allocate, free));

    let failure: Error | undefined; // of the first call that was not done: its numbers cannot be trusted

    function share(call: Call): void {
      if (failure) throw failure;
      try {
        shareCall(common, workers, call);
      } catch (cause) {
        const advice = 'make the model again, or continue with this thread alone after model.kernel.close()';
        failure = new Error(`workers: a call was not done (${reasonOf(cause)}); ${advice}`, { cause });
        throw failure;
      }
    }

    const shared: Partial<Record<keyof Exports, (...args: number[]) => number>> = {};
    for (const name of sharedNames) {
      const here = exports[name];
      shared[name] = (...args) => {
        const large = workers.length > 0 && worthSharing(name, args);
        const call = large ? partitionCall(name, args, count, size) : undefined;
        if (!call) return here(...args);
        share(call);
        return 0;
      };
    }

    return {
      single: false,
      functions: { ...exports, ...shared },
      needScratch(bytes) {
        self.needScratch(bytes);
        for (const i of workers.keys()) common.scratch[i] = scratch[i]!(Math.ceil(bytes / 4)).byteOffset;
      },
      close() {
        for (const worker of workers.splice(0)) worker.leave();
      },
    };
  };
}
