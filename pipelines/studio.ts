// Shows on a live page how a network learns, and steers it. What is done on the page is recorded, and `--replay` does it
// again, to the same bits.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { finalize, lastValueFrom, take, takeUntil, tap } from 'rxjs';
import { bundledFile, progress, saveModel, seeded, type TrainingStep, validate, visible } from '../src/index.js';
import { recorder, unfinishedLogs, writeLog } from '../src/recording.js';
import { steering, studio, studioTab } from '../src/studio.js';
import { CELL_NAMES, heldOutWindows, languageModel } from './charlm/languageModel.js';
import { checkFolder } from './cli/checkFolder.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { commandLine } from './cli/commandLine.js';
import { joinedErrors } from './cli/joinedErrors.js';
import { print } from './cli/print.js';
import { sayCommand } from './cli/sayCommand.js';
import { suggest } from './cli/suggest.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { readNames } from './data/readNames.js';
import { checkText } from './cli/checkText.js';
import { checkLonger } from './studio/checkLonger.js';
import { checkOverwriteRun } from './studio/checkOverwriteRun.js';
import { checkOverwritePage, isStudioPage } from './studio/checkOverwritePage.js';
import { comparedRuns } from './studio/comparedRuns.js';
import { freeName } from './studio/freeName.js';
import { openBrowser } from './studio/openBrowser.js';
import { readReplay } from './studio/readReplay.js';
import { studioCorpus } from './studio/studioCorpus.js';
import { hasCheckpoints, studioRun } from './studio/studioRun.js';
import { thinned } from './studio/thinned.js';

const DATA = bundledFile('dinosaurs.csv');
/** What the files and the folder of a run are called after its name. */
const ENDS = ['.safetensors', '.log', '.checkpoints'];
/** Characters that a validation reads, and that the page may read. */
const HELD_OUT = 8000;
/** Of the steps, one in so many is recorded, and the last; of what a person does, everything. */
const RECORDED = 20;

