// Learns to continue any text, character by character. char-rnn's job; it saves a model for generate.ts and surprise.ts.
// A stopped run resumes and ends with the same bits.
import { statSync } from 'node:fs';
import { catchError, EMPTY, lastValueFrom, type Observable, of, repeat, tap } from 'rxjs';
import {
  bookmark,
  yielding,
  clipGradNorm,
  latestCheckpoint,
  type Model,
  saveModel,
  seeded,
  trainer,
  unlimited,
  type ValidatedStep,
  validate,
  visible,
  windows,
} from '../src/index.js';
import { type Best, betterOf, checkCheckpointFolder, removeCheckpoints } from './charlm/checkpointFolder.js';
import { checkLength, checkSettings, isComplete, resumedOptions } from './charlm/checkSettings.js';
import { command, UsageError, NO_WIDE } from './cli/command.js';
import { readCorpus } from './charlm/corpus.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkText } from './cli/checkText.js';
import { checkWritable } from './cli/checkWritable.js';
import {
  CELL_NAMES,
  evaluateHeldOut,
  GATES,
  heldOutWindows,
  languageModel,
  sampleText,
  WITHOUT_PRODUCT,
} from './charlm/languageModel.js';
import { isOfFiles } from './cli/isOfFiles.js';
import { joinedErrors } from './cli/joinedErrors.js';
import { print } from './cli/print.js';
import { say } from './cli/say.js';
import { suggest } from './cli/suggest.js';
import { mobyDick } from './data/mobyDick.js';
import { DECAYS, trainingSchedule } from './charlm/trainingSchedule.js';
import { isScheduleFree, RULE_NAMES, suitedRate, type UpdateRule, updateRule } from './charlm/updateRule.js';
import { checkpointOnInterrupt } from './charlm/checkpointOnInterrupt.js';
import { suitedSettings } from './charlm/suitedSettings.js';
import { trainingReport } from './charlm/trainingReport.js';

