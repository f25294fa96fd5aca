import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ignoreElements, lastValueFrom, type Observable, tap } from 'rxjs';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { scoreLines, scoreTokens } from '../../pipelines/surprise/scoreLines.js';
import { credit, loadModel, pull, surprisalByLine, unlimited, yielding } from '../../src/index.js';
import { seeded } from '../../src/random/seeded.js';
import { rise } from './rise.js';

/** Megabytes by which the floor of what is in use, and of what is resident, may rise from the third quarter to the last. */
const MOST_GROWTH = { live: 2, rss: 64 };

/** Fewer lines are not judged: the places for keys and templates, 10,000 of each, still fill in the second half. */
const FEWEST = 200_000;

/** Keys that come in turn, where there are more lines than that; with a bound in minutes they are drawn. */
const KEYS = 1_000_000;
const [KEY_LENGTH, MARKS, MINUTE] = [6, 20, 60_000];

/**
 * What `surprise --learn --key` does, by templates and, as with `--model`, by characters, on as many short lines as runs,
 * each of another key until a million have come; with `minutes` for so long each, every line of a key that is drawn from a
 * million, and with a line per minute on stderr. Memory is level after the first half. What is in use after a garbage
 * collection says whether keys leave anything behind; resident memory also tells of what V8 does not know, but moves with
 * its garbage collector.
 */
export async function keys(runs: number, seed: number, minutes?: number): Promise<Readonly<Record<string, number>>> {
  const { model, vocabulary } = loadModel(bundledModelPath('names'));
  const score = scoreTokens(model, { keyed: true, learningRate: 0.001, previous: vocabulary!.token('\n')! });
  const inFlight = credit({ high: 64, low: 32 });
  const keyOf = (line: string): string => line.slice(0, KEY_LENGTH);
  const byTemplate = surprisalByLine({ keyOf });
  const byCharacter = scoreLines({ symbols: vocabulary!, keyOf, score, inFlight });
  const bound = { runs, seed, minutes };
  return {
    ...(await level('templates', bound, (line) => pull(line, yielding(unlimited)).pipe(byTemplate))),
    ...(await level('characters', bound, (line) => pull(line, yielding(inFlight)).pipe(byCharacter))),
  };
}

interface Bound {
  readonly runs: number;
  readonly seed: number;
  readonly minutes: number | undefined;
}

/** Counts what comes, and throws where memory grows in the second half. */
async function level(
  name: string,
  { runs, seed, minutes }: Bound,
  scored: (texts: Iterable<string>) => Observable<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const marks: { readonly live: number; readonly rss: number }[] = [];
  const seen = new Uint8Array(KEYS);
  let [lines, keys, minute] = [0, 0, 1];
  const started = performance.now();
  const passed = (): number => performance.now() - started;
  const share = (read: number): number => (minutes === undefined ? read / runs : passed() / (MINUTE * minutes));
  const linesPerSecond = (): number => Math.round((1000 * lines) / passed());

  /** Short lines, each of another key until a million have come, or each of any of them. */
  function* texts(): Generator<string> {
    const random = seeded(`keys ${seed}`);
    for (let i = 0; share(i) < 1; i++) {
      const index = minutes === undefined ? i % KEYS : random.integer(KEYS);
      keys += 1 - seen[index]!;
      seen[index] = 1;
      const key = keyText(index);
      yield random.integer(10) === 0 ? `${key}x` : key;
    }
  }
  const counted$ = scored(texts()).pipe(
    tap(() => {
      lines += 1;
      if (share(lines) * MARKS >= marks.length + 1) marks.push(megabytes());
      if (minutes === undefined || passed() < minute * MINUTE) return;
      const { live, rss } = megabytes();
      const memory = `${round(live)} MB in use, ${round(rss)} MB resident`;
      console.error(`${name}, minute ${minute}: ${keys} keys, ${linesPerSecond()} lines per s, ${memory}`);
      minute += 1;
    }),
    ignoreElements(),
  );
  await lastValueFrom(counted$, { defaultValue: undefined });
  const half = marks.slice(marks.length / 2);
  const figures = {
    [`${name}: lines`]: lines,
    [`${name}: keys`]: keys,
    [`${name}: lines per s`]: linesPerSecond(),
    [`${name}: MB in use at half`]: round(half[0]!.live),
    [`${name}: MB in use at end`]: round(half.at(-1)!.live),
    [`${name}: MB resident at half`]: round(half[0]!.rss),
    [`${name}: MB resident at end`]: round(half.at(-1)!.rss),
  };
  if (lines < FEWEST) return figures;
  for (const what of ['live', 'rss'] as const) {
    const growth = rise(half.map((mark) => mark[what]));
    if (growth <= MOST_GROWTH[what]) continue;
    throw new Error(`memory grew by ${growth.toFixed(1)} MB (${what}): ${JSON.stringify(figures)}`);
  }
  return figures;
}

function keyText(index: number): string {
  let key = '';
  for (let rest = index; key.length < KEY_LENGTH; rest = Math.floor(rest / 26)) {
    key += String.fromCharCode(97 + (rest % 26));
  }
  return key;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is in use and what is resident, after a garbage collection. */
function megabytes(): { readonly live: number; readonly rss: number } {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage(); // `external` contains array buffers
  return { live: (heapUsed + external) / 1e6, rss: rss / 1e6 };
}

function round(megabytes: number): number {
  return Math.round(10 * megabytes) / 10;
}
