// char-rnn's job: learns to go on with any text, character by character, and saves a model for generate.ts and
// surprise.ts. It can be stopped and goes on to the same bits.
import { lastValueFrom, repeat, tap } from 'rxjs';
import {
  adam,
  bookmark,
  yielding,
  clipGradNorm,
  latestCheckpoint,
  rmsprop,
  saveModel,
  seeded,
  train,
  unlimited,
  validate,
  windows,
} from '../src/index.js';
import { betterOf, checkFolder, checkSettings, dropFolder } from './charlm/charlmRun.js';
import { command, UsageError } from './cli/command.js';
import { readCorpus } from './charlm/corpus.js';
import { checkWritable } from './cli/checkWritable.js';
import { heldOutWindows, languageModel, measured, sampleText } from './charlm/languageModel.js';
import { mobyDick } from './charlm/mobyDick.js';
import { trainingSchedule } from './charlm/trainingSchedule.js';
import { checkpointOnInterrupt } from './charlm/checkpointOnInterrupt.js';
import { report } from './charlm/trainingReport.js';

/** Settings that suit a network without gates: from one-hot characters, whose weights start small, it learns far less. */
const RNN = { hidden: 256, embedding: 64, rate: 0.003, clip: 1 };
const GATED = { hidden: 192, embedding: undefined, rate: 0.01, clip: 5 };

await command(import.meta.url, {
  about: `Learns a text character by character, as an RNN, LSTM or GRU. The file is never held in memory whole; its end,
--validation of it, is held out. The first Ctrl-C saves and says how to go on.`,
  options: {
    data: { kind: 'text', help: 'a text file in UTF-8 (Melville’s Moby-Dick)' },
    cell: { kind: 'text', choices: ['rnn', 'lstm', 'gru'], help: 'the kind of network', initial: 'lstm' },
    hidden: { kind: 'count', help: 'hidden units of a layer (256 for rnn, else 192)', most: 4096 },
    embedding: { kind: 'count', help: 'numbers that a character is learned as (64 for rnn, else one-hot)', most: 4096 },
    layers: { kind: 'count', help: 'layers', initial: 1, most: 16 },
    lanes: { kind: 'count', help: 'places in the text that are learned side by side', initial: 8, most: 1024 },
    window: { kind: 'count', help: 'characters that the gradient reaches back', initial: 50, most: 4096 },
    'learning-rate': { kind: 'number', help: 'step size at its largest (0.003 for rnn, else 0.01)' },
    steps: { kind: 'count', help: 'steps of lanes × window characters (7500)' },
    minutes: { kind: 'number', help: 'length of the run by the clock, instead of --steps' },
    dropout: { kind: 'number', help: 'share dropped between layers', initial: 0, least: 0, most: 1 },
    'recurrent-dropout': {
      kind: 'number',
      help: 'share of the hidden units dropped on their way to the next step',
      initial: 0,
      least: 0,
      below: 1,
    },
    optimizer: { kind: 'text', choices: ['adam', 'rmsprop'], help: 'the rule of learning', initial: 'adam' },
    clip: { kind: 'number', help: 'largest norm of the gradient (1 for rnn, else 5)' },
    validation: { kind: 'number', help: 'share of the text that is held out', initial: 0.1, below: 1 },
    'validate-every': { kind: 'count', help: 'steps from one validation to the next', initial: 2000 },
    checkpoint: { kind: 'text', help: 'folder of checkpoints (beside --out, and gone when the run is done)' },
    'checkpoint-every': { kind: 'count', help: 'steps from one checkpoint to the next', initial: 2000 },
    resume: { kind: 'flag', help: 'go on from the newest checkpoint' },
    out: { kind: 'text', help: 'where the model goes', initial: 'charlm.safetensors' },
    'sample-every': { kind: 'count', help: 'steps from one sample to the next', initial: 1000 },
    seed: { kind: 'seed', help: 'seed of weights, dropout and samples', initial: 0 },
    json: { kind: 'flag', help: 'one JSON object a step and nothing else' },
  },
  async run(options) {
    const { data = mobyDick(), lanes, window, minutes, seed, out, json, resume } = options;
    if (minutes && options.steps) throw new UsageError('--minutes and --steps: give one of them');
    if (options.dropout > 0 && options.layers === 1)
      throw new UsageError('--dropout: lies between layers, of which --layers 1 has none');
    const steps = options.steps ?? 7500;
    const folder = options.checkpoint ?? `${out.replace(/\.safetensors$/, '')}.checkpoints`;
    checkWritable(out);
    checkFolder(folder, resume);
    const { cell, layers, dropout, 'recurrent-dropout': recurrentDropout } = options;
    const suited = cell === 'rnn' ? RNN : GATED;
    const { hidden = suited.hidden, embedding: embeddingSize = suited.embedding, optimizer, validation } = options;
    const { 'learning-rate': rate = suited.rate, clip = suited.clip } = options;
    const network = { cell, embeddingSize, hidden, layers, dropout, recurrentDropout };
    const settings = { ...network, lanes, window, rate, optimizer, clip, validation, seed };
    const corpus = await readCorpus(data, validation);
    const { symbols } = corpus;
    const saved = resume ? latestCheckpoint(folder) : undefined;
    const done = checkSettings(saved, settings, symbols);

    const model = saved?.model ?? languageModel({ ...network, symbols, random: seeded(seed) });
    const mark = bookmark(saved?.place);
    const run = trainingSchedule({ learningRate: rate, length: minutes ? { seconds: minutes * 60 } : { steps }, done });
    if (run.share(done.steps) >= 1) throw new Error(`--resume: the run of ${folder} is at its end`);
    const rule = { adam, rmsprop }[optimizer as 'adam']({ learningRate: run.learningRate });
    const say = report({ corpus, run, json, every: options['sample-every'], done });
    say.begin(data, model);

    const step$ = corpus.lanes({ lanes, bookmark: mark, demand: yielding(unlimited) }).pipe(
      repeat(),
      windows({ steps: window, lanes, bookmark: mark }),
      train(model, {
        optimizer: rule,
        clip: clipGradNorm(clip),
        dropout: seeded(`${seed} dropout`),
        resumeFrom: saved?.training,
      }),
      validate(model, () => heldOutWindows(corpus.heldOut), { every: options['validate-every'] }),
      run.limit(),
      checkpointOnInterrupt({
        folder,
        every: options['checkpoint-every'],
        bookmark: mark,
        vocabulary: symbols,
        resumeFrom: saved,
        config: run.config(settings),
      }),
      tap((step) => say.step(step, () => sampleText(model, symbols, `${seed} sample ${step.step}`))),
      say.live(),
    );
    const { step, tokens, validation: measure } = await lastValueFrom(step$);
    if (run.share(step) < 1) return; // stopped: the checkpoint has it all
    const { loss } = measure ?? (await measured(model, corpus.heldOut));
    const now = { model, step, validation: loss };
    const best = betterOf(now, folder);
    say.end(now, best);
    const provenance = { data, ...settings, steps: best.step, tokens, validationLoss: best.validation };
    saveModel(out, best.model, { vocabulary: symbols, provenance });
    if (!json) console.log(`model saved in ${out}`);
    if (!options.checkpoint) dropFolder(folder);
  },
});
