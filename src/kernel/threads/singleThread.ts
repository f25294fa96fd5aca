import type { ThreadTeam, ModuleInstance } from './threadTeam.js';
import { growableBuffer } from '../wasm/growableBuffer.js';

/** A crew of this thread alone. */
export function singleThread({ exports, allocate, free }: ModuleInstance): ThreadTeam {
  const scratch = growableBuffer(allocate, free);
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
