import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ignoreElements, lastValueFrom, tap } from 'rxjs';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { scoreLines, scoreTokens } from '../../pipelines/surprise/scoreLines.js';
import { credit, loadModel, pull, yielding } from '../../src/index.js';
import { seeded } from '../../src/random/seeded.js';

/** Megabytes by which what is in use, and what is resident, may grow over the second half. */
const MOST_GROWTH = { live: 2, rss: 64 };

/** Fewer keys are not judged: the places for keys, of which there are 1024, still fill in the second half. */
const FEWEST = 4096;

/** Keys that come in turn, where there are more lines than that. */
const KEYS = 1_000_000;

/**
 * What `surprise --learn --key --model FILE` does, on as many short lines as runs, each of another key until a million have
 * come: memory is level after the first half. It scores by a model of characters; without `--model` the command scores by
 * templates, which this drill does not run. What is in use after a garbage collection says whether keys leave anything
 * behind; resident memory also tells of what V8 does not know, but moves with its garbage collector.
 */
export async function keys(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const { model, vocabulary } = loadModel(bundledModelPath('names'));
  const random = seeded(`keys ${seed}`);
  const score = scoreTokens(model, { keyed: true, learningRate: 0.001, previous: vocabulary!.token('\n')! });
  const inFlight = credit({ high: 64, low: 32 });
  const marks: { readonly live: number; readonly rss: number }[] = [];
  let lines = 0;
  const started = performance.now();
  const scored$ = pull(texts(), yielding(inFlight)).pipe(
    scoreLines({ symbols: vocabulary!, keyOf: (line) => line, score, inFlight }),
    tap(() => {
      lines += 1;
      if (lines % Math.ceil(runs / 20) === 0) marks.push(megabytes());
    }),
    ignoreElements(),
  );
  await lastValueFrom(scored$, { defaultValue: undefined });
  const half = marks.slice(marks.length / 2);
  const figures = {
    lines,
    keys: Math.min(lines, KEYS),
    'lines per s': Math.round((1000 * lines) / (performance.now() - started)),
    'MB in use at half': round(half[0]!.live),
    'MB in use at end': round(half.at(-1)!.live),
    'MB resident at half': round(half[0]!.rss),
    'MB resident at end': round(half.at(-1)!.rss),
  };
  if (lines < FEWEST) return figures;
  for (const what of ['live', 'rss'] as const) {
    const growth = Math.max(...half.map((mark) => mark[what])) - half[0]![what];
    if (growth <= MOST_GROWTH[what]) continue;
    throw new Error(`memory grew by ${growth.toFixed(1)} MB (${what}): ${JSON.stringify(figures)}`);
  }
  return figures;

  function* texts(): Generator<string> {
    for (let i = 0; i < runs; i++) {
      let key = '';
      for (let rest = i % KEYS; key.length < 6; rest = Math.floor(rest / 26))
        key += String.fromCharCode(97 + (rest % 26));
      yield random.integer(10) === 0 ? `${key}x` : key;
    }
  }
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
