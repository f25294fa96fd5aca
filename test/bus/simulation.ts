// Workers on a bus in memory under a seeded schedule: each call of the bus waits for its turn before and after it takes
// effect, and at each turn a worker may be killed, stopped for a while, or get an error.
import { setImmediate } from 'node:timers/promises';
import { asapScheduler, from, lastValueFrom, type SchedulerLike, Subscription } from 'rxjs';
import * as assert from 'uvu/assert';
import { announceModel, type Bus, memoryBus, runPartitions, toBus } from '../../src/bus.js';
import { decodeOut } from '../../src/bus/frames.js';
import { seeded } from '../../src/random/seeded.js';
import { chainPipeline, expectedOf, POISON } from './chainPipeline.js';

/** What happened in a run. */
export interface Simulated {
  readonly steps: number;
  readonly kills: number;
  readonly stops: number;
  readonly errors: number;
  readonly values: number;
}

const LEASE = 100;

/** Runs one schedule; an AssertionError where a value is lost, twice, out of order or other than without faults. */
export async function simulate(seed: number): Promise<Simulated> {
  const random = seeded(`bus ${seed}`);
  const scope = seed % 3 === 2 ? 'partition' : 'key';
  const clock = virtualClock();
  const bus = memoryBus({ partitions: 2, scheduler: clock.scheduler });
  const figures = { steps: 0, kills: 0, stops: 0, errors: 0, values: 0 };
  const initial = random.integer(2) === 0 ? undefined : Uint8Array.of(1);
  const workers: Worker[] = [];
  let calm = false; // no more faults

  function start(): void {
    const worker: Worker = { alive: true, stoppedUntil: 0, tickets: [], subscription: undefined };
    workers.push(worker);
    const options = {
      worker: `w${workers.length}`,
      leaseMilliseconds: LEASE,
      batch: 1 + random.integer(5),
      commitFrames: 1 + random.integer(6),
      commitMilliseconds: 10,
      maxSessions: 1 + random.integer(4),
      scheduler: clock.scheduler,
      trim: false,
      ...(initial && workers.length === 1 && { model: initial }),
    };
    worker.subscription = runPartitions(delayed(bus, worker, random), chainPipeline(scope), options).subscribe({
      error: (error: unknown) => assert.unreachable(`seed ${seed}: ${(error as Error).stack}`),
    });
  }
  async function feed(): Promise<void> {
    const values = Array.from({ length: 1 + random.integer(6) }, () => ({
      key: 'abc'[random.integer(3)]!,
      value: Uint8Array.of(random.integer(12) === 0 ? POISON : random.integer(9), random.integer(9)),
    }));
    figures.values += values.length;
    await lastValueFrom(from(values).pipe(toBus(bus)));
  }

  if (initial) await announceModel(bus, initial);
  await feed();
  start();
  start();
  const length = 60 + random.integer(120);
  for (let step = 0; step < length || !calm; step++) {
    figures.steps += 1;
    calm = step >= length;
    await settled();
    if (random.integer(25) === 0) await feed();
    if (initial && random.integer(60) === 0) {
      const states = random.integer(2) === 0 ? 'carry' : 'reset';
      await announceModel(bus, Uint8Array.of(1 + random.integer(3)), { states });
    }
    const living = workers.filter(({ alive }) => alive);
    if (living.length < 2) start();
    const ready = living.filter(({ stoppedUntil, tickets }) => stoppedUntil <= clock.now() && tickets.length > 0);
    if (ready.length === 0 || random.integer(8) === 0) {
      clock.advance();
      continue;
    }
    const worker = ready[random.integer(ready.length)]!;
    const fate = random.integer(40);
    if (fate === 0) {
      figures.kills += 1;
      worker.alive = false;
      worker.tickets = [];
      worker.subscription?.unsubscribe();
    } else if (fate === 1) {
      figures.stops += 1;
      worker.stoppedUntil = clock.now() + random.integer(3 * LEASE);
    } else {
      const [ticket] = worker.tickets.splice(random.integer(worker.tickets.length), 1);
      const failing = fate === 2 && ticket!.canFail;
      if (failing) figures.errors += 1;
      ticket!.serve(failing);
    }
  }
  // the faults are over: one worker without any does the rest, besides those that woke up
  for (const worker of workers) {
    worker.stoppedUntil = 0;
    for (const { serve } of worker.tickets.splice(0)) serve(false);
    worker.served = true;
  }
  let done = false;
  const last = runPartitions(bus, chainPipeline(scope), {
    worker: 'last',
    leaseMilliseconds: LEASE,
    idleMilliseconds: 3 * LEASE,
    scheduler: clock.scheduler,
  });
  const ended = lastValueFrom(last, { defaultValue: undefined }).then(() => (done = true));
  const isDone = (): boolean => done;
  for (let step = 0; !isDone(); step++) {
    assert.ok(step < 3000, `seed ${seed}: it does not come to an end at ${clock.now()}`);
    await settled();
    clock.advance();
  }
  await ended;
  for (const { subscription } of workers) subscription?.unsubscribe();
  await check(seed, bus, scope, initial);
  return figures;
}