await command(import.meta.url, {
  about: `Trains a recurrent network on a text, character by character. The file is never held in memory whole; a share
at its end (--validation) is held out. The first Ctrl-C saves and prints the command that resumes the run.`,
  saves: true,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a text file in UTF-8 (Melville’s Moby-Dick)' },
    cell: { kind: 'text', choices: CELL_NAMES, help: 'kind of network', initial: 'lstm' },
    hidden: {
      kind: 'count',
      help: 'hidden units per layer (256 for rnn, else 192; for lstm by --minutes 256 or more)',
      most: 4096,
    },
    embedding: { kind: 'count', help: 'size of the character embedding (64 for rnn, else one-hot)', most: 4096 },
    ngrams: {
      kind: 'count',
      help: 'also embed the last 2, …, N characters as one (1; for lstm by --minutes 2)',
      most: 8,
    },
    layers: { kind: 'count', help: 'number of layers', initial: 1, most: 16 },
    lanes: {
      kind: 'count',
      help: 'parts of the text learned in parallel, batch size (8, by --minutes 8 or more 16)',
      most: 1024,
    },
    window: { kind: 'count', help: 'characters per window of truncated back-propagation', initial: 50, most: 4096 },
    'learning-rate': {
      kind: 'number',
      help: 'largest learning rate (0.003 for rnn, else 0.01, by adam; by another --optimizer what suits it)',
    },
    steps: { kind: 'count', help: 'training steps of lanes × window characters (7500)' },
    epochs: { kind: 'number', help: 'length of the run in passes over the text, instead of --steps' },
    minutes: { kind: 'number', help: 'length of the run in minutes, instead of --steps' },
    dropout: { kind: 'number', help: 'dropout between layers', initial: 0, least: 0, most: 1 },
    'recurrent-dropout': {
      kind: 'number',
      help: 'dropout on the hidden state from step to step (0; by --minutes suited to the length)',
      least: 0,
      below: 1,
    },
    'output-dropout': {
      kind: 'number',
      help: 'dropout on what the output reads',
      initial: 0,
      least: 0,
      below: 1,
    },
    'layer-norm': { kind: 'flag', help: 'layer norm in the cells, of lstm' },
    'weight-tying': { kind: 'flag', help: 'one table for the embedding and the output: --embedding is --hidden' },
    optimizer: {
      kind: 'text',
      choices: RULE_NAMES,
      help: 'update rule (adam; adamw by --minutes, if the text is read often)',
    },
    decay: { kind: 'text', choices: DECAYS, help: 'how the learning rate falls to 0 (cosine)' },
    average: {
      kind: 'number',
      help: 'validate and save an average of weights over 1/(1-X) updates: for long runs with --decay none',
      initial: 0,
      least: 0,
      below: 1,
    },
    clip: { kind: 'number', help: 'largest gradient norm (1 for rnn, else 5)' },
    validation: { kind: 'number', help: 'share of the text held out', initial: 0.1, below: 1 },
    'validate-every': { kind: 'count', help: 'steps between validations (2000, by --minutes 5000)' },
    checkpoint: {
      kind: 'text',
      value: 'FOLDER',
      help: 'folder of checkpoints, for --resume (beside --out, and removed at the end of the run)',
    },
    'checkpoint-every': { kind: 'count', help: 'steps between checkpoints', initial: 2000 },
    resume: {
      kind: 'flag',
      help: 'continue the run from its newest checkpoint, with its settings; start one where there is none',
    },
    'data-changed': {
      kind: 'flag',
      help: 'with --resume: continue with another text, from its beginning',
      needs: 'resume',
    },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'file to save the model in, for generate --model, also on Ctrl-C',
      initial: 'charlm.safetensors',
    },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    'sample-every': { kind: 'count', help: 'steps between samples', initial: 1000 },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of weights, dropout and samples', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per step and nothing else' },
  },
  async run(given, _, typed) {
    const { out, json, resume } = given;
    const lengths = (['minutes', 'epochs', 'steps'] as const).filter((name) => given[name] !== undefined);
    if (lengths.length > 1) throw new UsageError(`--${lengths.join(' and --')}: give only one of them`);
    const folder = given.checkpoint ?? `${out.replace(/\.safetensors$/, '')}.checkpoints`;
    if (!resume) checkNetwork(given);
    if (given.data !== undefined) checkText(given.data);
    checkWritable(out);
    const begun = checkCheckpointFolder(folder, resume);
    const saved = begun ? latestCheckpoint(folder) : undefined;
    const options = saved ? resumedOptions(given, typed, saved) : given;
    checkNetwork(options);
    const { data = mobyDick(), window, minutes, epochs, seed } = options;
    const there = options.force ? {} : checkOverwrite(out, 'charlm', { data });
    const { cell, layers, dropout, validation } = options;
    const suited = suitedSettings({ cell, minutes, bytes: statSync(data).size });
    const { hidden = suited.hidden, optimizer = suited.optimizer, clip = suited.clip, lanes = suited.lanes } = options;
    const { 'recurrent-dropout': recurrentDropout = suited.recurrentDropout } = options;
    const weightTying = options['weight-tying'] || undefined; // settings that are off are not in checkpoints
    const { embedding: embeddingSize = weightTying ? hidden : suited.embedding } = options;
    const { 'learning-rate': rate = suitedRate(optimizer, suited.rate) } = options;
    const outputDropout = options['output-dropout'] || undefined;
    const layerNorm = options['layer-norm'] || undefined;
    const { ngrams = canEmbedGates({ ...options, embedding: embeddingSize }) ? suited.ngrams : undefined } = options;
    const network = {
      cell,
      embeddingSize,
      hidden,
      layers,
      dropout,
      recurrentDropout,
      outputDropout,
      layerNorm,
      ngrams,
      weightTying,
    };
    const decay = options.decay ?? (isScheduleFree(optimizer) ? 'none' : 'cosine');
    const average = options.average || undefined;
    if (average && isScheduleFree(optimizer)) throw new UsageError(`--average: ${optimizer} has an average of its own`);
    const settings = {
      ...network,
      lanes,
      window,
      rate,
      optimizer,
      clip,
      validation,
      seed,
      average,
      decay: decay === 'cosine' ? undefined : decay,
    };
    const changed = options['data-changed'];
    const corpus = await readCorpus(data, validation, changed ? saved?.vocabulary : undefined);
    const { symbols, characters } = corpus;
    if (characters < 2 * lanes)
      throw new UsageError(`--lanes: ${lanes} need ${2 * lanes} characters to learn, got ${characters}; try --lanes 1`);
    const steps = epochs ? Math.ceil((epochs * characters) / (lanes * window)) : (options.steps ?? 7500);
    const done = checkSettings(saved, settings, corpus, changed);
    const planned = minutes ? { minutes } : { steps };
    checkLength(saved, planned, done);
    const made = { data, ...settings, text: corpus.digest, length: planned };
    if (resume && !begun) {
      const complete = !options.force && isComplete(out, made, typed);
      const what = complete
        ? `the run is complete, its model is in ${visible(out)}; --force begins another`
        : `${visible(folder)} holds no checkpoint, so a run begins`;
      say(`--resume: ${what}`);
      if (complete) return;
    }

    const model = saved?.model ?? languageModel({ ...network, symbols, random: seeded(seed) });
    const mark = bookmark(changed ? undefined : saved?.place);
    const length = minutes ? { seconds: minutes * 60 } : { steps };
    const run = trainingSchedule({ learningRate: rate, decay, length, done });
    const learning = (model: Model): UpdateRule => updateRule(model, optimizer, run.learningRate, average ?? 0);
    const rule = learning(model);
    const { learned } = rule; // by this one is validated, saved and generated
    const failures: unknown[] = []; // of the text that is read, and of checkpoints: each save is tried all the same
    const report = trainingReport({ corpus, run, json, every: options['sample-every'], done });
    report.begin(data, model);
    if (saved && run.share(done.steps) >= 1) {
      say(`--resume: the run in ${visible(folder)} is complete; its model is saved`);
      if (learned !== model) rule.optimizer.restore(model, saved.training.optimizer);
      await finish(saved.training);
      return throwFailures();
    }

    const training = trainer(model, {
      optimizer: rule.optimizer,
      clip: clipGradNorm(clip),
      dropoutRandom: seeded(`${seed} dropout`),
      resumeFrom: saved?.training,
    });
    let latest: ValidatedStep | undefined; // learned, also where its checkpoint could not be written
    let reported = 0;
    const learned$ = corpus.lanes({ lanes, bookmark: mark, demand: yielding(unlimited) }).pipe(
      repeat(),
      windows({ steps: window, lanes, bookmark: mark }),
      catchError((reason: unknown) => {
        failures.push(reason);
        return EMPTY; // the run is saved as it stands
      }),
      training.learn,
      validate(learned, () => heldOutWindows(corpus.heldOut), {
        every: options['validate-every'] ?? suited.validateEvery,
      }),
      run.limit(),
      tap((step) => (latest = step)),
    );
    const step$ = learned$.pipe(
      checkpointOnInterrupt({
        trainer: training,
        folder,
        every: options['checkpoint-every'],
        bookmark: mark,
        vocabulary: symbols,
        resumeFrom: saved,
        data: corpus.digest,
        dataChanged: changed,
        config: run.config(settings, { data: options.data, ...planned }),
      }),
      catchError((reason: unknown): Observable<ValidatedStep> => {
        if (!isOfFiles(reason)) throw reason;
        failures.push(reason);
        return latest && latest.step !== reported ? of(latest) : EMPTY; // it is saved in --out all the same
      }),
      tap((step) => {
        reported = step.step;
        report.step(step, () => sampleText(learned, symbols, `${seed} sample ${step.step}`));
      }),
      report.live(),
    );
    const last = await lastValueFrom(step$, { defaultValue: undefined });
    if (last) {
      try {
        if (run.share(last.step) < 1) saveStopped(last);
        else await finish(last);
      } catch (error) {
        failures.push(error);
      }
    }
    throwFailures();
    if (!last) say('ended before the first step: nothing was saved');

    /** Saves the model of a stopped run, but not over that of a whole one. */
    function saveStopped({ step, tokens, validation }: ValidatedStep): void {
      if ('job' in there && there['stopped'] !== true)
        return say(`${visible(out)} keeps the model of a whole run, until this one ends`);
      const provenance = {
        job: 'charlm',
        ...made,
        steps: step,
        tokens,
        validationLoss: validation?.loss,
        stopped: true,
      };
      saveModel(out, learned, { vocabulary: symbols, provenance });
      if (!json) print(`model so far saved in ${visible(out)}`);
    }

    async function finish({
      step,
      tokens,
      validation: measure,
    }: Pick<ValidatedStep, 'step' | 'tokens' | 'validation'>) {
      const { loss } = measure ?? (await evaluateHeldOut(learned, corpus.heldOut));
      const now = { model: learned, step, validation: loss };
      const best = bestOf(now);
      report.end(now, best);
      const provenance = { job: 'charlm', ...made, steps: best.step, tokens, validationLoss: best.validation };
      saveModel(out, best.model, { vocabulary: symbols, provenance });
      if (!json) print(`model saved in ${visible(out)}`);
      if (!json) suggest('to write with it', 'generate', '--model', out);
      if (!options.checkpoint && failures.length === 0) removeCheckpoints(folder);
    }

    /** The best model of the run, or the last where that of its checkpoints cannot be read. */
    function bestOf(now: Best): Best {
      try {
        return betterOf(now, folder, learning);
      } catch (error) {
        failures.push(error);
        return now;
      }
    }

    function throwFailures(): void {
      if (failures.length > 0) throw joinedErrors(failures);
    }
  },
});

