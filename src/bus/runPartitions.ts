import { Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { flag } from '../check/flag.js';
import { checkBytes } from '../check/checkBytes.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { options as checkOptions } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { stream } from '../check/stream.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import type { Bus } from './bus.js';
import type { BusEvent } from './busEvent.js';
import { busWorker } from './busWorker.js';
import { checkBus } from './checkBus.js';
import { checkPipeline } from './checkPipeline.js';
import { isWorkerName } from './isWorkerName.js';
import type { Pipeline } from './pipeline.js';
import type { RunPartitionsOptions } from './runPartitionsOptions.js';

/**
 * Processes the values of a bus together with all other workers that do the same, and emits what happens.
 *
 * ```
 * runPartitions(bus, pipeline)  -t-c-c-d-c---r|     t: taken, c: committed, d: dead letter, r: returned
 * stop$                         ----------x
 * ```
 *
 * Each partition has one worker at a time. It reads the values in their order, continues the state of each key,
 * publishes a result per value and commits. When a worker dies, stops or is cut off, the others take its partitions
 * over after the lifetime of a lease and continue from the last commit: every value has its result exactly once, in
 * the order of its key, with the bits that one worker without faults gives. New workers get their share.
 *
 * Values are read only as fast as results are stored, so a full or slow bus slows the pipeline down and nothing piles
 * up. A value for which the pipeline fails becomes a dead letter with the reason. A bus that cannot be reached is an
 * event, and is tried again; an error of `pipeline.open` is an error of the result. Leaving ends at once, as a crash
 * would, and loses nothing; `stop$` commits first. A second pipeline needs a bus of its own.
 *
 * ```ts
 * import { from, map, scan, take } from 'rxjs';
 * import { fromBus, memoryBus, type Pipeline, runPartitions, toBus } from 'rxrnn/bus';
 *
 * const count: Pipeline<number> = {
 *   open: () => ({
 *     operator: ({ get, set }) =>
 *       map(({ key }) => {
 *         set(key, (get(key) ?? 0) + 1);
 *         return Uint8Array.of(get(key)!);
 *       }),
 *     encode: (total) => Uint8Array.of(total),
 *     decode: ([total]) => total!,
 *   }),
 * };
 * const bus = memoryBus();
 * from(['ann', 'bob', 'ann']).pipe(map((key) => ({ key, value: new Uint8Array() })), toBus(bus)).subscribe();
 * runPartitions(bus, count, { idleMilliseconds: 50 }).subscribe();
 * fromBus(bus, { channel: 'out' })
 *   .pipe(take(3), scan((all, { key, value }) => [...all, `${key} ${value[0]}`].toSorted(), [] as string[]))
 *   .subscribe((all) => all.length === 3 && console.log(all.join())); // -> ann 1,ann 2,bob 1
 * ```
 */
export function runPartitions<S>(
  bus: Bus,
  pipeline: Pipeline<S>,
  given: RunPartitionsOptions = {},
): Observable<BusEvent> {
  checkBus('runPartitions', 'bus', bus);
  checkPipeline('runPartitions', 'pipeline', pipeline);
  given = checkOptions('runPartitions', given, {
    worker: optional(string),
    model: optional(checkBytes),
    states: optional(oneOf('carry', 'reset')),
    leaseMilliseconds: optional(positive),
    batch: optional(positiveInteger),
    commitFrames: optional(positiveInteger),
    commitMilliseconds: optional(positive),
    maxSessions: optional(positiveInteger),
    trim: optional(flag),
    idleMilliseconds: optional(orInfinity(positive)),
    stop$: optional(stream),
    scheduler: anything,
  });
  const { worker: name } = given;
  if (name !== undefined && !isWorkerName(name)) {
    throw new RangeError(`runPartitions: worker must have 1 to 150 letters, digits, - and _, got ${show(name)}`);
  }
  return new Observable((subscriber) => {
    const worker = busWorker(bus, pipeline, given, (event) => subscriber.next(event));
    subscriber.add(() => worker.abandon());
    worker.run().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}
