import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';

/** Milliseconds that tests wait for what must come: no load takes a minute, and what never comes ends a test by name. */
export const PATIENCE = 60_000;

/** Waits until a condition holds, which is asked every few milliseconds; `otherwise` says what did not come. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  otherwise: () => unknown = () => `it did not come about: ${String(holds)}`,
): Promise<void> {
  for (const began = performance.now(); !(await holds());) {
    if (performance.now() - began > PATIENCE) assert.unreachable(String(otherwise()));
    await setTimeout(5);
  }
}
