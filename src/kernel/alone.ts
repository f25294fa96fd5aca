import type { Crew, Site } from './crew.js';
import { room } from './room.js';

/** A crew of this thread alone. */
export function alone({ exports, allocate }: Site): Crew {
  const scratch = room(allocate);
  return {
    alone: true,
    exports,
    needScratch(bytes) {
      exports.useScratch(scratch(Math.ceil(bytes / 4)).byteOffset);
    },
    close() {
      // nobody to send home
    },
  };
}
