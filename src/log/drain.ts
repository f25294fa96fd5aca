import type { OperatorFunction } from 'rxjs';
import { checkRecord } from '../check/checkRecord.js';
import { show } from '../check/show.js';
import { operator } from '../flow/operator.js';
import { type TemplateMatch, type TemplateMiner, templateMiner, type TemplateMinerOptions } from './templateMiner.js';

/** A line with its template. */
export interface MinedLine extends TemplateMatch {
  readonly line: string;
}

/**
 * Finds the template of each line: what is constant in it, and what varies.
 *
 * ```
 * lines    -a-b-c-|
 * drain()  -m-m-m-|     m: { line, id, template, isNew, changed, parameters, slots, kinds }
 * ```
 *
 * With options, each subscription has a miner of its own; give a `templateMiner` to keep what it learned: its `state()`
 * continues it elsewhere. The algorithm, its bounds and its source are `templateMiner`'s. A TypeError for a line that is not
 * a string.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { drain } from 'rxrnn';
 *
 * from(['job 7 done in 31 ms', 'job 8 done in 5 ms', 'disk full'])
 *   .pipe(drain())
 *   .subscribe(({ id, template, parameters }) => console.log(id, template, parameters.length));
 * // -> 0 job <*> done in <*> ms 2
 * // -> 0 job <*> done in <*> ms 2
 * // -> 1 disk full 0
 * ```
 */
export function drain(given: TemplateMinerOptions | TemplateMiner = {}): OperatorFunction<string, MinedLine> {
  checkRecord('drain', 'options', given);
  const shared = isMiner(given) ? given : undefined;
  if (!shared) templateMiner(given as TemplateMinerOptions); // refuses wrong options at once
  return operator((subscriber) => {
    const miner = shared ?? templateMiner(given as TemplateMinerOptions);
    let index = 0;
    return {
      next(line) {
        if (typeof line !== 'string') throw new TypeError(`drain: line ${index} must be a string, got ${show(line)}`);
        index += 1;
        subscriber.next({ line, ...miner.match(line) });
      },
    };
  });
}

function isMiner(given: TemplateMinerOptions | TemplateMiner): given is TemplateMiner {
  return typeof (given as Partial<TemplateMiner>).match === 'function';
}
