import type { Exports } from '../wasm/instantiate.js';
import { definitions, type Definition, type Kind, type Name, type Share } from '../wasm/interface.js';
import type { Call } from './sharedCall.js';

/** Calls of fewer multiplications, a few microseconds, are not shared. */
const WORTH = 100_000;

/** A function whose calls may be shared, with the positions of the arguments that its definition names. */
interface Shared {
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
  /** The work of a call: a factor, and the positions of the counts it is multiplied by. */
  readonly factor: number;
  readonly counts: readonly number[];
  readonly shares: readonly (Share & { readonly counted: number })[];
}

const SHARED = new Map<Name, Shared>(
  (Object.entries(definitions) as [Name, Definition][]).flatMap(([name, { parameters, work, shares }]) => {
    if (!work || !shares) return [];
    const [factor, ...counts] = work;
    const names = Object.keys(parameters);
    const positionOf = (parameter: string): number => names.indexOf(parameter);
    const shared = {
      names,
      kinds: Object.values(parameters),
      factor,
      counts: counts.map(positionOf),
      shares: shares.map((share) => ({ ...share, counted: positionOf(share.over) })),
    };
    return [[name, shared] as const];
  }),
);

/** The functions whose calls may be shared. */
export const sharedNames: readonly (keyof Exports)[] = [...SHARED.keys()];

/** Whether a call is long enough to be shared. */
export function worthSharing(name: keyof Exports, args: readonly number[]): boolean {
  const { factor, counts } = SHARED.get(name)!;
  let work = factor;
  for (const position of counts) work *= args[position]!;
  return work >= WORTH;
}

/**
 * Splits a call among `threads` in the way that has the smallest parts; undefined where no way splits it. `size` is the
 * bytes of a number.
 */
export function partitionCall(
  name: keyof Exports,
  args: readonly number[],
  threads: number,
  size: number,
): Call | undefined {
  const { names, kinds, shares } = SHARED.get(name)!;
  let best: (typeof shares)[number] | undefined;
  let fraction = 1; // of the call in one part
  for (const share of shares) {
    const own = partSize(share, args[share.counted]!, threads) / args[share.counted]!;
    if (own < fraction) [best, fraction] = [share, own];
  }
  if (!best) return undefined;
  const { counted, strides } = best;
  return {
    name,
    args,
    counted,
    each: partSize(best, args[counted]!, threads),
    strides: names.map((parameter, i) => {
      if (kinds[i] === 'optional' && args[i] === 0) return 0;
      return bytesOf(kinds[i]!, size) * elements(strides[parameter] ?? 0);
    }),
  };

  /** A stride in elements: a number, a count, or a multiple of one. */
  function elements(stride: NonNullable<Share['strides'][string]>): number {
    if (typeof stride === 'number') return stride;
    const [factor, count] = typeof stride === 'string' ? [1, stride] : stride;
    return factor * args[names.indexOf(count)]!;
  }
}

function partSize({ unit, parts }: Share, total: number, threads: number): number {
  return Math.ceil(total / (threads * parts) / unit) * unit;
}

/** By how much an argument advances per element of what it points at or counts. */
function bytesOf(kind: Kind, size: number): number {
  if (kind === 'numbers' || kind === 'optional') return size;
  return kind === 'tokens' ? 4 : 1;
}
