import { refuse } from '../check/refuse.js';
import type { Model } from './model.js';

/** Accepts a model, disposed or not. */
export function checkModel(who: string, option: string, value: unknown): asserts value is Model {
  if (typeof (value as Partial<Model> | null | undefined)?.tape === 'function' && 'weights' in (value as Model)) return;
  refuse(who, option, 'a model such as sequential({ … }) makes', value, 'none');
}
