import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';

/** The parts of a window that must fit each other. */
interface WindowLayout {
  readonly steps: number;
  readonly lanes: number;
  readonly mask?: Uint8Array | undefined;
  readonly targetMask?: Uint8Array | undefined;
  readonly resets?: Uint8Array | undefined;
}

/**
 * Refuses a window whose steps or lanes are not positive integers, or whose mask or resets do not fit them. `part` begins
 * the names of its members in messages, such as `source.`.
 */
export function checkWindow(who: string, { steps, lanes, mask, targetMask, resets }: WindowLayout, part = ''): void {
  positiveInteger(who, `${part}steps`, steps);
  positiveInteger(who, `${part}lanes`, lanes);
  checkFlags(who, `${part}mask`, mask, steps * lanes);
  checkFlags(who, `${part}targetMask`, targetMask, steps * lanes);
  checkFlags(who, `${part}resets`, resets, lanes);
}

function checkFlags(who: string, name: string, flags: Uint8Array | undefined, needed: number): void {
  if (flags === undefined) return;
  if (!(flags instanceof Uint8Array)) refuse(who, name, 'a Uint8Array of flags', flags, 'none');
  if (flags.length !== needed) throw new RangeError(`${who}: ${name} needs ${needed} flags, got ${flags.length}`);
}
