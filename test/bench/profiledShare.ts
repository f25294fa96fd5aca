import { Session } from 'node:inspector/promises';

/** Runs `work` under the sampling profiler of V8. */
export interface ProfiledShare {
  /** The share of the processor time of this thread that was spent in files below a folder, or in what these called. */
  readonly inFolder: number;
  /** The share of garbage collection, wherever the garbage came from. */
  readonly inCollection: number;
}

/**
 * Measures where the time of `work` goes: `folder` is a part of the path, such as `/src/studio/`. A share says little of
 * the machine's load, so that it shows a cost of one percent where rates that are compared differ by five.
 */
export async function profiledShare(folder: string, work: () => Promise<unknown>): Promise<ProfiledShare> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 }); // microseconds
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const inside = new Set<number>();
  for (const { id, callFrame, children = [] } of profile.nodes) {
    if (callFrame.url.includes(folder)) inside.add(id);
    if (inside.has(id)) for (const child of children) inside.add(child); // a caller is listed before what it calls
  }
  let [all, own, collection] = [0, 0, 0];
  for (const [i, id] of profile.samples!.entries()) {
    const { functionName } = nodes.get(id)!.callFrame;
    if (functionName === '(idle)') continue;
    const time = profile.timeDeltas![i]!;
    all += time;
    if (inside.has(id)) own += time;
    if (functionName === '(garbage collector)') collection += time;
  }
  return { inFolder: own / all, inCollection: collection / all };
}
