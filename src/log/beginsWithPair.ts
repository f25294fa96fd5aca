const PAIR = /^(?:time|ts|t|level|lvl|msg|severity|at)=/;

/** Whether a text begins with one of the pairs of logfmt that loggers write first. */
export function beginsWithPair(text: string): boolean {
  return PAIR.test(text);
}
