import type { LogReader, Stored } from './bus.js';

/** Milliseconds between two looks of a reader that waits. */
const SHORTEST = 2;
const LONGEST = 32;

/** Makes the reader of a bus of readers that never wait: it looks again and again, less and less often. */
export function polling(readers: readonly { take(most: number): Stored[] }[], wakes: Set<() => void>): LogReader {
  let turn = 0;
  let closed = false;
  let wake: (() => void) | undefined;

  function collect(most: number): Stored[] {
    const found: Stored[] = [];
    turn += 1; // each time another partition is first, so that a full one does not hide the others
    for (let i = 0; i < readers.length && found.length < most; i++) {
      for (const entry of readers[(turn + i) % readers.length]!.take(most - found.length)) found.push(entry);
    }
    return found;
  }
  return {
    async take(most, milliseconds) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const until = performance.now() + milliseconds;
      for (let pause = SHORTEST; ; pause = Math.min(2 * pause, LONGEST)) {
        const found = closed ? [] : collect(most);
        const rest = until - performance.now();
        if (found.length > 0 || closed || rest <= 0) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
          wakes.add(resolve);
          timer = setTimeout(resolve, Math.min(pause, rest));
        });
        clearTimeout(timer);
        wakes.delete(wake!);
      }
    },
    close() {
      closed = true;
      wake?.();
    },
  };
}
