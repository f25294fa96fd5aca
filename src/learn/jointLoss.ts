import { finalize, map, type OperatorFunction, Subject, tap, defer } from 'rxjs';
import { callable } from '../check/callable.js';
import { checkRecord } from '../check/checkRecord.js';
import { finite } from '../check/finite.js';
import { listNames } from '../check/listNames.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import type { BufferScope } from '../kernel/kernel.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';
import { checkFresh, type Scored, type ScoredHead, type Unrolled } from './stages.js';

/** One of several outputs of a model: which numbers it has, and how it is scored. */
export interface Head {
  /** How many of the model's outputs, after those of the heads before it. */
  readonly outputs: number;
  /** Its own loss, such as `crossEntropy()`; the gradient that the loss leaves is multiplied by the weight. */
  readonly loss: OperatorFunction<Unrolled, Scored>;
  /**
   * How many numbers of a step's targets are its own, after those of the heads before it, or `'token'`: one number, which
   * is a token. As many as outputs by default.
   */
  readonly targets?: number | 'token';
  /** What its loss is multiplied by in the sum, from 0 up; 1 by default. */
  readonly weight?: number;
}

/**
 * The sum of several losses, each of its own part of the model's outputs: for a model that predicts the next activity
 * and the time until then.
 *
 * ```
 *   unroll     --u0-----u1-----u2--|
 *   jointLoss  --s0-----s1-----s2--|     s: Σ weight · mean loss of a head; the gradients side by side
 * ```
 *
 * The heads share the outputs among them, in the order in which they are listed; a linear layer in front of them is one
 * of as many rows. The targets of a step are numbers, those of the heads side by side, a token as its number. Masks are
 * the same for all heads. A training step and an evaluation give each head's loss by its name, in `heads`; `ofHead` takes
 * a measure of one. `count` and `tokens` add up the targets of all heads.
 *
 * A RangeError where the outputs of the heads are not those of the model, where the targets are not as many, and for a
 * number that is not a token; errors of the losses name the window.
 *
 * ```ts
 * import { last, of, repeat } from 'rxjs';
 * import { adam, crossEntropy, jointLoss, linear, sequential, squaredError, train } from 'rxrnn';
 *
 * const model = sequential({ heads: linear({ inputSize: 2, outputSize: 4 }) });
 * const loss = jointLoss({
 *   activity: { outputs: 3, targets: 'token', loss: crossEntropy() },
 *   hours: { outputs: 1, loss: squaredError(), weight: 0.5 },
 * });
 * // two steps: activity 2 after 1.5 hours, activity 0 after 4
 * const window = { steps: 2, lanes: 1, inputs: Float32Array.of(1, 0, 0, 1), targets: Float32Array.of(2, 1.5, 0, 4) };
 * of(window)
 *   .pipe(repeat(400), train(model, { optimizer: adam({ learningRate: 0.05 }), loss }), last())
 *   .subscribe(({ heads }) => console.log(heads!['activity']! < 0.1, heads!['hours']! < 0.1)); // -> true true
 * ```
 */
export function jointLoss(heads: Readonly<Record<string, Head>>): OperatorFunction<Unrolled, Scored> {
  checkRecord('jointLoss', 'heads', heads);
  const parts = Object.entries(heads).map(([name, head]): [string, Head] => [
    name,
    checkOptions(`jointLoss: head ${show(name)}`, head, {
      outputs: positiveInteger,
      loss: callable,
      targets: optional(tokenOrCount),
      weight: optional(finite(0)),
    }),
  ]);
  if (parts.length === 0) throw new RangeError('jointLoss: needs at least one head');
  return (unrolled$) =>
    defer(() => {
      let scorer: JointScorer | undefined;
      return unrolled$.pipe(
        tap((unrolled) => checkFresh('jointLoss', unrolled)),
        map((unrolled) => {
          if (scorer?.tape !== unrolled.tape) {
            scorer?.release();
            scorer = jointScorer(parts, unrolled);
          }
          return scorer.score(unrolled);
        }),
        finalize(() => scorer?.release()),
      );
    });
}

function tokenOrCount(who: string, option: string, value: unknown): void {
  if (value !== 'token') positiveInteger(who, option, value);
}

/** Scores the windows of one tape. */
interface JointScorer {
  readonly tape: Tape;
  score(unrolled: Unrolled): Scored;
  release(): void;
}

