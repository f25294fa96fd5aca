/**
 * Makes a clock that never goes back: the milliseconds that passed on `clock` between the looks at it. Where `clock` was
 * set back since the last look, no time has passed, and time continues from there.
 *
 * ```
 * clock:        100  104  110  -3599990  -3599985     set back by an hour
 * steadyClock:    0    4   10        10        15
 * ```
 */
export function steadyClock(clock: { now(): number }): () => number {
  let passed = 0;
  let seen = clock.now();
  return () => {
    const now = clock.now();
    if (now > seen) passed += now - seen;
    seen = now;
    return passed;
  };
}
