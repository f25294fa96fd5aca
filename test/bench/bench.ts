// Measures how fast the library learns and generates, alone and beside other libraries: `npm run bench -- --help`.
import { wideVectors } from '../../src/index.js';
import { command, UsageError, type Values } from '../../pipelines/cli/command.js';
import { bare } from './bare.js';
import { cells } from './cells.js';
import { backendOf, BACKENDS, job, type Machinery } from './job.js';
import { keyed } from './keyed.js';
import { peers } from './peers.js';
import { scaling } from './scaling.js';
import { roundTo, stopwatch } from './timing.js';
import { wide } from './wide.js';
import { UNITS, WORKLOAD_NAMES, type WorkloadName, WORKLOADS } from './workloads.js';

const options = {
  workload: { kind: 'text', help: `${WORKLOAD_NAMES.join(', ')}; by default all` },
  threads: { kind: 'count', initial: 1, most: 64, help: "workers of the model, and the peers' threads" },
  backend: { kind: 'text', choices: BACKENDS, help: 'by default the one that the model chooses' },
  seconds: { kind: 'number', initial: 2, help: 'measuring time per run' },
  bare: { kind: 'flag', help: 'compare the operators with a bare loop over the kernels, in turns; prints their cost' },
  scaling: {
    kind: 'flag',
    help: 'compare --threads (2) workers with one thread, in turns of --seconds; prints the ratio',
  },
  peers: { kind: 'flag', help: 'compare with other libraries, in turns on the same core; prints the ratios' },
  cells: {
    kind: 'flag',
    help: 'compare the newer cells with an LSTM, generating with a GRU, in turns; prints the ratios',
  },
  keyed: {
    kind: 'flag',
    help: 'compare surprisalByKey, 1,000 keys in 16 lanes, with one stream, in turns; prints rates and ratios',
  },
  rounds: {
    kind: 'count',
    help: 'turns of a comparison: --bare, --scaling, --wide, --cells, --keyed (10), --peers (3)',
  },
  core: { kind: 'seed', initial: 1, help: 'first core for --peers' },
  node: { kind: 'text', value: 'PATH', help: 'for --peers: another Node, in which rxrnn takes part as well' },
  table: { kind: 'flag', help: 'for --peers: all ratios as a table in the end, with processor and date' },
  wide: { kind: 'flag', help: 'compare vectors of 256 bits with those of 128, in turns; prints the ratio' },
  'no-wide': { kind: 'flag', help: 'vectors of 128 bits only, without --wide' },
  json: { kind: 'flag', help: 'JSON lines' },
} as const;

const about = `Measures rates of training and generation through the public operators.

W1, W2        character-level RNNs of 50 and 100 units, one lane
W3            RNN of 128 or 256 units, LSTM of 2 × 128, 50 lanes of 50 steps
W4            LSTM of 512 units, 64 lanes of 64 steps
W5            generation token by token, RNN or LSTM of 128 or 512 units
W6            encoder–decoder of 128 units, 3 lanes

With --peers each Node computes with the widest vectors that it has: 128 bits in Node 20, 256 from Node 24 on.

W1 to W4 learn from windows made in advance, as the peers have their tensors ready;
--bare also measures windows made from tokens.

--peers looks for
  NumPy, PyTorch              in $PYTHON, python3 and /usr/bin/python3; each installation takes part
  tfjs, brain.js, onnxruntime in the folder $PEERS_DIR, outside this project:
                              ONNXRUNTIME_NODE_INSTALL=skip npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm \\
                                brain.js@2.0.0-beta.24 onnxruntime-node
                              onnxruntime's models are written by PyTorch
  OpenBLAS with OpenMP        its libblas.so.3 in the folder $OPENBLAS_OPENMP_DIR, for two threads and more`;

await command(import.meta.url, {
  about,
  options,
  async run(values) {
    const names = WORKLOAD_NAMES.filter((name) => values.workload === undefined || name === values.workload);
    if (names.length === 0) {
      throw new UsageError(`--workload must be one of ${WORKLOAD_NAMES.join(', ')}, got ${values.workload}`);
    }
    const comparisons = [values.bare, values.scaling, values.wide, values.cells, values.keyed, values.peers].filter(
      Boolean,
    );
    if (comparisons.length > 1) {
      throw new UsageError('--bare, --scaling, --wide, --cells, --keyed and --peers are comparisons; take one');
    }
    if (!values.peers && (values.node !== undefined || values.table)) {
      throw new UsageError('--node and --table are for --peers');
    }
    if (values.keyed && values.workload !== undefined)
      throw new UsageError('--keyed has models of its own, no --workload');
    if (values.table && values.json) throw new UsageError('--table and --json are two forms; take one');
    const machinery = machineryOf(values);
    const turns = { ...values, rounds: values.rounds ?? 10 };
    if (values.wide) return wide(names, machinery, turns);
    if (!values['no-wide']) wideVectors();
    if (values.keyed) return keyed(machinery, turns);
    if (values.cells) return cells(names, machinery, turns);
    if (values.peers) return peers(names, machinery, { ...values, rounds: values.rounds ?? 3 });
    for (const name of names) {
      if (values.bare) await bare(name, machinery, turns);
      else if (values.scaling) await scaling(name, machinery, turns);
      else await measure(name, machinery, values);
    }
  },
});

async function measure(
  name: WorkloadName,
  machinery: Machinery,
  { seconds, json }: Values<typeof options>,
): Promise<void> {
  const { model, units, ways } = job(name, machinery);
  const backend = backendOf(model, machinery);
  const { each, result } = stopwatch(units, seconds);
  await ways[0]![1](each);
  const { rate, lossFirst, lossLast } = result();
  const unit = UNITS[WORKLOADS[name].kind];
  const line = {
    workload: name,
    threads: machinery.workers ?? 1,
    backend,
    vector_bits: model.kernel.vectorBits,
    [unit]: roundTo(rate, 1),
    loss_first: roundTo(lossFirst, 4),
    loss_last: roundTo(lossLast, 4),
  };
  if (json) return console.log(JSON.stringify(line));
  const arithmetic = [backend, model.kernel.vectorBits].join(' ');
  const losses = lossFirst === null ? '' : `loss ${lossFirst.toFixed(3)} → ${lossLast?.toFixed(3)}`;
  console.log(
    `${name.padEnd(13)} ${formatRate(rate).padStart(10)} ${unit.replace('_per_', '/').padEnd(9)} ${arithmetic}  ${losses}`,
  );
}

function machineryOf({ backend, threads }: Values<typeof options>): Machinery {
  return {
    ...(backend !== undefined && { backend }),
    ...(threads > 1 && { workers: threads }),
  };
}

function formatRate(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}
