import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import type { StatePart } from './checkedTape.js';
import type { LanePlace } from './model.js';

/** Copies the carried states of several lanes at once. */
export interface LaneStates {
  /** Copies the states of the first `rows` lanes to their places. */
  read(to: readonly LanePlace[], rows: number): void;
  /** Sets the states of the first `rows` lanes from their places. */
  write(from: readonly LanePlace[], rows: number): void;
}

/** One layer of one part of the state: `[lanes, size]`, which are `size` numbers of a lane's state from `column` on. */
interface Slice {
  readonly numbers: Numbers;
  readonly size: number;
  readonly column: number;
}

/**
 * Makes copies of lanes by way of an array in the kernel's memory that holds the states lane by lane: one copy of an array
 * for each lane, and one call of the kernel for each part of the state. A state of one part and layer is such an array
 * itself.
 */
export function laneStates(
  kernel: Kernel,
  parts: readonly StatePart[],
  lanes: number,
  allocate: (length: number) => Numbers,
): LaneStates {
  const slices: Slice[] = [];
  let width = 0; // of a lane
  for (const { numbers, depth, size } of parts) {
    for (let layer = 0; layer < depth; layer++, width += size) {
      const from = layer * lanes * size;
      slices.push({ numbers: numbers.subarray(from, from + lanes * size), size, column: width });
    }
  }
  const direct = slices.length === 1;
  const byLane = direct ? slices[0]!.numbers : allocate(lanes * width);
  const rowOf = Array.from({ length: lanes }, (_, lane) => byLane.subarray(lane * width, (lane + 1) * width));

  function check(who: string, places: readonly LanePlace[], rows: number): void {
    if (!(Number.isInteger(rows) && rows >= 0 && rows <= lanes && rows <= places.length)) {
      const most = Math.min(lanes, places.length);
      throw new RangeError(`${who}: rows must be an integer from 0 to ${most}, got ${rows}`);
    }
    for (let lane = 0; lane < rows; lane++) {
      const { numbers, place } = places[lane]!;
      if (place >= 0 && place + width <= numbers.length) continue;
      throw new RangeError(`${who}: the state of a lane has ${width} numbers; from ${place} on there are not as many`);
    }
  }

  return {
    read(to, rows) {
      check('readLanes', to, rows);
      if (!direct) {
        for (const { numbers, size, column } of slices) {
          kernel.setColumns(byLane, width, column, numbers, size, 0, rows, size);
        }
      }
      for (let lane = 0; lane < rows; lane++) {
        const { numbers, place } = to[lane]!;
        numbers.set(rowOf[lane]!, place);
      }
    },
    write(from, rows) {
      check('writeLanes', from, rows);
      for (let lane = 0; lane < rows; lane++) {
        const { numbers, place } = from[lane]!;
        byLane.set(numbers.subarray(place, place + width), lane * width);
      }
      if (direct) return;
      for (const { numbers, size, column } of slices) {
        kernel.setColumns(numbers, size, 0, byLane, width, column, rows, size);
      }
    },
  };
}
