import type { OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import { operator } from '../flow/operator.js';
import type { Numbers, Token } from '../types.js';
import { countedRows } from './countedRows.js';
import { checkFresh, type Scored } from './stages.js';

/** One target that counts, with what the model gave for it. */
export interface ScoredTarget {
  /** The outputs of its step, such as logits: a view, to be read at once. */
  readonly output: Numbers;
  /** A token, or the numbers of a step: a view, too. */
  readonly target: Token | Numbers;
  readonly step: number;
  readonly lane: number;
}

/**
 * Makes a measure of your own, for the `measures` of `evaluate` and `validate`: the mean of a number over the targets
 * that count, those of a step together.
 *
 * ```
 *   a loss              --s0-----s1-----s2--|
 *   measure('…', of)    --------------------(m|)     m: the mean of `of` over all targets of s0, s1 and s2
 * ```
 *
 * A measure is an operator from scored windows to one figure, when they end. One that is not a mean, or not a number, is
 * written with rxjs: `reduce`, or a `measure` and `map` after it. A RangeError where no target counts
 * and for a number that is not finite, a TypeError for anything else.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { evaluate, linear, measure, sequential, squaredError, type Numbers } from 'rxrnn';
 *
 * // the share of steps all of whose outputs are within 0.1 of their targets
 * const within = measure('within', ({ output, target }) =>
 *   (target as Numbers).every((number, i) => Math.abs(number - output[i]!) < 0.1) ? 1 : 0,
 * );
 * const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
 * model.weights.learned.set([2, 0]); // y = 2 x
 * const window = { steps: 2, lanes: 1, inputs: Float32Array.of(1, 2), targets: Float32Array.of(2.05, 3) };
 * of(window)
 *   .pipe(evaluate(model, { loss: squaredError(), measures: { within } }))
 *   .subscribe((evaluation) => console.log(evaluation.within)); // -> 0.5
 * ```
 */
export function measure(name: string, ofTarget: (scored: ScoredTarget) => number): OperatorFunction<Scored, number> {
  string('measure', 'name', name);
  callable('measure', 'ofTarget', ofTarget);
  return operator((subscriber) => {
    let count = 0;
    let sum = 0;
    return {
      next(scored) {
        checkFresh(name, scored);
        const { window, model, tape } = scored;
        const { lanes, targets } = window;
        const tokens = targets instanceof Int32Array;
        const width = targets.length / (window.steps * lanes);
        const { output } = tape;
        for (const row of countedRows(scored)) {
          count++;
          const value = ofTarget({
            output: output.subarray(row * model.outputSize, (row + 1) * model.outputSize),
            target: tokens ? targets[row]! : targets.subarray(row * width, (row + 1) * width),
            step: Math.floor(row / lanes),
            lane: row % lanes,
          });
          if (!Number.isFinite(value))
            refuse(name, 'what a measure of a target returns', 'a finite number', value, 'number');
          sum += value;
        }
      },
      complete() {
        if (count === 0) throw new RangeError(`${name}: no target counts, so there is nothing to measure`);
        subscriber.next(sum / count);
        subscriber.complete();
      },
    };
  });
}
