import { UsageError } from '../cli/command.js';
import { parseAddress } from './metrics.js';

/** What a run of the script is about. */
export interface Kind {
  readonly learn: boolean;
  /** Whether a model of text scores the characters. */
  readonly ofCharacters: boolean;
  readonly file: string | undefined;
}

/** Throws a UsageError where options do not go together. */
export function checkOptions(
  typed: ReadonlySet<string>,
  { learn, ofCharacters, file }: Kind,
  { metrics, webhook, only }: Readonly<Record<'metrics' | 'webhook' | 'only', string | undefined>>,
): void {
  if (metrics !== undefined) parseAddress(metrics);
  if (webhook !== undefined) checkUrl(webhook);
  const refuse = (option: string, reason: string): void => {
    if (typed.has(option)) throw new UsageError(`--${option}: ${reason}`);
  };
  if (!learn) {
    for (const option of ['out', 'learning-rate']) refuse(option, 'without --learn the model does not change');
    for (const option of ['state', 'format', 'one-in']) refuse(option, 'without --learn no templates are learned');
  } else if (ofCharacters) {
    for (const option of ['state', 'format', 'one-in']) {
      refuse(option, 'not with a model of text: leave out --model, --out, --ngram, --strange, --learning-rate');
    }
  }
  if (ofCharacters && !typed.has('alarm')) {
    for (const option of ['webhook', 'fail-on-alarm']) refuse(option, 'a model of text has alarms with --alarm only');
    if (only === 'strange') refuse('only', 'a model of text has alarms with --alarm only, and strange lines are those');
  }
  if (!typed.has('out')) for (const option of ['save-every', 'force']) refuse(option, 'without --out nothing is saved');
  if (file === undefined) refuse('follow', 'name the FILE that is to be followed');
  if (!typed.has('follow')) refuse('most-lag', 'without --follow no line is left out');
  if (typed.has('otlp')) refuse('top', 'lines are printed as they come with --otlp; leave out one of the two');
  if (typed.has('json')) refuse('otlp', 'lines are printed in one form, not also in that of --json');
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--webhook must be an http: or https: URL, got ${text}`);
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--webhook: a name and a password in the URL are seen by other users; RXRNN_WEBHOOK_SECRET signs',
    );
  }
}
