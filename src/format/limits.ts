/**
 * The longest header in bytes: a vocabulary of a million words of 20 bytes each with their marks. A byte costs 8 nanoseconds,
 * of Cyrillic 13, so that the longest is read in 0.2 to 0.3 seconds. The reference implementation reads 100,000,000.
 */
export const LONGEST_HEADER = 24_000_000;

/**
 * The most dimensions of a tensor, tensors of a file and texts of its metadata: limits of our own. A tensor with a
 * short name costs 6 to 9 microseconds, one with a name of 700 characters 15, so that so many are read in 0.12 to 0.3 seconds.
 */
export const MOST_DIMENSIONS = 8;
export const MOST_TENSORS = 20_000;
export const MOST_TEXTS = 20_000;
