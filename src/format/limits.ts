/**
 * The longest header in bytes: a vocabulary of a million words of 24 bytes each with their marks, and ten times what the
 * largest models of others have; it is read in a quarter of a second. The reference implementation reads 100,000,000.
 */
export const LONGEST_HEADER = 24_000_000;

/** The most dimensions of a tensor, tensors of a file and texts of its metadata: limits of our own. */
export const MOST_DIMENSIONS = 8;
export const MOST_TENSORS = 100_000;
export const MOST_TEXTS = 100_000;
