import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Observable, Subject, takeUntil, tap } from 'rxjs';
import * as assert from 'uvu/assert';
import { seeded } from '../../src/random/seeded.js';

/** A stream to leave, and how to see what it does then. */
export interface Left {
  readonly source: Observable<unknown>;
  /** How much of what lies behind it was taken. */
  readonly taken?: () => number;
  /** Whether it holds anything: a file, a buffer. */
  readonly held?: (() => boolean) | undefined;
}

/**
 * Leaves a stream again and again, each time made anew: at a random value or after some turns of the event loop,
 * whichever comes first. It holds nothing then, takes no more, nothing comes late, and no timer is left.
 */
export async function leaveAtRandom(name: string, times: number, make: () => Left): Promise<void> {
  const random = seeded(`leaving ${name}`);
  const before = timers();
  let late = 0;
  for (let time = 0; time < times; time++) {
    const { source, held, taken } = make();
    const left$ = new Subject<void>();
    const at = 1 + random.integer(20);
    let seen = 0;
    let left = false;
    const leave = (): void => {
      left = true;
      left$.next();
    };
    const look = tap(() => {
      if (left) late += 1;
      else if (++seen === at) leave();
    });
    source.pipe(look, takeUntil(left$)).subscribe({ error: (error: unknown) => assert.unreachable(String(error)) });
    for (let turn = random.integer(4); turn > 0; turn--) await setImmediate();
    leave();
    await until(() => !held?.());
    const then = taken?.();
    await setImmediate();
    assert.is(taken?.(), then, 'more was taken');
  }
  await turns();
  assert.is(late, 0, 'something came late');
  assert.is(timers(), before, 'a timer is left');
}

/** Waits for what must come to pass; fails where it does not within a second. */
export async function until(holds: () => boolean): Promise<void> {
  for (let wait = 0; !holds(); wait++) {
    assert.ok(wait < 200, 'what was waited for did not come to pass');
    await setTimeout(5);
  }
}

/** Turns of the event loop in which what must not come could. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
