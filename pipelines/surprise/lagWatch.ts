import type { FilePlace } from '../../src/index.js';
import { type LagMeter, lagMeter } from './lagMeter.js';

/** Watches whether lines of a file come faster than they are scored. */
export interface LagWatch extends Pick<LagMeter, 'bytes' | 'seconds'> {
  readonly isBehind: boolean;
  /** Looks at the file, up to whose `place` lines are read, but for so many that were left out. */
  look(place: FilePlace | undefined, leftOut: number): void;
}

const CAUGHT_UP = 1; // seconds of lag

/** Makes the watch: behind from `mostLag` seconds on, until it has caught up; `say` tells of both. */
export function lagWatch(
  file: string,
  mostLag: number,
  say: (message: string) => void,
  clock?: () => number,
): LagWatch {
  const meter = lagMeter(file, clock);
  let isBehind = false;
  return {
    get bytes() {
      return meter.bytes;
    },
    get seconds() {
      return meter.seconds;
    },
    get isBehind() {
      return isBehind;
    },
    look(place, leftOut) {
      meter.look(place);
      const late = meter.seconds > (isBehind ? CAUGHT_UP : mostLag) && meter.caughtUp;
      if (late === isBehind) return;
      isBehind = late;
      const much = `${Math.round(meter.seconds)} s, ${meter.bytes.toLocaleString('en')} bytes`;
      say(
        isBehind
          ? `behind by ${much}: of lines that differ in numbers alone, one in ten is scored until it has caught up`
          : `caught up; ${leftOut.toLocaleString('en')} lines were left out so far`,
      );
    },
  };
}
