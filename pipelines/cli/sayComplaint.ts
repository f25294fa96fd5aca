import { visible } from '../../src/index.js';
import { say } from './say.js';

/** Says on standard error what a watch of rows or texts has found wrong; nothing where it has found nothing. */
export function sayComplaint(watch: { complaint(): string | undefined }): void {
  const complaint = watch.complaint();
  if (complaint !== undefined) say(visible(complaint));
}
