import { refuse } from '../check/refuse.js';
import type { Layer } from '../layer/layer.js';

/** Accepts a layer. */
export function isLayer(who: string, name: string, value: unknown): asserts value is Layer {
  if (typeof (value as Partial<Layer> | null | undefined)?.tape === 'function') return;
  refuse(who, name, 'a layer such as linear({ … })', value, 'none');
}
