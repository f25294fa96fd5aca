/** A stream of random words, and its registers for states. */
export interface Words {
  /** The generator's name in states. */
  readonly generator: string;
  /** The next 32 random bits, as a number in 0 … 2^32 - 1. */
  word(): number;
  /** A copy of the registers. */
  save(): number[];
  /** Takes over registers that `save` gave; false, and no change, where they cannot be that. */
  load(registers: readonly number[]): boolean;
}
