import { defer, type Observable } from 'rxjs';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { unlimited, type Demand } from '../flow/demand.js';
import { flat } from '../flow/flat.js';
import { pull } from '../flow/pull.js';
import type { RunLog } from './openLog.js';
import type { Entry } from './recording.js';
import { checkDemand } from '../flow/checkDemand.js';
import { checkRunLog } from './checkRunLog.js';

/** How a run log is replayed. */
export interface ReplayLogOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /** The index of the first block to read; 0 by default. */
  readonly from?: number | undefined;
  /**
   * Whether all blocks are read and checked before the first entry is emitted, so that nothing is replayed of a log
   * that was changed; true by default. With `false` each block is checked when it is read.
   */
  readonly verify?: boolean | undefined;
}

/**
 * Emits the entries of a run log in their order, read block by block as they are demanded.
 *
 * ```
 * demand$                                      -2-----1-2-
 * replayLog(log, { demand: requested(…) })     -(ab)--c-|
 * ```
 *
 * Use `filter` for one track, `map` for the values. A RecordingError where a block was changed.
 */
export function replayLog(log: RunLog, given: ReplayLogOptions = {}): Observable<Entry> {
  checkRunLog('replayLog', 'log', log);
  given = options('replayLog', given, {
    demand: optional(checkDemand),
    from: optional(wholeNumber()),
    verify: optional(flag),
  });
  const { demand = unlimited, from = 0, verify = true } = given;
  return defer(() => {
    if (verify) for (let i = from; i < log.blocks.length; i++) log.read(i);
    return pull(
      flat(() => blocks(log, from)),
      demand,
    );
  });
}

function* blocks(log: RunLog, from: number): Generator<readonly Entry[], void, void> {
  for (let i = from; i < log.blocks.length; i++) yield log.read(i);
}
