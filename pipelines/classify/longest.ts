/** The most characters of a text that are read. */
export const LONGEST = 1000;
