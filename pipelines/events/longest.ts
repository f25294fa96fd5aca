/** The most events of a session or of a case that are learned. */
export const LONGEST = 10_000;
