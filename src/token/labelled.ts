import type { OperatorFunction } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { operator } from '../flow/operator.js';
import type { Token, Window } from '../types.js';
import { padSequences, type Sequence, checkSequence } from './padSequences.js';

/** A sequence with what is to be said of it as a whole. */
export interface LabelledSequence {
  readonly sequence: Sequence;
  /** A class, as a token; or numbers, as many for every sequence. */
  readonly label: Token | ArrayLike<number>;
}

/** How sequences with labels become windows. */
export interface LabelledOptions {
  /** Sequences side by side in a window; 1 by default. */
  readonly lanes?: number;
}

/**
 * Turns sequences with one label each into windows whose only target that counts is at each lane's last step.
 *
 * ```
 * sequences                 -(h e → 1)--(a → 0)--|
 * labelled({ lanes: 2 })    -------------x-------|
 *
 * x  inputs h a e -1   targets 0 0 1 0   mask 1 1 1 0   targetMask 0 1 1 0   resets 1 1
 * ```
 *
 * A sequence is a list of tokens, or of rows: lists of numbers, as many in each. A label that is a token is a class, for
 * `crossEntropy`; one that is a list has the numbers that the model is to give. `lanes` sequences are padded to the longest of
 * them; on completion the rest follows, with fewer lanes; an error drops it. `summary` before the last layer gives that layer a
 * row for the sequence as a whole; `classify` reads labels off a model.
 *
 * A window is as long as its longest sequence, and is learned in one turn of the event loop, however long: a demand of
 * `yielding` pauses between windows only. Cut or refuse sequences whose turn would be too long.
 *
 * Each window owns its arrays; a sequence must not change until its window is emitted. A TypeError that names the
 * sequence where it or its label is of another form than the first, and a RangeError for one without a step.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { labelled } from 'rxrnn';
 *
 * of({ sequence: [7, 4], label: 1 }, { sequence: [0], label: 0 })
 *   .pipe(labelled({ lanes: 2 }))
 *   .subscribe(({ inputs, targets, targetMask }) =>
 *     console.log(inputs.join(' '), '→', targets.join(' '), 'counting', targetMask!.join(' ')),
 *   );
 * // -> 7 0 4 -1 → 0 0 1 0 counting 0 1 1 0
 * ```
 */
export function labelled(given: LabelledOptions = {}): OperatorFunction<LabelledSequence, Window> {
  given = options('labelled', given, { lanes: optional(positiveInteger) });
  const { lanes = 1 } = given;
  return operator((subscriber) => {
    let group: LabelledSequence[] = [];
    let received = 0;
    let sequenceWidth: number | undefined; // numbers of a row; 0: tokens
    let labelWidth: number | undefined; // numbers of a label; 0: a class

    function emit(): void {
      const window = windowOf(group, sequenceWidth!, labelWidth!);
      group = [];
      subscriber.next(window);
    }
    return {
      next(item) {
        const index = received++;
        const { sequence, label } = checkItem(item, index);
        sequenceWidth = checkSequence('labelled', sequence, index, sequenceWidth);
        labelWidth = checkLabel(label, index, labelWidth);
        group.push(item);
        if (group.length === lanes) emit();
      },
      complete() {
        if (group.length > 0) emit();
        subscriber.complete();
      },
    };
  });
}

function checkItem(item: LabelledSequence, index: number): LabelledSequence {
  if (typeof item === 'object' && (item as LabelledSequence | null) && 'label' in item && 'sequence' in item)
    return item;
  throw new TypeError(`labelled: value ${index} must be { sequence, label }, got ${show(item)}`);
}

/** Returns how many numbers a label has, 0 for a class; throws unless it is of the form of those before. */
function checkLabel(label: LabelledSequence['label'], index: number, known: number | undefined): number {
  const width = typeof label === 'number' ? 0 : (label as ArrayLike<number> | null | undefined)?.length;
  const where = `labelled: the label of sequence ${index}`;
  if (typeof label === 'string' || width === undefined || (width === 0 && typeof label !== 'number')) {
    throw new TypeError(`${where} must be a token or a list of numbers, got ${show(label)}${hintOf(label)}`);
  }
  if (known !== undefined && width !== known) {
    const form = (width: number): string => (width === 0 ? 'a token' : `${width} numbers`);
    throw new TypeError(`${where} must be ${form(known)}, as those before, got ${form(width)}`);
  }
  if (typeof label === 'number' && !((label | 0) === label && label >= 0)) {
    throw new TypeError(`${where} must be a token, an integer from 0 up, or a list of numbers, got ${label}`);
  }
  if (typeof label === 'object') {
    for (let i = 0; i < width; i++) {
      if (typeof label[i] !== 'number') throw new TypeError(`${where} must be a list of numbers, got ${show(label)}`);
    }
  }
  return width;
}

function hintOf(label: unknown): string {
  return typeof label === 'string' ? '; number the classes, such as with vocabularyOf(names).token(name)' : '';
}

function windowOf(group: readonly LabelledSequence[], sequenceWidth: number, labelWidth: number): Window {
  const window = padSequences(
    group.map(({ sequence }) => sequence),
    sequenceWidth,
  );
  const { steps, lanes } = window;
  const targetMask = new Uint8Array(steps * lanes);
  const targets = labelWidth === 0 ? new Int32Array(steps * lanes) : new Float64Array(steps * lanes * labelWidth);
  for (const [lane, { sequence, label }] of group.entries()) {
    const row = (sequence.length - 1) * lanes + lane;
    targetMask[row] = 1;
    targets.set(typeof label === 'number' ? [label] : label, row * Math.max(1, labelWidth));
  }
  return { ...window, targets, targetMask, resets: new Uint8Array(lanes).fill(1) };
}