function jointScorer(heads: readonly (readonly [string, Head])[], { model, tape }: Unrolled): JointScorer {
  const outputs = heads.reduce((sum, [, head]) => sum + head.outputs, 0);
  if (outputs !== model.outputSize) {
    throw new RangeError(`jointLoss: the heads have ${outputs} outputs, the model ${model.outputSize}`);
  }
  const scope = model.kernel.scope();
  let output = 0;
  let target = 0;
  const scorers = heads.map(([name, head]) => {
    const columns = { output, target };
    output += head.outputs;
    target += widthOf(head);
    return headScorer(name, head, columns, model, tape, scope);
  });
  const width = target; // targets of a step

  return {
    tape,
    score(unrolled) {
      const { window, model, pass, norms } = unrolled;
      checkTargets(window, width);
      const scored = scorers.map((scorer) => scorer.score(unrolled, width));
      const sum = (of: (head: ScoredHead) => number): number => scored.reduce((sum, head) => sum + of(head), 0);
      return {
        window,
        model,
        tape,
        pass,
        norms,
        loss: sum(({ weight, loss }) => weight * loss),
        count: sum(({ count }) => count),
        heads: Object.fromEntries(heads.map(([name], i) => [name, scored[i]!])),
      };
    },
    release() {
      for (const { release } of scorers) release();
      scope.free();
    },
  };
}

function widthOf({ outputs, targets = outputs }: Head): number {
  return targets === 'token' ? 1 : targets;
}

function checkTargets({ steps, lanes, targets }: Window, width: number): void {
  if (targets instanceof Int32Array) {
    throw new TypeError('jointLoss: targets must be numbers, those of the heads side by side, got tokens');
  }
  if (targets.length !== steps * lanes * width) {
    throw new RangeError(
      `jointLoss: ${steps} steps × ${lanes} lanes need ${steps * lanes * width} targets, ${width} a step, got ${targets.length}`,
    );
  }
}

/** Scores the outputs of one head, from the columns where it begins. */
function headScorer(
  name: string,
  head: Head,
  begins: { readonly output: number; readonly target: number },
  model: Model,
  tape: Tape,
  scope: BufferScope,
): { score(unrolled: Unrolled, targetWidth: number): ScoredHead; release(): void } {
  const { kernel, outputSize } = model;
  const { outputs, weight = 1 } = head;
  const rows = tape.steps * tape.lanes;
  const [own, ownGradient] = [scope.allocate(rows * outputs), scope.allocate(rows * outputs)];
  // The same model and tape, but for the outputs.
  const ownModel: Model = Object.create(model, { outputSize: { value: outputs, enumerable: true } });
  const ownTape: Tape = Object.create(tape, {
    output: { value: own },
    outputGradient: { value: ownGradient },
    targetLosses: { value: undefined },
  });
  const unrolled$ = new Subject<Unrolled>();
  const found: Scored[] = []; // at most one: of the latest window
  const failures: unknown[] = [];
  const scoring = unrolled$.pipe(head.loss).subscribe({
    next: (scored) => found.push(scored),
    error: (error: unknown) => failures.push(error),
  });

  return {
    score({ window, pass, norms }, targetWidth) {
      const rows = window.steps * window.lanes;
      kernel.setColumns(own, outputs, 0, tape.output, outputSize, begins.output, rows, outputs);
      const targets = targetsOf(name, head, window, begins.target, targetWidth);
      found.length = 0;
      unrolled$.next({ window: { ...window, targets }, model: ownModel, tape: ownTape, pass, norms });
      if (failures.length > 0) throw failures[0];
      const scored = found[0];
      if (!scored) {
        throw new Error(`jointLoss: the loss of ${listNames([name])} gave nothing; it must score each window`);
      }
      if (weight !== 1) kernel.scale(ownGradient, weight, rows * outputs);
      kernel.setColumns(tape.outputGradient, outputSize, begins.output, ownGradient, outputs, 0, rows, outputs);
      return { ...scored, weight };
    },
    release: () => scoring.unsubscribe(),
  };
}

/** A head's own columns of the targets. */
function targetsOf(name: string, head: Head, window: Window, begin: number, width: number): Int32Array | Numbers {
  const { steps, lanes } = window;
  const all = window.targets as Numbers; // `checkTargets` has checked it
  const rows = steps * lanes;
  if (head.targets === 'token') {
    return Int32Array.from({ length: rows }, (_, row) => tokenAt(name, all[row * width + begin]!, window, row));
  }
  const count = widthOf(head);
  const own = all instanceof Float64Array ? new Float64Array(rows * count) : new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    own.set(all.subarray(row * width + begin, row * width + begin + count), row * count);
  }
  return own;
}

/** A number that is a token; 0 where the target does not count, whatever it is. */
function tokenAt(name: string, number: number, { lanes, mask, targetMask }: Window, row: number): number {
  if (mask?.[row] === 0 || targetMask?.[row] === 0) return 0;
  if ((number | 0) === number) return number;
  throw new RangeError(
    `jointLoss: the target of ${listNames([name])} must be a token, got ${number} (step ${Math.floor(row / lanes)}, lane ${row % lanes})`,
  );
}
