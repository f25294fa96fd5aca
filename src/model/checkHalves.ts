import { showName } from '../check/showName.js';
import type { HalfDtype, Numbers } from '../types.js';

/** A RangeError where one of the numbers is not a number or would be rounded to infinity: in float16 from 65520 up. */
export function checkHalves(name: string, dtype: HalfDtype, numbers: Numbers): void {
  const end = dtype === 'float16' ? 65520 : 3.39617752923046e38; // half a last place beyond the largest
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (Math.abs(Math.fround(number)) < end) continue;
    if (Number.isNaN(number)) throw new RangeError(`${showName(name)} has no ${dtype}: number ${i} is NaN`);
    throw new RangeError(`${showName(name)} is beyond the range of ${dtype}: number ${i} is ${number}`);
  }
}
