// char-rnn's job: learns to continue any text, character by character, and saves a model for generate.ts and
// surprise.ts. A stopped run resumes and ends with the same bits.
import { catchError, EMPTY, lastValueFrom, repeat, tap } from 'rxjs';
import {
  adam,
  bookmark,
  yielding,
  clipGradNorm,
  latestCheckpoint,
  rmsprop,
  saveModel,
  seeded,
  trainer,
  unlimited,
  validate,
  visible,
  windows,
} from '../src/index.js';
import { betterOf, checkCheckpointFolder, removeCheckpoints } from './charlm/checkpointFolder.js';
import { checkSettings, resumedOptions } from './charlm/checkSettings.js';
import { command, UsageError } from './cli/command.js';
import { readCorpus } from './charlm/corpus.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkWritable } from './cli/checkWritable.js';
import { heldOutWindows, languageModel, evaluateHeldOut, sampleText } from './charlm/languageModel.js';
import { mobyDick } from './data/mobyDick.js';
import { trainingSchedule } from './charlm/trainingSchedule.js';
import { checkpointOnInterrupt } from './charlm/checkpointOnInterrupt.js';
import { trainingReport } from './charlm/trainingReport.js';

/** Settings for a network without gates: with one-hot characters, whose weights start small, it learns far less. */
const RNN = { hidden: 256, embedding: 64, rate: 0.003, clip: 1 };
const GATED = { hidden: 192, embedding: undefined, rate: 0.01, clip: 5 };

