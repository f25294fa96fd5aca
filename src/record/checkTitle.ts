/** Throws a RangeError unless a title can stand on a line of its own and be read back. */
export function checkTitle(title: string): void {
  if (title !== title.trim() || !/^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(title)) {
    const got = JSON.stringify(title);
    throw new RangeError(`record: a title must be visible text on one line without blanks at its ends, got ${got}`);
  }
}
