import { setImmediate } from 'node:timers/promises';
import { type Observable, Subject, takeUntil, tap } from 'rxjs';
import * as assert from 'uvu/assert';
import { seeded } from '../../src/random/seeded.js';
import { until } from './until.js';

/** A stream to unsubscribe from, with ways to observe its source. */
export interface Left {
  readonly source: Observable<unknown>;
  /** How much has been taken from its source. */
  readonly taken?: () => number;
  /** Whether it holds a resource: a file, a buffer. */
  readonly held?: (() => boolean) | undefined;
}

/**
 * Unsubscribes from a stream many times, each time a new one: at a random value or after some turns of the event loop,
 * whichever comes first. Afterwards it must hold nothing, take nothing, emit nothing, and leave no timer.
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

/** Waits some turns of the event loop, in which a late value would arrive. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
