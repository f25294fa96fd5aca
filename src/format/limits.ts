/**
 * The longest header in bytes: a vocabulary of a million words of 20 bytes each with their marks, and ten times what the
 * largest models of others have. On a busy processor a byte costs 10 nanoseconds, of Cyrillic or with backslashes 15, so that the
 * longest is read in a third of a second. The reference implementation reads 100,000,000.
 */
export const LONGEST_HEADER = 24_000_000;

/**
 * The most dimensions of a tensor, tensors of a file and texts of its metadata: limits of our own. On a busy processor a tensor
 * costs 10 microseconds, so that so many are read in a fifth of a second.
 */
export const MOST_DIMENSIONS = 8;
export const MOST_TENSORS = 20_000;
export const MOST_TEXTS = 20_000;
