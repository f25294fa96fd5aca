/** A stream of random words, with its registers for states. */
export interface Words {
  /** The generator's name in states. */
  readonly generator: string;
  /** Returns the next 32 random bits, as a number in 0 … 2^32 - 1. */
  word(): number;
  /** Copies the registers. */
  save(): number[];
  /** Loads registers that `save` returned; false, and no change, for anything else. */
  load(registers: readonly number[]): boolean;
}
