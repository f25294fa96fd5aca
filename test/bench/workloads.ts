/** A workload, of the same sizes for our library and its peers, so that rates can be compared. */
export type Workload = LanguageModel | Generation | Translation;

/** A recurrent layer; the workloads have the first two, and `--cells` puts the others in their place. */
export type Cell = 'rnn' | 'lstm' | 'gru' | 'minGru' | 'minLstm' | 'rgLru' | 'slstm';

interface Sized {
  readonly vocabulary: number;
  readonly hidden: number;
}

/** Truncated back-propagation over `lanes` parts of one text, gradients limited to ±5; a unit is a character. */
export interface LanguageModel extends Sized {
  readonly kind: 'train';
  readonly cell: Cell;
  readonly layers: number;
  readonly steps: number;
  readonly lanes: number;
  readonly optimizer: 'sgd' | 'adagrad' | 'adam';
  readonly rate: number;
}

/** One step, softmax, a draw, and the draw fed back; a unit is a token. */
export interface Generation extends Sized {
  readonly kind: 'generate';
  readonly cell: Cell;
}

/** An encoder–decoder learns to reverse sequences, with Adam and no clip; a unit is an update. */
export interface Translation extends Sized {
  readonly kind: 'translate';
  readonly steps: number;
  readonly lanes: number;
  readonly rate: number;
}

const train = { kind: 'train', cell: 'rnn', layers: 1 } as const;
const batch = { ...train, vocabulary: 65, steps: 50, lanes: 50, optimizer: 'adam', rate: 0.002 } as const;
const generate = { kind: 'generate', vocabulary: 65 } as const;

export type WorkloadName =
  'W1' | 'W2' | 'W3_rnn128' | 'W3_rnn256' | 'W3_lstm2x128' | 'W4' | `W5_${'rnn' | 'lstm'}${128 | 512}` | 'W6';

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  W1: { ...train, vocabulary: 27, hidden: 50, steps: 12, lanes: 1, optimizer: 'sgd', rate: 0.01 },
  W2: { ...train, vocabulary: 65, hidden: 100, steps: 25, lanes: 1, optimizer: 'adagrad', rate: 0.1 },
  W3_rnn128: { ...batch, hidden: 128 },
  W3_rnn256: { ...batch, hidden: 256 },
  W3_lstm2x128: { ...batch, cell: 'lstm', layers: 2, hidden: 128 },
  W4: { ...batch, cell: 'lstm', hidden: 512, steps: 64, lanes: 64 },
  W5_rnn128: { ...generate, cell: 'rnn', hidden: 128 },
  W5_rnn512: { ...generate, cell: 'rnn', hidden: 512 },
  W5_lstm128: { ...generate, cell: 'lstm', hidden: 128 },
  W5_lstm512: { ...generate, cell: 'lstm', hidden: 512 },
  W6: { kind: 'translate', vocabulary: 29, hidden: 128, steps: 6, lanes: 3, rate: 0.001 },
};

export const WORKLOAD_NAMES: readonly WorkloadName[] = Object.keys(WORKLOADS) as WorkloadName[];

/** The rate's name in a line of results. */
export const UNITS = { train: 'chars_per_s', generate: 'tokens_per_s', translate: 'steps_per_s' } as const;

/**
 * Makes a text that can be learned: seven of eight tokens follow from the one before (5 · token + 3), the eighth is
 * drawn by a linear congruential generator.
 */
export function makeText(length: number, vocabulary: number): Int32Array {
  const text = new Int32Array(length);
  let seed = 1;
  let token = 0;
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const draw = seed >>> 8;
    token = (draw % 8 === 0 ? draw >>> 3 : 5 * token + 3) % vocabulary;
    text[i] = token;
  }
  return text;
}
