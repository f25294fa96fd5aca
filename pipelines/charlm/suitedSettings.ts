/** Settings of a run where no option says others. */
export interface SuitedSettings {
  readonly hidden: number;
  readonly embedding: number | undefined;
  readonly ngrams: number | undefined;
  readonly lanes: number;
  readonly recurrentDropout: number;
  readonly optimizer: string;
  readonly rate: number;
  readonly clip: number;
  readonly validateEvery: number;
}

/** Characters that an LSTM of 256 learns in a minute of one core, roughly. */
const PER_MINUTE = 900_000;

const GATED: SuitedSettings = {
  hidden: 192,
  embedding: undefined,
  ngrams: undefined,
  lanes: 8,
  recurrentDropout: 0,
  optimizer: 'adam',
  rate: 0.01,
  clip: 5,
  validateEvery: 2000,
};
/** For a network without gates: with one-hot characters, whose weights start small, it learns far less. */
const RNN: SuitedSettings = { ...GATED, hidden: 256, embedding: 64, rate: 0.003, clip: 1 };

/**
 * The settings that suit a cell and, for an LSTM, a time to learn in: of a longer run the network is larger, and the more
 * often it will have read the text, the more of its state is dropped and the more its weights decay. Chosen on the first
 * nine tenths of tiny-shakespeare; test/bench/README.md has what was tried.
 */
export function suitedSettings({
  cell,
  minutes,
  bytes,
}: {
  readonly cell: string;
  /** The length of the run, where that is a time. */
  readonly minutes: number | undefined;
  /** The size of the text. */
  readonly bytes: number;
}): SuitedSettings {
  if (cell === 'rnn') return RNN;
  if (cell !== 'lstm' || minutes === undefined) return GATED;
  const epochs = (minutes * PER_MINUTE) / bytes;
  const long = minutes >= 8;
  return {
    ...GATED,
    hidden: long ? 320 : 256,
    ngrams: 2,
    lanes: long ? 16 : 8,
    recurrentDropout: epochs < 4 ? 0 : epochs < 8 ? 0.2 : 0.3,
    optimizer: epochs < 8 ? 'adam' : 'adamw',
    validateEvery: 5000,
  };
}
