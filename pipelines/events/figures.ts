/** What a test has found. */
export interface Figures extends Readonly<Record<'hits' | 'bad' | 'alarms' | 'good', number>> {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the normal sessions. */
  readonly falseAlarms: number;
}

/** The figures of a test: alarms among normal sessions, hits among abnormal ones, and how many there were of each. */
export function figuresOf(alarms: number, hits: number, good: number, bad: number): Figures {
  const recall = hits / bad;
  const precision = hits + alarms > 0 ? hits / (hits + alarms) : 0;
  const f1 = hits > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { hits, bad, alarms, good, f1, precision, recall, falseAlarms: alarms / good };
}

export function figuresText({ f1, precision, recall }: Figures): string {
  return `F1 ${f1.toFixed(4)}, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`;
}
