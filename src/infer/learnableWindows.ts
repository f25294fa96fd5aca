import type { Token, Window } from '../types.js';

/** Gathers tokens to windows of one lane that can be learned as soon as their last target is there. */
export interface LearnableWindows {
  /** Takes a token; the window that it completes, if it does. `ends`: the next token starts afresh. */
  add(token: Token, ends: boolean): Window | undefined;
  /** The window of what is left over. */
  rest(): Window | undefined;
}

/** `previous` is the input before the first token, and after each fresh start again; `null` where there is none. */
export function learnableWindows(steps: number, previous: Token | null = -1): LearnableWindows {
  const tokens = new Int32Array(steps + 1);
  let filled = 0;
  let fresh = false;
  if (previous !== null) tokens[filled++] = previous;

  function cut(): Window | undefined {
    const length = filled - 1;
    if (length < 1) return undefined;
    const own = tokens.slice(0, length + 1);
    const window = { steps: length, lanes: 1, inputs: own.subarray(0, length), targets: own.subarray(1) };
    tokens[0] = tokens[length]!;
    filled = 1;
    if (!fresh) return window;
    fresh = false;
    return { ...window, resets: Uint8Array.of(1) };
  }

  return {
    add(token, ends) {
      tokens[filled++] = token;
      const window = filled === tokens.length || ends ? cut() : undefined;
      if (ends) {
        fresh = true;
        filled = 0;
        if (previous !== null) tokens[filled++] = -1;
      }
      return window;
    },
    rest: cut,
  };
}
