import { singleThread } from './singleThread.js';
import { sharedCall, type Call } from './sharedCall.js';
import type { ThreadTeam, ModuleInstance } from './threadTeam.js';
import { partitionCall, sharedNames, worthSharing } from './partitionCall.js';
import { startWorkers } from './startWorkers.js';
import type { Exports } from '../wasm/instantiate.js';
import { growableBuffer } from '../wasm/growableBuffer.js';

/**
 * A crew of `count` threads, this one among them: large calls are shared out, small ones stay here. The others are
 * worker threads on the same memory; they wait, and do not keep the process alive.
 *
 * A shared call has several parts for each thread, and each takes the next that nobody has: a thread whose processor is
 * slow does fewer, and one that sleeps is not waited for.
 */
export function threads(count: number): (site: ModuleInstance) => ThreadTeam {
  return (site) => {
    const { exports, size, allocate, free } = site;
    const self = singleThread(site);
    const common = sharedCall(exports, count - 1);
    const hands = startWorkers(count - 1, site, common);
    const scratch = hands.map(() => growableBuffer(allocate, free));

    function share(call: Call): void {
      common.put(call);
      for (const hand of hands) hand.begin();
      common.takeParts(call);
      for (const hand of hands) hand.finish();
    }

    const shared: Partial<Record<keyof Exports, (...args: number[]) => number>> = {};
    for (const name of sharedNames) {
      const here = exports[name];
      shared[name] = (...args) => {
        const large = hands.length > 0 && worthSharing(name, args);
        const call = large ? partitionCall(name, args, count, size) : undefined;
        if (!call) return here(...args);
        share(call);
        return 0;
      };
    }

    return {
      alone: false,
      exports: { ...exports, ...shared },
      needScratch(bytes) {
        self.needScratch(bytes);
        for (const i of hands.keys()) common.scratch[i] = scratch[i]!(Math.ceil(bytes / 4)).byteOffset;
      },
      close() {
        for (const hand of hands.splice(0)) hand.leave();
      },
    };
  };
}
