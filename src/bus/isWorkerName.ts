/** What engines take as the name of a lease, with a few characters before it. */
const WORKER = /^[\w-]{1,150}$/;

/**
 * Whether a text can be the name of a worker: 1 to 150 letters, digits, `-` and `_`.
 *
 * ```ts
 * import { isWorkerName } from 'rxrnn/bus';
 *
 * console.log(isWorkerName('host-7'), isWorkerName('host.7')); // -> true false
 * ```
 */
export function isWorkerName(name: string): boolean {
  return WORKER.test(name);
}
