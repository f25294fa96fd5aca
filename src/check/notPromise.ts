/** Refuses a promise that a function returned which must have done its work by then. `what` says what it must do. */
export function notPromise(who: string, what: string, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => undefined); // the error below takes its place
  throw new TypeError(`${who}: ${what} before it returns, got a promise`);
}
