import { callable } from '../check/callable.js';
import { checkRecord } from '../check/checkRecord.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { RunLog } from './openLog.js';

/** Accepts open run logs. */
export function checkRunLog(who: string, option: string, value: unknown): asserts value is RunLog {
  checkRecord(who, option, value);
  const { block, blocks, read } = value as Partial<RunLog>;
  positiveInteger(who, `${option}.block`, block);
  if (!Array.isArray(blocks)) refuse(who, `${option}.blocks`, 'an array', blocks, 'none');
  callable(who, `${option}.read`, read);
}
