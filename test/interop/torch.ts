// Exchanges model files with Python in both directions, where Python has NumPy or torch: `npm run interop`. Not a part of
// `npm test`. PYTHON names another interpreter than /usr/bin/python3.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import {
  gru,
  linear,
  loadModel,
  loadStateDict,
  lstm,
  type Model,
  readTensors,
  rnn,
  saveModel,
  seeded,
  sequential,
} from '../../src/index.js';

interface Result {
  readonly numpy: string;
  readonly torch: string | null;
  readonly tokens: readonly number[];
  readonly cases: readonly Case[];
}

/** One kind of layer in one dtype: logits by the program that computed them. */
interface Case {
  readonly kind: Kind;
  readonly dtype: 'float32' | 'float64';
  readonly format: string;
  /** For the file that we wrote. */
  readonly logits: Readonly<Record<string, readonly number[]>>;
  /** For the file that it wrote. */
  readonly written: Readonly<Record<string, readonly number[]>>;
}

type Kind = 'rnn' | 'lstm' | 'gru';

const MAKERS = { rnn, lstm, gru };
const TOLERANCE = { float32: 1e-6, float64: 1e-13 };
const python = process.env['PYTHON'] ?? '/usr/bin/python3';

if (spawnSync(python, ['-c', 'import numpy']).status === 0) {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-interop-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  console.log(`SKIPPED: ${python} has no NumPy; nothing was checked`);
}

function run(folder: string): void {
  for (const kind of ['rnn', 'lstm', 'gru'] as const) {
    for (const dtype of ['float32', 'float64'] as const) {
      saveModel(join(folder, `${kind}-${dtype}.safetensors`), makeModel(kind, dtype, 5));
    }
  }
  const script = fileURLToPath(new URL('modelFiles.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${python} ${script} failed:\n${stderr}`);
  const { numpy, torch, tokens, cases } = JSON.parse(stdout) as Result;
  console.log(`RUNS: NumPy ${numpy}, ${torch === null ? 'SKIPPED: torch is not there' : `torch ${torch}`}`);
  assert.is(cases.length, 6);
  for (const { kind, dtype, format, logits, written } of cases) {
    assert.is(format, 'rxrnn');
    for (const program of torch === null ? ['numpy'] : ['numpy', 'torch']) {
      const path = join(folder, `${kind}-${dtype}`);
      const ours = outputs(loadModel(`${path}.safetensors`).model, tokens);
      const other = makeModel(kind, dtype, 6);
      loadStateDict(other, readTensors(`${path}-${program}.safetensors`));
      const there = difference(ours, logits[program]!);
      const back = difference(outputs(other, tokens), written[program]!);
      console.log(
        `${kind} ${dtype} ${program}: ours read there ${there.toExponential(1)}, theirs here ${back.toExponential(1)}`,
      );
      assert.ok(there <= TOLERANCE[dtype] && back <= TOLERANCE[dtype], `more than ${TOLERANCE[dtype]}`);
    }
  }
  console.log('RAN: the same logits in both directions');
}

function makeModel(kind: Kind, dtype: 'float32' | 'float64', seed: number): Model {
  const layers = {
    rnn: MAKERS[kind]({ inputSize: 5, hiddenSize: 7 }),
    linear: linear({ inputSize: 7, outputSize: 5 }),
  };
  return sequential(layers, { dtype, random: seeded(seed) });
}

function outputs(model: Model, tokens: readonly number[]): readonly number[] {
  const tape = model.tape(tokens.length, 1);
  tape.forward(Int32Array.from(tokens), tokens.length);
  return [...tape.output];
}

/** Computes the largest difference; NaN, which no tolerance accepts, where the lengths differ. */
function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return NaN;
  return Math.max(...a.map((number, i) => Math.abs(number - b[i]!)));
}
