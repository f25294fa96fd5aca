import { positiveInteger } from '../check/positiveInteger.js';

/** What of a window is checked against itself. */
interface WindowLayout {
  readonly steps: number;
  readonly lanes: number;
  readonly mask?: Uint8Array | undefined;
  readonly resets?: Uint8Array | undefined;
}

/** Refuses a window whose steps or lanes are not positive integers, or whose mask or resets do not fit them. */
export function checkWindow(who: string, { steps, lanes, mask, resets }: WindowLayout): void {
  positiveInteger(who, 'steps', steps);
  positiveInteger(who, 'lanes', lanes);
  checkFlags('mask', mask, steps * lanes);
  checkFlags('resets', resets, lanes);
}

function checkFlags(name: string, flags: Uint8Array | undefined, needed: number): void {
  if (flags && flags.length !== needed) throw new RangeError(`${name}: needs ${needed} flags, got ${flags.length}`);
}
