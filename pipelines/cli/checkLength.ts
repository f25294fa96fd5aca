/**
 * Throws an Error where a record is longer than what is learned at once: a record is one step of learning, in which no
 * signal arrives. `origin`: its file and line; `what`: its length in words, such as `20000 events`.
 */
export function checkLength(origin: string, what: string, length: number, most: number): void {
  if (length > most)
    throw new Error(`${origin}: has ${what}, of which at most ${most} are learned at once; split it or leave it out`);
}
