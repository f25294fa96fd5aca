import { defer, type Observable } from 'rxjs';
import { unlimited, type Demand } from '../flow/demand.js';
import { flat } from '../flow/flat.js';
import { pull } from '../flow/pull.js';
import type { RunLog } from './openLog.js';
import type { Entry } from './recording.js';

/** How a tape is replayed. */
export interface ReplayLogOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** The first block to read; 0 by default. */
  readonly from?: number;
  /**
   * Whether all blocks are read and checked before the first entry is emitted, so that nothing of a tape that was
   * changed is replayed; true by default. Without it, each block is checked when it is read.
   */
  readonly verify?: boolean;
}

/**
 * The entries of a tape in the order in which they happened, read block by block as they are demanded.
 *
 * ```
 * demand$                                      -2-----1-2-
 * replayLog(tape, { demand: requested(…) })   -(ab)--c-|
 * ```
 *
 * `filter` for one track of it; `map` for the values. A RecordingError where a block was changed.
 */
export function replayLog(
  tape: RunLog,
  { demand = unlimited, from = 0, verify = true }: ReplayLogOptions = {},
): Observable<Entry> {
  return defer(() => {
    if (verify) for (let i = from; i < tape.blocks.length; i++) tape.read(i);
    return pull(
      flat(() => blocks(tape, from)),
      demand,
    );
  });
}

function* blocks(tape: RunLog, from: number): Generator<readonly Entry[], void, void> {
  for (let i = from; i < tape.blocks.length; i++) yield tape.read(i);
}
