// Lines scored by a model of their characters, which may learn from them: its parts are in scoreLines.
import { basename } from 'node:path';
import { map, pipe, tap } from 'rxjs';
import { type Credit, saveModel, visible } from '../../src/index.js';
import { checkOverwrite, isSameFile } from '../cli/checkOverwrite.js';
import { checkWritable } from '../cli/checkWritable.js';
import { UsageError } from '../cli/command.js';
import type { Paint } from '../cli/paint.js';
import { bundledModelPath } from '../models/bundledModelPath.js';
import { openModel } from '../models/openModel.js';
import { lineText, surprisingSpans } from './lineText.js';
import { newNetwork } from './newNetwork.js';
import type { Scored } from './scored.js';
import { type ScoredLine, scoreLines, scoreTokens } from './scoreLines.js';
import type { Scoring } from './scoring.js';
import { summary } from './summary.js';

export interface CharacterScoringOptions {
  /** By default the bundled model of English, or with a learning rate a new network. */
  readonly model: string | undefined;
  /** Of the weights of a new network. */
  readonly seed: number;
  /** Learning rate; undefined leaves the model unchanged. */
  readonly learningRate: number | undefined;
  readonly out: string | undefined;
  readonly every: number | undefined;
  readonly force: boolean;
  readonly ngram: number | undefined;
  /** Bits from which a character is marked. */
  readonly strange: number;
  readonly keyOf: ((line: string) => string) | undefined;
  readonly inFlight: Credit;
  /** What the lines come from, for the saved model. */
  readonly learned: string;
  readonly paint: Paint | false;
}

/** Scores lines by their characters, as `Scoring` says; with `out` it saves the model. */
export function characterScoring(options: CharacterScoringOptions): Scoring {
  const { learningRate, out, every, learned, keyOf } = options;
  const path = options.model ?? (learningRate === undefined ? bundledModelPath('english') : undefined);
  if (out !== undefined) {
    checkWritable(out);
    if (!options.force && (path === undefined || !isSameFile(out, path))) checkOverwrite(out, 'surprise', { learned });
  }
  const { model, symbols } = path === undefined ? newNetwork(options.seed) : openModel(path);
  const previous = symbols.token('\n');
  if (previous === undefined) throw new UsageError(`${path} does not know the line end: it was not trained on lines`);
  const score = scoreTokens(model, { keyed: keyOf !== undefined, learningRate, previous });
  const sum = summary(symbols, options.ngram);
  const { inFlight } = options;

  function save(): void {
    if (out === undefined) return;
    const from = path === undefined ? { seed: options.seed } : { model: basename(path) };
    const provenance = { job: 'surprise', ...from, learned, characters: sum.characters() };
    saveModel(out, model, { vocabulary: symbols, provenance });
  }
  return {
    score: pipe(
      scoreLines({ symbols, keyOf: keyOf ?? (() => ''), score, inFlight, count: sum.count }),
      tap((line) => {
        sum.add(line);
        if (every !== undefined && line.number % every === 0) save();
      }),
      map((line): CharacterScored => {
        const { characters: _, counted: _counted, key, ...rest } = line;
        const strange = surprisingSpans(line.line, line.characters, options.strange);
        return { ...rest, ...(keyOf && { key }), score: line.bitsPerCharacter, strange, ...hidden(line) };
      }),
    ),
    text: (scored) =>
      lineText({ ...scored, ...(scored as CharacterScored)[CHARACTERS] }, scored.strange, options.paint),
    summary: () => sum.text(),
    end() {
      save();
      return out === undefined ? undefined : `model saved in ${visible(out)}`;
    },
  };
}

const CHARACTERS = Symbol('characters');

/** What a line has for people only: a symbol is left out of its JSON. */
type CharacterScored = Scored & { readonly [CHARACTERS]: ScoredLine };

function hidden(line: ScoredLine): Pick<CharacterScored, typeof CHARACTERS> {
  return { [CHARACTERS]: line };
}
