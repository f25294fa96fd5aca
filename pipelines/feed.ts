// Puts keyed lines on a bus: `tail -f app.log | npx tsx pipelines/feed.ts --bus file:bus --key '^\S+'`.
import { lastValueFrom, merge, tap } from 'rxjs';
import { closed, visible } from '../src/index.js';
import { amount } from './cli/amount.js';
import { BUS_OPTIONS } from './bus/openBus.js';
import { withBus } from './bus/withBus.js';
import { EXAMPLE, feedLines } from './bus/feedLines.js';
import { checkText } from './cli/checkText.js';
import { command } from './cli/command.js';
import { countKeys } from './cli/countKeys.js';
import { interrupted } from './cli/interrupted.js';
import { keyReader } from './cli/keyReader.js';
import { print } from './cli/print.js';
import { say } from './cli/say.js';

await command(import.meta.url, {
  about: `Puts the lines of standard input, or of FILE, on a bus, where workers score them; ends when all are stored. Lines
with the same key keep their order. --key takes JavaScript's regular expressions without lookahead, lookbehind and
backreferences. Without --bus the example data/kinds.csv goes to a bus in memory, which ends with the command.`,
  argument: 'FILE',
  saves: true,
  options: {
    ...BUS_OPTIONS,
    key: {
      kind: 'text',
      value: 'REGEXP',
      help: 'a regular expression for the first 4096 characters; lines with the same match form a stream',
    },
    'max-line': {
      kind: 'count',
      value: 'BYTES',
      help: 'longest line; others are cut, and end with … in their scores, too',
      initial: 0x10000,
      most: 0x40000,
    },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'print one JSON object with the number of lines and frames, and nothing else' },
  },
  async run({ json, key, 'max-line': maxLineBytes, ...options }, file, typed) {
    const example = !typed.has('bus') && file === undefined;
    const read = keyReader(key ?? (example ? EXAMPLE.key : undefined));
    const keys = countKeys();
    if (file !== undefined) checkText(file, { stdin: true });
    else if (!example && process.stdin.isTTY) say('type lines, Ctrl-D ends; --help lists the options');
    let long = 0;
    let fed = { lines: 0, frames: 0 };
    let ended = false;
    let name = '';
    await withBus(options, async (bus) => {
      name = bus.name;
      const fed$ = feedLines(bus, {
        file: file ?? (example ? EXAMPLE.path : undefined),
        keyOf: (line) => (read ? keys.add(read(line)) : ''),
        maxLineBytes,
        cut: () => (long += 1),
        stop$: merge(closed(), interrupted({ say: 'ending' })).pipe(tap(() => (ended = true))),
      }).pipe(tap((so) => (fed = so)));
      try {
        await lastValueFrom(fed$, { defaultValue: fed });
      } catch (error) {
        throw new Error(`${(error as Error).message}; ${amount(fed.lines, 'line')} stored for sure`, { cause: error });
      }
    });
    if (long > 0)
      say(`${amount(long, 'line')} longer than ${maxLineBytes} bytes ${long === 1 ? 'was' : 'were'} cut (--max-line)`);
    if (ended && file !== undefined) {
      say(`ended before the end of ${visible(file)}: to go on, feed it from line ${fed.lines + 1} on`);
    }
    const told = keys.told();
    if (told !== undefined) say(told);
    if (example && process.stderr.isTTY)
      say('an example, on a bus that ends with this process; --bus file:FOLDER keeps one');
    if (json) console.log(JSON.stringify(fed));
    else print(`${amount(fed.lines, 'line')} in ${amount(fed.frames, 'frame')} on ${visible(name)}`);
  },
});
