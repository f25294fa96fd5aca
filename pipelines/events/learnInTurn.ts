import { type Observable, ReplaySubject } from 'rxjs';
import type { Model } from '../../src/index.js';

/** What is learned in turn. */
export interface InTurnOptions {
  readonly networks: number;
  /** What they learn, for the error: `sessions`. */
  readonly of: string;
  readonly stop$: Observable<unknown>;
}

/**
 * Learns networks one after the other. `stop$` ends the one at work, and none comes after it; `learn` gives undefined for one
 * that was ended before its first pass, which among others would do harm; it keeps what the first one has learned until
 * then (`partial`). An Error where there is none then.
 */
export async function learnInTurn(
  { networks, of, stop$ }: InTurnOptions,
  learn: (network: number, stop$: Observable<unknown>, partial: boolean) => Promise<Model | undefined>,
): Promise<Model[]> {
  const stopped$ = new ReplaySubject<unknown>(1);
  const stopping = stop$.subscribe(stopped$);
  const learned: Model[] = [];
  for (let n = 0; n < networks; n++) {
    const model = await learn(n, stopped$, n === 0);
    if (model === undefined) break;
    learned.push(model);
  }
  stopping.unsubscribe();
  if (learned.length === 0) throw new Error(`ended before the first ${of}: nothing was learned`);
  return learned;
}