await command(import.meta.url, {
  about: `Trains an RNN, LSTM or GRU on a text, character by character. The file is never held in memory whole; a share
at its end (--validation) is held out. The first Ctrl-C saves and prints the command that resumes the run.`,
  saves: true,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a text file in UTF-8 (Melville’s Moby-Dick)' },
    cell: { kind: 'text', choices: ['rnn', 'lstm', 'gru'], help: 'kind of network', initial: 'lstm' },
    hidden: { kind: 'count', help: 'hidden units per layer (256 for rnn, else 192)', most: 4096 },
    embedding: { kind: 'count', help: 'size of the character embedding (64 for rnn, else one-hot)', most: 4096 },
    layers: { kind: 'count', help: 'number of layers', initial: 1, most: 16 },
    lanes: { kind: 'count', help: 'parts of the text learned in parallel (batch size)', initial: 8, most: 1024 },
    window: { kind: 'count', help: 'characters per window of truncated back-propagation', initial: 50, most: 4096 },
    'learning-rate': { kind: 'number', help: 'largest learning rate (0.003 for rnn, else 0.01)' },
    steps: { kind: 'count', help: 'training steps of lanes × window characters (7500)' },
    minutes: { kind: 'number', help: 'length of the run in minutes, instead of --steps' },
    dropout: { kind: 'number', help: 'dropout between layers', initial: 0, least: 0, most: 1 },
    'recurrent-dropout': {
      kind: 'number',
      help: 'dropout on the hidden state from step to step',
      initial: 0,
      least: 0,
      below: 1,
    },
    optimizer: { kind: 'text', choices: ['adam', 'rmsprop'], help: 'update rule', initial: 'adam' },
    clip: { kind: 'number', help: 'largest gradient norm (1 for rnn, else 5)' },
    validation: { kind: 'number', help: 'share of the text held out', initial: 0.1, below: 1 },
    'validate-every': { kind: 'count', help: 'steps between validations', initial: 2000 },
    checkpoint: {
      kind: 'text',
      value: 'FOLDER',
      help: 'folder of checkpoints (beside --out, and removed at the end of the run)',
    },
    'checkpoint-every': { kind: 'count', help: 'steps between checkpoints', initial: 2000 },
    resume: {
      kind: 'flag',
      help: 'continue the run from its newest checkpoint, with its settings; start one where there is none',
    },
    out: { kind: 'text', value: 'FILE', help: 'file to save the model in', initial: 'charlm.safetensors' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds the model of another --data' },
    'sample-every': { kind: 'count', help: 'steps between samples', initial: 1000 },
    seed: { kind: 'seed', help: 'seed of weights, dropout and samples', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per step and nothing else' },
  },
  async run(given, _, typed) {
    const { out, json, resume } = given;
    if (given.minutes && given.steps) throw new UsageError('--minutes and --steps: give only one of them');
    const folder = given.checkpoint ?? `${out.replace(/\.safetensors$/, '')}.checkpoints`;
    if (!resume) checkDropout(given);
    checkWritable(out);
    const begun = checkCheckpointFolder(folder, resume);
    if (resume && !begun) process.stderr.write(`--resume: ${visible(folder)} holds no checkpoint, so a run begins\n`);
    const saved = begun ? latestCheckpoint(folder) : undefined;
    const options = saved ? resumedOptions(given, typed, saved) : given;
    checkDropout(options);
    const { data = mobyDick(), lanes, window, minutes, seed, steps = 7500 } = options;
    if (!options.force) checkOverwrite(out, { data });
    const { cell, layers, dropout, 'recurrent-dropout': recurrentDropout } = options;
    const suited = cell === 'rnn' ? RNN : GATED;
    const { hidden = suited.hidden, embedding: embeddingSize = suited.embedding, optimizer, validation } = options;
    const { 'learning-rate': rate = suited.rate, clip = suited.clip } = options;
    const network = { cell, embeddingSize, hidden, layers, dropout, recurrentDropout };
    const settings = { ...network, lanes, window, rate, optimizer, clip, validation, seed };
    const corpus = await readCorpus(data, validation);
    const { symbols } = corpus;
    const done = checkSettings(saved, settings, symbols);

    const model = saved?.model ?? languageModel({ ...network, symbols, random: seeded(seed) });
    const mark = bookmark(saved?.place);
    const run = trainingSchedule({ learningRate: rate, length: minutes ? { seconds: minutes * 60 } : { steps }, done });
    if (run.share(done.steps) >= 1) throw new Error(`--resume: the run in ${folder} is complete`);
    const rule = { adam, rmsprop }[optimizer as 'adam']({ learningRate: run.learningRate });
    const report = trainingReport({ corpus, run, json, every: options['sample-every'], done });
    report.begin(data, model);

    const training = trainer(model, {
      optimizer: rule,
      clip: clipGradNorm(clip),
      dropout: seeded(`${seed} dropout`),
      resumeFrom: saved?.training,
    });
    let failure: { readonly reason: unknown } | undefined; // of the text that is read
    const step$ = corpus.lanes({ lanes, bookmark: mark, demand: yielding(unlimited) }).pipe(
      repeat(),
      windows({ steps: window, lanes, bookmark: mark }),
      catchError((reason: unknown) => {
        failure = { reason };
        return EMPTY; // the run is saved as it stands
      }),
      training.learn,
      validate(model, () => heldOutWindows(corpus.heldOut), { every: options['validate-every'] }),
      run.limit(),
      checkpointOnInterrupt({
        trainer: training,
        folder,
        every: options['checkpoint-every'],
        bookmark: mark,
        vocabulary: symbols,
        resumeFrom: saved,
        config: run.config(settings, { data: options.data, steps: minutes ? undefined : steps, minutes }),
      }),
      tap((step) => report.step(step, () => sampleText(model, symbols, `${seed} sample ${step.step}`))),
      report.live(),
    );
    const last = await lastValueFrom(step$, { defaultValue: undefined });
    if (failure) throw failure.reason;
    if (!last || run.share(last.step) < 1) return; // stopped: everything is in the checkpoint
    const { step, tokens, validation: measure } = last;
    const { loss } = measure ?? (await evaluateHeldOut(model, corpus.heldOut));
    const now = { model, step, validation: loss };
    const best = betterOf(now, folder);
    report.end(now, best);
    const provenance = { data, ...settings, steps: best.step, tokens, validationLoss: best.validation };
    saveModel(out, best.model, { vocabulary: symbols, provenance });
    if (!json) console.log(`model saved in ${visible(out)}`);
    if (!options.checkpoint) removeCheckpoints(folder);
  },
});

function checkDropout({ dropout, layers }: { readonly dropout: number; readonly layers: number }): void {
  if (dropout > 0 && layers === 1)
    throw new UsageError('--dropout: applies between layers, and --layers 1 has only one');
}
