import { visible } from '../../src/index.js';
import { say } from './say.js';

/** Says on standard error that a model was saved by a run that was stopped: its provenance has `stopped`. */
export function warnOfStopped(path: string, provenance: Readonly<Record<string, unknown>> | undefined): void {
  if (provenance?.['stopped'] !== true) return;
  say(`${visible(path)}: its learning was stopped before the end`);
}