await command(import.meta.url, {
  about: `Opens a page in the browser on which a network learns before your eyes, and on which you steer it: its address is
the first line of the output. The run ends with --steps or Ctrl-C, and saves its model and a recording of it.`,
  saves: true,
  options: {
    data: {
      kind: 'text',
      value: 'FILE',
      help: 'a text file in UTF-8, or a CSV file with a column "name" (the dinosaurs in data/)',
    },
    port: { kind: 'count', help: 'port on 127.0.0.1 (one that is free)', most: 65_535 },
    open: { kind: 'flag', help: 'open the page in the browser' },
    paused: { kind: 'flag', help: 'wait before the first step' },
    steps: { kind: 'count', help: 'training steps (without end)' },
    cell: { kind: 'text', choices: CELL_NAMES, help: 'kind of network', initial: 'lstm' },
    hidden: { kind: 'count', help: 'hidden units per layer', initial: 64, most: 4096 },
    layers: { kind: 'count', help: 'number of layers', initial: 1, most: 16 },
    lanes: { kind: 'count', help: 'parts of the text learned in parallel (batch size)', initial: 8, most: 1024 },
    window: { kind: 'count', help: 'characters per window of truncated back-propagation', initial: 25, most: 4096 },
    'learning-rate': { kind: 'number', help: 'learning rate at the start', initial: 0.005 },
    clip: { kind: 'number', help: 'largest gradient norm', initial: 5 },
    'validate-every': { kind: 'count', help: 'steps between validations', initial: 100 },
    compare: {
      kind: 'text',
      value: 'PATHS',
      help: 'recordings, or folders of checkpoints, to draw beside, with commas',
    },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'file to save the model in, for generate --model (studio.safetensors or a free name; replayed.safetensors)',
    },
    force: {
      kind: 'flag',
      help: 'overwrite the files of --out, --record, --export and --tab even where they hold something else',
    },
    record: {
      kind: 'text',
      value: 'FILE',
      help: 'file to record the run in, for --replay and --compare (beside --out)',
    },
    replay: { kind: 'text', value: 'FILE', help: 'do again what was recorded, with its settings, and compare' },
    checkpoint: {
      kind: 'text',
      value: 'FOLDER',
      help: 'folder for the checkpoints that are asked for, for --compare (beside --out)',
    },
    export: { kind: 'text', value: 'FILE.html', help: 'at the end, write the page as one file' },
    tab: {
      kind: 'text',
      value: 'FOLDER',
      help: 'write the studio for one tab of a browser, with the lines of --data, and end',
    },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of weights and samples', initial: 0 },
    json: { kind: 'flag', help: 'print {"url"}, then one JSON object per step, and what was saved' },
  },
  async run(given, _, typed) {
    if (given.tab !== undefined) return writeTab(given.tab, given, typed);
    const replayed = given.replay === undefined ? undefined : readReplay(given.replay, given, typed);
    const options = replayed?.options ?? given;
    const { data = DATA, seed, cell, hidden, layers, lanes, window, clip, json, steps = Infinity } = options;
    const made = replayed || options.force ? (replayed ? 'replayed' : 'studio') : freeName('studio', ENDS);
    const { out = `${made}.safetensors` } = options; // the run that is replayed stays, and earlier ones do
    const name = out.replace(/\.safetensors$/, '');
    const { record = `${name}.log`, checkpoint: folder = `${name}.checkpoints`, export: exported } = options;
    if (record === out || record === options.replay) throw new UsageError('--record: needs a file of its own');
    for (const [option, path] of Object.entries({ out, record, export: exported })) {
      if (path !== undefined) checkWritable(path, `--${option}`);
    }
    if (!options.force) {
      checkLonger(out, 'out', checkOverwrite(out, 'studio', { data })['steps'], steps);
      checkOverwriteRun(record, data, steps);
      if (exported !== undefined) checkOverwritePage(exported);
    }
    checkFolder(folder, '--checkpoint'); // it is made when the first is saved, and then it is too late
    if (hasCheckpoints(folder))
      throw new UsageError(`${folder} holds another run; give another --checkpoint, or remove it`);
    for (const path of unfinishedLogs(record))
      say(`${visible(path)} is of a run that was killed: --replay or --compare reads it`);
    const runs = options.compare === undefined ? [] : comparedRuns(options.compare);
    const corpus = await studioCorpus(data, seed);
    const heldOut = corpus.heldOut.subarray(0, HELD_OUT);

    const settings = { data, cell, hidden, layers, lanes, window, learningRate: options['learning-rate'], clip, seed };
    const recording = recorder({ clock: 'steps', about: { pipeline: 'studio', settings }, keep: false });
    const controls = steering({
      learningRate: options['learning-rate'],
      paused: options.paused,
      recorder: recording,
      replay: replayed?.recording,
    });
    const model = languageModel({ cell, symbols: corpus.symbols, hidden, layers, random: seeded(seed) });
    const page = studio({
      title: `${cell} of ${hidden} units, ${data.split(/[\\/]/).at(-1)}`,
      model,
      vocabulary: corpus.symbols,
      text: heldOut,
      steering: controls,
      settings,
      runs,
      port: options.port,
      onUrl: () => undefined,
    });
    const url = await page.url;
    console.log(json ? JSON.stringify({ url }) : url);
    if (!json) print('Open this address in a browser; Ctrl-C ends the run and saves it.');
    if (options.open) openBrowser(url);

    const failures: unknown[] = [];
    /** Whether something could be saved; where not, all else is saved all the same. */
    const savedBy = (saving: Promise<unknown>): Promise<boolean> =>
      saving.then(
        () => true,
        (error: unknown) => {
          failures.push(error);
          return false;
        },
      );
    const written = savedBy(
      lastValueFrom(
        writeLog(record, recording.entries$.pipe(thinned(RECORDED)), { about: { pipeline: 'studio', settings } }),
        { defaultValue: undefined },
      ),
    );
    const steps$ = studioRun({ model, corpus, controls, page, lanes, window, clip, folder, settings }).pipe(
      validate(model, () => heldOutWindows(heldOut), { every: options['validate-every'] }),
      recording.record('steps'),
      controls.follow(),
      page,
      tap((step) => replayed?.check(step)),
      take(steps),
      takeUntil(interrupted({ say: 'ending and saving' })),
      json
        ? tap(({ step, loss, tokens, gradientNorm, learningRate }) =>
            console.log(JSON.stringify({ step, loss, bits: loss / Math.LN2, tokens, gradientNorm, learningRate })),
          )
        : progress(
            ({ step, loss }) =>
              `step ${step} · ${loss < 1e6 ? loss.toFixed(3) : loss.toExponential(2)} nats per character`,
          ),
      finalize(() => recording.end()),
    );
    const last = await lastValueFrom(steps$, { defaultValue: undefined });
    const isRecorded = await written;
    const saveLast = async ({ step, tokens }: TrainingStep): Promise<void> => {
      const provenance = { job: 'studio', data, cell, hidden, layers, seed, steps: step, tokens };
      saveModel(out, model, { vocabulary: corpus.symbols, provenance });
    };
    const isSaved = last !== undefined && (await savedBy(saveLast(last)));
    const isExported = exported !== undefined && (await savedBy(page.export(exported)));
    const saved = {
      ...(isSaved && { model: out }),
      ...(last && isRecorded && { recording: record }),
      ...(isExported && { page: exported }),
    };
    if (json && Object.keys(saved).length > 0) console.log(safeJson({ saved }));
    else if (!json && (failures.length === 0 || Object.keys(saved).length > 0)) saySaved(saved);
    replayed?.say(json);
    await page.close();
    if (failures.length > 0) throw joinedErrors(failures);
  },
});

/** Says where things are, and prints the commands that use them. */
function saySaved(saved: { readonly model?: string; readonly recording?: string; readonly page?: string }): void {
  const { model, recording, page } = saved;
  const places = Object.entries(saved).map(
    ([what, path], i) => `${what} ${i === 0 ? 'saved ' : ''}in ${visible(path)}`,
  );
  if (places.length > 0) print(places.join(', '));
  else say('ended before the first step: nothing was saved');
  if (model !== undefined) suggest('to write with it', 'generate', '--model', model);
  if (recording !== undefined) suggest('to see the run again', 'studio', '--replay', recording);
  if (page !== undefined && process.stderr.isTTY) say('the page opens in any browser, without a server');
}

/** Writes the studio without a server: a folder for any web server. */
async function writeTab(
  folder: string,
  { data = DATA, force, json }: { readonly data?: string | undefined; readonly force: boolean; readonly json: boolean },
  typed: ReadonlySet<string>,
): Promise<void> {
  const other = [...typed].find((name) => !['tab', 'data', 'force', 'json'].includes(name));
  if (other !== undefined) throw new UsageError(`--${other}: is not for --tab, which trains nothing`);
  checkText(data);
  const page = join(folder, 'index.html');
  if (!force && existsSync(folder) && readdirSync(folder).length > 0 && !isStudioPage(page))
    throw new UsageError(`--tab ${folder} holds other files; --force writes among them, a new folder keeps them apart`);
  checkFolder(folder, '--tab');
  await studioTab(folder, await readNames(data));
  if (json) return console.log(safeJson({ page }));
  print(`${visible(page)} runs in a browser, from any web server`);
  if (process.stderr.isTTY) sayCommand('to try it here', commandLine(['python3', '-m', 'http.server', '-d', folder]));
}
