import { config } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { callReturn } from './callReturn.js';

/**
 * Calls the `return` of a cursor or an iterator that is no longer read, and sees to it that its failure ends nothing.
 *
 * Where `return` throws, is not a function, cannot be read, or its promise is rejected, the subscriber has left
 * already, so the error cannot reach it. The error goes where RxJS sends errors that come too late: to
 * `config.onUnhandledError`, on another turn of the event loop. Where no such handler is set, RxJS would end the
 * process; a failure to close does not justify that, so here it is a warning on the console.
 */
export function closeCursor(cursor: { return?(): unknown } | undefined): void {
  try {
    const answer = callReturn(cursor) as PromiseLike<unknown> | undefined;
    if (typeof answer?.then !== 'function') return;
    const after: unknown = answer.then(undefined, report);
    if (!(answer instanceof Promise)) Promise.resolve(after).catch(report); // what is not a promise may fail otherwise, too
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  setTimeout(() => {
    const { onUnhandledError } = config;
    if (onUnhandledError) onUnhandledError(error);
    // oxlint-disable-next-line no-console -- nobody is left who could be given the error
    else console.warn(visible(`rxrnn: the source failed while it was being closed: ${reasonOf(error)}`));
  });
}
