import { alone } from './alone.js';
import { board, type Call } from './board.js';
import type { Crew, Site } from './crew.js';
import { cutCall, sharedNames, worthSharing } from './cutCall.js';
import { hire } from './hire.js';
import type { Exports } from './instantiate.js';
import { room } from './room.js';

/**
 * A crew of `count` threads, this one among them: large calls are shared out, small ones stay here. The others are
 * worker threads on the same memory; they wait, and do not keep the process alive.
 *
 * A shared call has several parts for each thread, and each takes the next that nobody has: a thread whose processor is
 * slow does fewer, and one that sleeps is not waited for.
 */
export function threads(count: number): (site: Site) => Crew {
  return (site) => {
    const { exports, size, allocate } = site;
    const self = alone(site);
    const common = board(exports, count - 1);
    const hands = hire(count - 1, site, common);
    const scratch = hands.map(() => room(allocate));

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
        const call = large ? cutCall(name, args, count, size) : undefined;
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
