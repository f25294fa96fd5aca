import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';
import { AT_ONCE, stepWork } from './stepWork.js';

/** Sequences side by side, as `padSequences` makes them. */
type Padded = Pick<Window, 'steps' | 'lanes' | 'inputs' | 'mask'>;

/** Reads whole sequences, each lane from a state of zeros, in buffers of its own. */
export interface SequenceTape {
  /**
   * Begins to read sequences. Each call of what it returns reads some steps: all at once, or a part of long ones, where no
   * layer needs the end. Undefined once all are read.
   */
  read(window: Padded): () => Part | undefined;
  firstNotFinite(): string | undefined;
  /** Returns the buffers. */
  release(): void;
}

/** Steps that were read. */
export interface Part {
  /** The first step, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly isLast: boolean;
  /** The outputs, `(to − from) × lanes × outputSize`, until the next part. */
  readonly output: Numbers;
  /** The mask of these steps, where there is one. */
  readonly mask: Uint8Array | undefined;
  /** Where a loss may leave its gradient, of the same shape as the outputs. */
  gradient(): Numbers;
}

export function sequenceTape(model: Model): SequenceTape {
  let tape: Tape | undefined;
  const partOf = partSteps(model);

  function tapeOf(steps: number, lanes: number): Tape {
    if (tape?.lanes !== lanes || tape.steps < steps) {
      tape?.release();
      tape = undefined; // should there be no memory for another
      tape = model.tape(steps, lanes);
    }
    return tape;
  }
  return {
    read({ steps, lanes, inputs, mask }) {
      const most = partOf(steps, lanes);
      const row = inputs.length / (steps * lanes);
      let from = 0;
      return () => {
        if (from === steps) return undefined;
        const to = Math.min(from + most, steps);
        const now = tapeOf(to - from, lanes);
        const ofPart = mask?.subarray(from * lanes, to * lanes);
        const resets = from === 0 ? new Uint8Array(lanes).fill(1) : undefined; // later parts continue
        now.forward(inputs.subarray(from * lanes * row, to * lanes * row), to - from, { mask: ofPart, resets });
        const part = {
          from,
          to,
          isLast: to === steps,
          output: now.output,
          mask: ofPart,
          gradient: () => now.outputGradient,
        };
        from = to;
        return part;
      };
    },
    firstNotFinite: () => tape?.firstNotFinite(),
    release: () => tape?.release(),
  };
}

/** Multiplications of a part of a pass that is not read at once. */
const PART = 2_000_000;

/** Layers that read step after step, with a state that they carry; another may need the whole sequence. */
const STREAMING: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'activation',
  'adaptiveSoftmax',
  'dropout',
  'embedColumn',
  'embedding',
  'gru',
  'gruCell',
  'linear',
  'lstm',
  'lstmCell',
  'minGru',
  'minGruCell',
  'minLstm',
  'minLstmCell',
  'ngramEmbedding',
  'rgLru',
  'rgLruCell',
  'rnn',
  'rnnCell',
  'slstm',
  'slstmCell',
  'summary',
]);

/** How many of `steps` are read in one part. */
function partSteps(model: Model): (steps: number, lanes: number) => number {
  const layers = [...model.layers.values(), ...(model.skip ? [model.skip] : [])];
  if (!layers.every(({ kind, bidirectional }) => STREAMING.has(kind) && bidirectional !== true))
    return (steps) => steps;
  const work = stepWork(model);
  return (steps, lanes) =>
    steps * lanes * work <= AT_ONCE ? steps : Math.max(1, Math.min(steps, Math.floor(PART / (lanes * work))));
}

/** Refuses a model that reads pairs of sequences. */
export function checkWholeSequences(who: string, model: Model): void {
  if (model.kind === 'seq2seq') throw new RangeError(`${who}: a seq2seq reads pairs of sequences, not single ones`);
}
