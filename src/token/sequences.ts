import type { OperatorFunction } from 'rxjs';
import { flag } from '../check/flag.js';
import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import type { Token, Window } from '../types.js';

/** How separate sequences become windows. */
export interface SequencesOptions {
  /** The target after the last token of each sequence. */
  readonly end: Token;
  /** Carries the hidden state from one sequence to the next: only the first window resets; `false` by default. */
  readonly carry?: boolean | undefined;
  /** Sequences side by side in a window; 1 by default, and must be 1 with `carry`. */
  readonly lanes?: number | undefined;
}

/**
 * Turns separate sequences, such as names, into windows: one sequence, one lane, from "no input" to the end token.
 *
 * ```
 * sequences               -(h e)--(a)--|
 * sequences({ end: 0 })   -x------y----|
 *
 * x  inputs -1 h e  targets h e 0  resets 1
 * y  inputs -1 a    targets a 0    resets 1
 * ```
 *
 * With `lanes`, that many sequences are gathered and padded to the longest of them (input -1, target 0, mask 0; there is no
 * mask where nothing is padded); on completion the rest follows, with fewer lanes; an error drops it. An empty sequence is
 * allowed and learns only its end. Each window owns its arrays; a sequence must not change until its window is emitted. A
 * RangeError at once for an `end` that is not a token, for `lanes` below 1, and for `carry` with more than one lane; a
 * TypeError that names the place for a token that is not an integer.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { sequences } from 'rxrnn';
 *
 * of([1, 2], [3])
 *   .pipe(sequences({ end: 0, lanes: 2 }))
 *   .subscribe(({ inputs, targets, mask }) =>
 *     console.log(inputs.join(' '), '→', targets.join(' '), 'mask', mask?.join(' ')),
 *   );
 * // -> -1 -1 1 3 2 -1 → 1 3 2 0 0 0 mask 1 1 1 1 1 0
 * ```
 */
export function sequences(given: SequencesOptions): OperatorFunction<ArrayLike<Token>, Window> {
  given = options('sequences', given, { end: wholeNumber(), carry: optional(flag), lanes: optional(positiveInteger) });
  const { end, carry = false, lanes = 1 } = given;
  if (carry && lanes > 1) throw new RangeError(`sequences: carry needs lanes to be 1, got ${lanes}`);
  return operator((subscriber) => {
    let group: ArrayLike<Token>[] = [];
    let first = true;
    let received = 0;

    function emit(): void {
      const window = pad(group, end);
      group = [];
      const resets = first || !carry;
      first = false;
      subscriber.next(resets ? { ...window, resets: new Uint8Array(window.lanes).fill(1) } : window);
    }
    return {
      next(sequence) {
        checkSequence(sequence, received++);
        group.push(sequence);
        if (group.length === lanes) emit();
      },
      complete() {
        if (group.length > 0) emit();
        subscriber.complete();
      },
    };
  });
}

/** Throws unless the sequence is a list of integers. */
function checkSequence(sequence: ArrayLike<Token>, index: number): void {
  const length: unknown = (sequence as ArrayLike<Token> | undefined | null)?.length;
  if (!Number.isSafeInteger(length) || (length as number) < 0 || typeof sequence === 'function') {
    throw new TypeError(`sequences: sequence ${index} must be a list of tokens, got ${show(sequence)}`);
  }
  for (let t = 0; t < sequence.length; t++) {
    if (!isInt32(sequence[t])) throw notAToken('sequences', `${t} of sequence ${index}`, sequence[t]);
  }
}

function pad(group: readonly ArrayLike<Token>[], end: Token): Window {
  const lanes = group.length;
  let longest = 0;
  let shortest = Infinity;
  for (const { length } of group) {
    longest = Math.max(longest, length);
    shortest = Math.min(shortest, length);
  }
  const steps = longest + 1;
  const inputs = new Int32Array(steps * lanes).fill(-1);
  const targets = new Int32Array(steps * lanes);
  const mask = shortest < longest ? new Uint8Array(steps * lanes) : undefined;
  for (let lane = 0; lane < lanes; lane++) {
    const sequence = group[lane]!;
    const { length } = sequence;
    for (let t = 0; t < length; t++) {
      targets[t * lanes + lane] = sequence[t]!;
      inputs[(t + 1) * lanes + lane] = sequence[t]!;
    }
    targets[length * lanes + lane] = end;
    if (mask) for (let t = 0; t <= length; t++) mask[t * lanes + lane] = 1;
  }
  return { steps, lanes, inputs, targets, ...(mask ? { mask } : {}) };
}
