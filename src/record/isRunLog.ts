import { callable } from '../check/callable.js';
import { isRecord } from '../check/isRecord.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { RunLog } from './openLog.js';

/** Accepts open run logs. */
export function isRunLog(who: string, option: string, value: unknown): asserts value is RunLog {
  isRecord(who, option, value);
  const { block, blocks, read } = value as Partial<RunLog>;
  positiveInteger(who, `${option}.block`, block);
  if (!Array.isArray(blocks)) refuse(who, `${option}.blocks`, 'an array', blocks, 'none');
  callable(who, `${option}.read`, read);
}
