import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two attempts: at first, and at most. */
const PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Tries again, less and less often, until it succeeds or `milliseconds` have passed; an error that `final` knows ends
 * it.
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  { milliseconds, final }: { readonly milliseconds: number; readonly final: (error: unknown) => boolean },
): Promise<T> {
  const until = performance.now() + milliseconds;
  for (let pause = PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (final(error) || performance.now() + pause > until) throw error;
      await setTimeout(pause);
    }
  }
}
