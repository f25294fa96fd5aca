import { oneOf } from '../check/oneOf.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import type { Pipeline } from './pipeline.js';

/** Accepts pipelines of partitions. */
export function checkPipeline(who: string, option: string, value: unknown): asserts value is Pipeline<unknown> {
  const { open, scope, name } = (value ?? {}) as Partial<Pipeline<unknown>>;
  if (typeof open !== 'function') refuse(who, option, 'an object with open(context)', value, 'none');
  if (scope !== undefined) oneOf('key', 'partition')(who, `${option}.scope`, scope);
  if (name !== undefined) string(who, `${option}.name`, name);
}
