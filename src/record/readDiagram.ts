import type { Refuse } from './parseValue.js';

/** A sign of a diagram: a marble, `|` or `#`, the frame it stands at, and its place in the text. */
export interface Sign {
  readonly frame: number;
  readonly sign: string;
  readonly at: number;
}

const TIME = /(\d{1,15})(ms|s|m)(?= |$)/y;
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 } as const;

/**
 * The signs of a diagram in RxJS's run-mode grammar, cold: `-` and a marble take a frame, a group `(ab)` as many as it
 * is long, blanks none, ` 31ms ` as many as it says. `refuse` must throw; it is called at the first sign of another
 * grammar, and when frames pass 2^53.
 */
export function readDiagram(text: string, refuse: Refuse): Sign[] {
  const signs: Sign[] = [];
  let frame = 0;
  let group = -1; // where the group that is open began
  for (let at = 0; at < text.length;) {
    const sign = String.fromCodePoint(text.codePointAt(at)!);
    const time = group < 0 && (at === 0 || text[at - 1] === ' ') ? timeAt(text, at) : undefined;
    if (time !== undefined) {
      frame += time.frames;
      at += time.length;
      if (!Number.isSafeInteger(frame)) refuse('expected frames below 2^53', at - time.length);
      continue;
    }
    if (sign === '(' && group < 0) group = at;
    else if (sign === ')' && group >= 0) {
      frame += Array.from(text.slice(group, at + 1)).length;
      group = -1;
    } else if (sign === '-' && group < 0) frame += 1;
    else if (/[\s\d()^!-]/u.test(sign)) {
      if (sign !== ' ' || group >= 0) refuse(`expected a marble, got ${JSON.stringify(sign)}`, at);
    } else {
      signs.push({ frame, sign, at });
      if (group < 0) frame += 1;
    }
    at += sign.length;
  }
  if (group >= 0) refuse('expected ) to end the group', group);
  return signs;
}

function timeAt(text: string, at: number): { frames: number; length: number } | undefined {
  TIME.lastIndex = at;
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [whole, count, unit] = found as unknown as [string, string, keyof typeof MILLISECONDS];
  return { frames: Number(count) * MILLISECONDS[unit], length: whole.length };
}
