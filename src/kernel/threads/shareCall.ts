import type { Call, SharedCall } from './sharedCall.js';
import type { WorkerHandle } from './startWorkers.js';

/**
 * Carries a call out on this thread and the workers. Where one fails, it waits until the others are done before it
 * throws: none of them writes to the memory after it.
 */
export function shareCall(
  common: Pick<SharedCall, 'publish' | 'takeParts'>,
  workers: readonly Pick<WorkerHandle, 'begin' | 'finish'>[],
  call: Call,
): void {
  const failures: unknown[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures.push(error);
    }
  };
  common.publish(call);
  for (const worker of workers) attempt(() => worker.begin());
  attempt(() => common.takeParts(call));
  for (const worker of workers) attempt(() => worker.finish());
  if (failures.length > 0) throw failures[0];
}
