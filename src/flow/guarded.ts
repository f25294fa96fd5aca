import type { Subscriber } from 'rxjs';

/** Wraps what a scheduler, a demand or another stream calls, so that what it throws becomes the error of the result. */
export function guarded(subscriber: Subscriber<never>, work: () => void): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      subscriber.error(error);
    }
  };
}