async function check(
  seed: number,
  bus: Bus,
  scope: 'key' | 'partition',
  initial: Uint8Array | undefined,
): Promise<void> {
  const read = async (channel: 'out' | 'dead'): Promise<readonly [name: string, result: string][]> => {
    const stored = await bus.log.read(channel, undefined, 1).take(100_000, 0);
    return stored.flatMap(({ subject, data }) => {
      const { key, parts } = decodeOut(subject, data);
      if (channel === 'dead') return parts.map(({ source }): [string, string] => [`${key} ${source}`, 'poison']);
      return parts.flatMap(({ first, values }) =>
        values.flatMap((value, i): [string, string][] => {
          if (value === undefined) return [];
          return [[`${key} ${first + i}`, `${new DataView(value.buffer, value.byteOffset).getUint32(0)}`]];
        }),
      );
    });
  };
  const expected = await expectedOf(bus, scope, initial);
  const [out, dead] = [await read('out'), await read('dead')];
  const poison = [...expected.values()].filter((result) => result === 'poison').length;
  assert.is(dead.length, poison, `seed ${seed}: dead letters`);
  assert.is(out.length, expected.size - poison, `seed ${seed}: results`);
  const numbers = new Map<string, number>();
  for (const [name, result] of out) {
    assert.is(result, expected.get(name), `seed ${seed}: ${name}`);
    const [key, number] = name.split(' ') as [string, string];
    assert.ok(Number(number) > (numbers.get(key) ?? 0), `seed ${seed}: ${name} is out of order`);
    numbers.set(key, Number(number));
  }
}

/** A call that waits for its turn. */
interface Ticket {
  readonly canFail: boolean;
  serve(fail: boolean): void;
}

interface Worker {
  alive: boolean;
  stoppedUntil: number;
  tickets: Ticket[];
  subscription: Subscription | undefined;
  /** Whether its calls need no turns any more. */
  served?: boolean;
}

/** A bus whose calls wait for the worker's turn before and after they take effect, and end with the worker. */
function delayed(bus: Bus, worker: Worker, random: { integer(below: number): number }): Bus {
  const turn = (canFail: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!worker.alive) return; // it is dead: nothing answers any more
      if (worker.served) return resolve();
      const serve = (fail: boolean): void => (fail ? reject(new Error('the bus does not answer')) : resolve());
      worker.tickets.push({ canFail, serve });
    });
  const call = <A extends readonly unknown[], R>(run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      await turn(true);
      const result = await run(...args);
      if (random.integer(2) === 0) await turn(true); // it took effect, and its caller may never hear of it
      return result;
    };
  };
  const all = <T extends object>(port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([name, run]) => [name, call(run as (...args: readonly unknown[]) => Promise<unknown>)]),
    ) as T;
  return {
    ...bus,
    log: {
      ...all({ ...bus.log, read: undefined as never }),
      read(channel, partition, from) {
        const reader = bus.log.read(channel, partition, from);
        return {
          async take(most, milliseconds) {
            await turn(true);
            return reader.take(most, milliseconds);
          },
          close: () => reader.close(),
        };
      },
    },
    states: all(bus.states),
    leases: all(bus.leases),
    blobs: all(bus.blobs),
  };
}

/** Lets all promises that can settle do so. */
async function settled(): Promise<void> {
  await setImmediate();
}

/** A clock that only moves from timer to timer. */
function virtualClock(): { readonly scheduler: SchedulerLike; now(): number; advance(): void } {
  const timers: { at: number; order: number; run(): void }[] = [];
  let time = 0;
  let order = 0;
  return {
    now: () => time,
    scheduler: {
      now: () => time,
      schedule(work, delay = 0, state) {
        const subscription = new Subscription();
        const timer = {
          at: time + delay,
          order: order++,
          run: () => work.call(asapScheduler as never, state as never),
        };
        timers.push(timer);
        subscription.add(() => {
          const at = timers.indexOf(timer);
          if (at >= 0) timers.splice(at, 1);
        });
        return subscription;
      },
    },
    advance() {
      if (timers.length === 0) return;
      const next = timers.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a));
      timers.splice(timers.indexOf(next), 1);
      time = Math.max(time, next.at);
      next.run();
    },
  };
}