/** What options say of the network. */
interface NetworkOptions {
  readonly cell: string;
  readonly hidden?: number | undefined;
  readonly embedding?: number | undefined;
  readonly ngrams?: number | undefined;
  readonly dropout: number;
  readonly layers: number;
  readonly 'recurrent-dropout'?: number | undefined;
  readonly 'layer-norm': boolean;
  readonly 'weight-tying': boolean;
}

/** Refuses options of the network that do not go together. */
function checkNetwork(options: NetworkOptions): void {
  const { cell, hidden, embedding, ngrams = 1 } = options;
  if (options.dropout > 0 && options.layers === 1)
    throw new UsageError('--dropout: applies between layers, and --layers 1 has only one');
  if ((options['recurrent-dropout'] ?? 0) > 0 && WITHOUT_PRODUCT.includes(cell))
    throw new UsageError(`--recurrent-dropout: acts on the product of the state, and --cell ${cell} has none`);
  if (options['layer-norm'] && cell !== 'lstm')
    throw new UsageError(`--layer-norm: is of the cells of --cell lstm, got --cell ${cell}`);
  if (options['weight-tying'] && embedding !== undefined && embedding !== hidden)
    throw new UsageError('--weight-tying: needs an --embedding as wide as --hidden; leave it out, or give both');
  if (ngrams > 1 && embedding === undefined && cell !== 'rnn' && !canEmbedGates(options))
    throw new UsageError('--ngrams: needs an --embedding with this network, such as --embedding 64');
}

/** Whether n-grams can be embedded as the sums of the gates, without an embedding of another width. */
function canEmbedGates(options: Pick<NetworkOptions, 'cell' | 'embedding' | 'layer-norm' | 'weight-tying'>): boolean {
  const { cell, embedding } = options;
  return cell in GATES && embedding === undefined && !options['layer-norm'] && !options['weight-tying'];
}
