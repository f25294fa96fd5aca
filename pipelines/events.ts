// Finds sessions of events that are unlike normal ones, or foresees the next event. It learns what usually follows what;
// with --next it counts how often it foresees the next event of a case.
import { bundledFile } from '../src/index.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { stopSignal } from './cli/stopSignal.js';
import { warnUnsaved } from './cli/warnUnsaved.js';
import { NEXT_EVENT, SCORE } from './events/eventsFile.js';
import { foresee } from './events/foresee.js';
import { LONGEST } from './events/longest.js';
import { tellApart } from './events/tellApart.js';

const dataFile = (name: string): string => bundledFile(`events/${name}.txt`);

/** The options that only one of the two kinds of run has, and those of learning. */
const OF_SESSIONS = ['train', 'normal', 'abnormal', 'scan', 'score', 'false-alarms'];
const OF_CASES = ['data', 'case', 'event', 'time', 'predict'];
const OF_LEARNING = ['train', 'score', 'false-alarms', 'hidden', 'epochs', 'seed', 'out', 'force'];

await command(import.meta.url, {
  about: `Learns normal sessions of events, chooses a threshold from normal sessions alone, and counts how many others it
tells apart, or with --scan prints the strange ones of a file. With --next it learns two thirds of the cases of a CSV
file and foresees the next event of the others. Several networks learn in turn, six or with --next five, and what
counts is their mean. Sessions and cases of more than ${LONGEST} events are not learned: an error names the first.`,
  saves: true,
  options: {
    train: { kind: 'text', value: 'FILE', help: 'normal sessions to learn, a line each (data/events/train.txt)' },
    normal: { kind: 'text', value: 'FILE', help: 'normal sessions to test with (data/events/normal.txt)' },
    abnormal: { kind: 'text', value: 'FILE', help: 'abnormal sessions to test with (data/events/abnormal.txt)' },
    scan: { kind: 'text', value: 'FILE', help: 'instead of a test: sessions of which the strange ones are printed' },
    score: {
      kind: 'text',
      choices: ['surprise', 'mixed'],
      help: 'the rank of the least expected event (--json: its log2), or that and the counts of events',
      initial: 'surprise',
    },
    'false-alarms': {
      kind: 'number',
      help: 'share of held-out normal sessions above the threshold (0.003; 0.0005 for mixed)',
      below: 1,
    },
    next: { kind: 'flag', help: 'predict the next event of the cases of --data' },
    data: { kind: 'text', value: 'FILE', help: 'with --next: a CSV file of events' },
    case: { kind: 'text', value: 'COLUMN', help: 'with --next: the column of the case', initial: 'case' },
    event: { kind: 'text', value: 'COLUMN', help: 'with --next: the column of the event', initial: 'event' },
    time: {
      kind: 'text',
      value: 'COLUMN',
      help: 'with --next: that of the time: dates, or s or ms since 1970',
      initial: 'time',
    },
    predict: { kind: 'flag', help: 'with --next: print the likeliest next events of each case, instead of counting' },
    hidden: { kind: 'count', help: 'hidden units', initial: 64, most: 4096 },
    epochs: { kind: 'count', help: 'passes of each network over what it learns; 60, or 30 with --next' },
    out: { kind: 'text', value: 'FILE', help: 'file to save what was learned in, for --model, also on Ctrl-C' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else', needs: 'out' },
    model: { kind: 'text', value: 'FILE', help: 'what --out has saved, instead of learning' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of the weights and of the order', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ next, data, out, model, ...options }, _, typed) {
    for (const name of next ? OF_SESSIONS : OF_CASES) {
      if (typed.has(name)) throw new UsageError(`--${name}: is ${next ? 'not ' : ''}for --next`);
    }
    const without = model === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    if (next && data === undefined) throw new UsageError('--next: needs --data FILE.csv');
    const own = ['train', 'normal', 'abnormal'].filter((name) => typed.has(name));
    if (options.scan !== undefined) {
      const tested = own.find((name) => name !== 'train');
      if (tested !== undefined) throw new UsageError(`--${tested}: is for a test, and --scan is none`);
    } else if (!next) checkFiles(own, { isLearned: model !== undefined, isKept: out !== undefined });
    const { train = dataFile('train') } = options;
    const [normal, abnormal] =
      own.length === 0 ? [dataFile('normal'), dataFile('abnormal')] : [options.normal, options.abnormal];
    const learned = next ? data! : train;
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, (next ? NEXT_EVENT : SCORE).job, { data: learned });
    }
    if (!options.json && out === undefined && model === undefined) warnUnsaved();
    const common = { ...options, out, model, stop$: stopSignal(out, 'saving what was learned') };
    await (next ? foresee(data!, common) : tellApart({ ...common, train, normal, abnormal }));
  },
});

/** Refuses some of the files of a test without the others; what is learned, and kept, needs none. */
function checkFiles(own: readonly string[], { isLearned, isKept }: { isLearned: boolean; isKept: boolean }): void {
  if (isLearned) {
    if (own.length === 2) return;
    throw new UsageError(`--${own.join(' and --') || 'model'}: give --normal and --abnormal, or --scan`);
  }
  if (own.length === 0 || own.length === 3 || (isKept && own.join() === 'train')) return;
  const ways = '--train, --normal and --abnormal, or --train and --scan, or --train and --out to keep what is learned';
  throw new UsageError(`--${own.join(' and --')}: give ${ways}`);
}
