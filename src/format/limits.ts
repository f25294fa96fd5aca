/** The longest header in bytes; the reference implementation has the same limit. */
export const LONGEST_HEADER = 100_000_000;

/** The most dimensions of a tensor, tensors of a file and texts of its metadata: limits of our own. */
export const MOST_DIMENSIONS = 8;
export const MOST_TENSORS = 100_000;
export const MOST_TEXTS = 100_000;
