import { visible } from '../../src/index.js';
import { fold } from '../cli/fold.js';

/** A line at the foot of a terminal that is rewritten in place. */
export interface StatusLine {
  /** Shows a text, at most four times per second; elsewhere than on a terminal it does nothing. */
  show(text: () => string): void;
  /** Removes it, before something else is printed. */
  clear(): void;
  /** Prints a line for good; on a terminal, in rows that are broken at spaces. */
  say(text: string): void;
  /** Does so unless it is off. */
  note(text: string): void;
}

const PERIOD = 250;

/** Makes the status line of a stream; `on` of false makes one that only says. */
export function statusLine(on: boolean, stream: NodeJS.WriteStream = process.stderr): StatusLine {
  let shown = false;
  let due = 0;
  function clear(): void {
    if (shown) stream.write('\r\u001b[K');
    shown = false;
  }
  function say(text: string): void {
    clear();
    stream.write(`${stream.isTTY ? fold(text, stream.columns || 80).join('\n') : text}\n`);
  }
  return {
    show(text) {
      const now = performance.now();
      if (!on || !stream.isTTY || now < due) return;
      due = now + PERIOD;
      const columns = Math.max(10, (stream.columns || 80) - 1);
      stream.write(`\r${visible(text(), { most: columns - 1 })}\u001b[K`);
      shown = true;
    },
    clear,
    say,
    note(text) {
      if (on) say(text);
    },
  };
}
