/**
 * The longest header in bytes: a vocabulary of a million words of 16 bytes each with their marks. On a quiet machine a byte
 * costs 2 to 7 nanoseconds, of Cyrillic 8, so that the longest is read in 0.16 seconds. The reference implementation reads
 * 100,000,000.
 */
export const LONGEST_HEADER = 20_000_000;

/**
 * The most dimensions of a tensor, tensors of a file and texts of its metadata: limits of our own, well above what models
 * have. A tensor costs 4 to 7 microseconds beside the bytes of its name.
 */
export const MOST_DIMENSIONS = 8;
export const MOST_TENSORS = 10_000;
export const MOST_TEXTS = 10_000;

/** The most values, names not counted, of a text that is JSON, but for a vocabulary and a scaling: another limit of our own. */
export const MOST_VALUES = 20_000;
