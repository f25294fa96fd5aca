import type { Cursor, Later, Step } from '../flow/openCursor.js';

/** Cursors read in turns. */
export interface Rows extends Cursor<string> {
  /** Whole rows handed out, not counting one of which something is left. */
  rows(): number;
  /** How many of the next row were handed out. */
  given(): number;
  /** Whether a lane's cursor has handed over its part of the next row. */
  ahead(lane: number): boolean;
}

/**
 * The cursors' items in turns, a row at a time, until the first of them ends; of the first row, `skipped` are passed
 * over, and `before` rows went before. `tooShort` makes the error of fewer than two rows.
 */
export function interleaved(
  cursors: readonly Cursor<string>[],
  tooShort: () => Error,
  skipped: number,
  before = 0,
): Rows {
  const lanes = cursors.length;
  const row: string[] = cursors.map(() => '');
  const step = { value: '', done: false as const };
  let rows = before; // begun
  let first = skipped;
  let filled = 0; // lanes of the next row that are known
  let given = lanes; // lanes of this row that were handed out

  /** The first code point of the next row, the end, or the promise of the lane that it waits for. */
  function fill(): Step<string> | Later<string> {
    while (filled < lanes) {
      const next = cursors[filled]!.next();
      if ('then' in next) return next;
      if (next.done === true) return end();
      row[filled++] = next.value;
    }
    return give();
  }
  function give(): Step<string> {
    rows++;
    filled = 0;
    given = first + 1;
    first = 0;
    step.value = row[given - 1]!;
    return step;
  }
  function end(): Step<string> {
    if (rows < 2) throw tooShort();
    close();
    return { value: undefined, done: true };
  }
  async function wait(lane: Later<string>): Promise<Step<string>> {
    try {
      for (let pending = lane; ;) {
        const next = await pending;
        if (next.done === true) return end();
        row[filled++] = next.value;
        const answer = fill();
        if (!('then' in answer)) return answer;
        pending = answer;
      }
    } catch (error) {
      close();
      throw error;
    }
  }
  function close(): void {
    for (const cursor of cursors) cursor.return?.();
  }
  return {
    rows: () => (given < lanes ? rows - 1 : rows),
    given: () => (given < lanes ? given : first),
    ahead: (lane) => given < lanes || lane < filled,
    next() {
      if (given < lanes) {
        step.value = row[given++]!;
        return step;
      }
      try {
        const answer = fill();
        return 'then' in answer ? wait(answer) : answer;
      } catch (error) {
        close();
        throw error;
      }
    },
    return: close,
  };
}
