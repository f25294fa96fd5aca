// Checkpoints of a run with a layer of your own: the run is stopped after 25 steps and resumed from the file of step 20,
// with the same bits as one that was not stopped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, skip, take, toArray } from 'rxjs';
import { adam, checkpoint, gru, latestCheckpoint, type Layer, linear, type LinearOptions, pull } from 'rxrnn';
import { sequential, trainer, windows } from 'rxrnn';

/** A linear layer that begins at zero. */
const zeroLinear = (options: LinearOptions): Layer => {
  const { parameters, ...rest } = linear(options);
  const initialise = () => undefined; // new parameters are zeros
  return { ...rest, kind: 'zeroLinear', parameters: parameters.map((it) => ({ ...it, initialise })) };
};
const layers = { zeroLinear };

const optimizer = () => adam({ learningRate: 0.02 });
const made = () =>
  sequential({ gru: gru({ inputSize: 5, hiddenSize: 6 }), readout: zeroLinear({ inputSize: 6, outputSize: 5 }) });
const window$ = pull(Array.from({ length: 401 }, (_, i) => (i * i) % 5)).pipe(windows({ steps: 10 }));
const whole = await lastValueFrom(window$.pipe(trainer(made(), { optimizer: optimizer() }).learn, toArray()));

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
try {
  const run = trainer(made(), { optimizer: optimizer() });
  await lastValueFrom(window$.pipe(run.learn, checkpoint({ trainer: run, folder, every: 10, layers }), take(25)));
  const saved = latestCheckpoint(folder, { layers })!;
  const resumed = trainer(saved.model, { optimizer: optimizer(), resumeFrom: saved.training });
  const rest = await lastValueFrom(window$.pipe(skip(saved.training.step), resumed.learn, toArray()));
  console.log(`resumed after step ${saved.training.step}, ${rest.length} steps to go`); // -> resumed after step 20, 20 steps to go
  console.log(rest.every(({ loss }, i) => loss === whole[20 + i]!.loss)); // -> true
} finally {
  rmSync(folder, { recursive: true });
}
