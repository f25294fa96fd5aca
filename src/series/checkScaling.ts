import { refuse } from '../check/refuse.js';
import type { Scaling } from './scalingOf.js';

/** Accepts a scaling, such as `scaling` and `scalingOf` make. */
export function checkScaling(who: string, option: string, value: unknown): asserts value is Scaling {
  const { size, scale, unscale } = (value ?? {}) as Partial<Scaling>;
  if (Number.isInteger(size) && typeof scale === 'function' && typeof unscale === 'function') return;
  refuse(who, option, 'a scaling such as scalingOf({ … }) makes', value, 'none');
}
