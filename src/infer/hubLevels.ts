import { ENTRY, FIELDS, KINDS, LIST, TOTAL } from './contextMemory.js';
import { type HubOrder, hubOrder } from './hubOrder.js';
import { type Hub, type NgramView, RECENT } from './ngramView.js';
import type { Token } from '../types.js';

/** A hub has more different tokens after it than this: so many are looked at one by one in a few microseconds. */
export const LARGE = 2048;

/** Looking at so many tokens takes about as long as putting one in its place. */
const TOKENS_PER_MOVE = 256;

/** An order is made when a hub has been asked for so often: making it takes as long as looking at all tokens so often. */
const PATIENCE = 128;

/** The shortest contexts that end a stream, as far as they are hubs with their tokens in order. */
export interface HubLevels {
  /** The orders, from the shortest context on; contexts after which the same tokens came share one. */
  readonly orders: readonly HubOrder[];
  /** How many contexts the first so many orders are of. */
  readonly depths: readonly number[];
  /** What each count of an order adds to a probability, given what one after each context adds, and one in all. */
  weightsOf(order: number, ofContexts: Float64Array, ofAll: number): Float64Array;
}

/**
 * Finds these levels, with orders by the counts after the context, after each shorter one, and in all.
 *
 * An order is brought up to date when it is asked for, by the tokens that came since then; where they are so many that
 * looking at all its tokens would be faster, it is dropped, and made again when its hub has become frequent.
 */
export function hubLevels(view: NgramView): () => HubLevels {
  const { memory, ending, recent, hubs } = view;
  const { counts: alone } = view.order;
  const orders: HubOrder[] = [];
  const depths: number[] = [];
  const firsts: number[] = []; // the shortest context of each order, by its place in `ending`
  let counts = new Float64Array(0);

  const kindsOf = (k: number): number => memory.fields[ending[k]! * FIELDS + KINDS]!;
  const totalOf = (k: number): number => memory.totals[ending[k]! * (FIELDS / 2) + TOTAL]!;

  /** Puts a token in its place, if it came after the context. */
  function update(order: HubOrder, token: Token): void {
    const { width } = order;
    if (counts.length !== width) counts = new Float64Array(width);
    for (let d = 0; d < width - 1; d++) counts[d] = view.countAfter(firsts[width - 2 - d]!, token);
    counts[width - 1] = alone[token]!;
    if (counts[0]! > 0) order.set(token, counts);
  }

  function make(context: number): HubOrder {
    const order = hubOrder(firsts.length + 1);
    const list = memory.fields[context * FIELDS + LIST]!;
    const kinds = memory.fields[context * FIELDS + KINDS]!;
    for (let i = 0; i < kinds; i++) update(order, memory.entries[list + i * ENTRY]!);
    return order;
  }

  function orderOf(k: number): HubOrder | undefined {
    const context = ending[k]!;
    const hub: Hub = hubs.get(context) ?? { at: -Infinity, visits: 0 };
    hubs.set(context, hub);
    const { at } = hub;
    const since = view.total - at;
    hub.at = view.total;
    const isFar = since > Math.min(RECENT, kindsOf(k) / TOKENS_PER_MOVE);
    hub.visits = isFar ? 0 : hub.visits + 1;
    if (isFar || hub.order?.width !== firsts.length + 1) hub.order = undefined;
    if (hub.order === undefined) return hub.visits < PATIENCE ? undefined : (hub.order = make(context));
    for (let t = at; t < view.total; t++) update(hub.order, recent[t % RECENT]!);
    return hub.order;
  }

  function weightsOf(order: number, ofContexts: Float64Array, ofAll: number): Float64Array {
    const weights = new Float64Array(order + 2);
    for (let k = 0, i = 0; i <= order; k++) {
      weights[order - i]! += ofContexts[k]!;
      if (k + 1 === depths[i]) i++;
    }
    weights[order + 1] = ofAll;
    return weights;
  }

  const levels: HubLevels = { orders, depths, weightsOf };
  return () => {
    orders.length = depths.length = firsts.length = 0;
    for (let k = 0; k < view.known && kindsOf(k) > LARGE;) {
      firsts.push(k);
      const order = orderOf(k);
      if (order === undefined) break;
      let end = k + 1;
      while (end < view.known && totalOf(end) === totalOf(k)) end++; // each came after the shorter one only
      orders.push(order);
      depths.push(end);
      k = end;
    }
    return levels;
  };
}
