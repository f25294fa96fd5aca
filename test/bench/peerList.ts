import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import type { Workload } from './workloads.js';

/** One way to run a peer; the fastest way of each peer is reported. */
export interface Way {
  readonly peer: string;
  readonly mode: string;
  /** Program and script; the task, as JSON, is the last argument. */
  readonly command: readonly string[];
  readonly suits: (workload: Workload) => boolean;
  /** Writes the model that the task's `path` names. */
  readonly prepare?: readonly string[];
}

export interface Peers {
  readonly ways: readonly Way[];
  /** Peers that were not found, and where they were searched. */
  readonly missing: readonly string[];
}

const script = (name: string): string => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
const always = (): boolean => true;
const oneLane = (w: Workload): boolean => w.kind === 'train' && w.lanes === 1;

/** Finds the peers installed on this machine. */
export function peerList(environment: NodeJS.ProcessEnv): Peers {
  const missing: string[] = [];
  const { PYTHON, PEERS_DIR = '.' } = environment;
  const pythons = unique([...(PYTHON === undefined ? [] : [PYTHON]), 'python3', '/usr/bin/python3']);
  const having = (name: string, module: string): string[] => {
    const found = pythons.filter((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
    if (found.length === 0) missing.push(`${name}: no Python of ${pythons.join(', ')} imports ${module}`);
    return found;
  };
  const folder = resolve(PEERS_DIR);
  const installed = (name: string, module: string): boolean => {
    const there = existsSync(join(folder, 'node_modules', module, 'package.json'));
    if (!there) missing.push(`${name}: no ${module} in ${folder} (PEERS_DIR)`);
    return there;
  };
  const node = (file: string): string[] => [process.execPath, script(file)];

  const withTorch = having('PyTorch', 'torch');
  const ways: Way[] = having('NumPy', 'numpy').flatMap((python): Way[] => {
    const [plain, optimised] = ['numpy_plain.py', 'numpy_peer.py'].map((name) => [python, script(name)]);
    return [
      { peer: 'NumPy plain', mode: '', command: plain!, suits: oneLane },
      { peer: 'NumPy optimised', mode: '', command: optimised!, suits: always },
    ];
  });
  for (const python of withTorch) {
    const command = [python, script('torch_peer.py')];
    const written = (w: Workload): boolean => w.kind === 'generate' || (oneLane(w) && w.kind === 'train');
    ways.push(
      { peer: 'PyTorch', mode: 'nn', command, suits: always },
      { peer: 'PyTorch', mode: 'loop', command, suits: written },
      { peer: 'PyTorch', mode: 'script', command, suits: (w) => written(w) || w.kind === 'translate' },
    );
  }
  if (installed('tfjs', '@tensorflow/tfjs') && installed('tfjs', '@tensorflow/tfjs-backend-wasm')) {
    const command = node('tfjs_peer.mjs');
    ways.push({ peer: 'tfjs-wasm', mode: 'transposed', command, suits: always });
    ways.push({ peer: 'tfjs-wasm', mode: 'plain', command, suits: always });
  }
  if (installed('brain.js', 'brain.js')) {
    const suits = (w: Workload): boolean => w.kind === 'train' && w.hidden < 512; // W4 would take minutes
    ways.push({ peer: 'brain.js', mode: 'own update', command: node('brain_peer.mjs'), suits });
  }
  if (installed('onnxruntime', 'onnxruntime-node')) {
    const suits = (w: Workload): boolean => w.kind === 'generate';
    const [python] = withTorch;
    if (python === undefined) missing.push('onnxruntime: its models are written by PyTorch, which is not there');
    else {
      const prepare = [python, script('onnx_model.py')];
      ways.push({ peer: 'onnxruntime', mode: 'node', command: node('onnx_peer.mjs'), suits, prepare });
    }
  }
  return { ways, missing };
}

/** Finds the Python interpreters, each once under any of its names. */
function unique(pythons: readonly string[]): string[] {
  const started = pythons.map((python) =>
    spawnSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim(),
  );
  return [...new Set(started.filter((path): path is string => path !== undefined && path !== ''))];
}

/** The settings with which the peers were fastest. */
export function peerEnvironment(environment: NodeJS.ProcessEnv, threads: number): NodeJS.ProcessEnv {
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const { OPENBLAS_OPENMP_DIR } = environment;
  const { OPENBLAS_CORETYPE = flags.includes('avx512_bf16') ? 'Cooperlake' : undefined } = environment;
  return {
    ...environment,
    OPENBLAS_NUM_THREADS: `${threads}`, // the same as torch's own: two pools of two are slower than one thread
    OMP_NUM_THREADS: `${threads}`,
    // by default OpenBLAS uses its AVX2 kernels on AMD's CPUs with AVX-512
    ...(OPENBLAS_CORETYPE !== undefined && { OPENBLAS_CORETYPE }),
    ...(flags.includes('avx512f') && { ATEN_CPU_CAPABILITY: 'avx512' }),
    ...(threads > 1 && OPENBLAS_OPENMP_DIR !== undefined && { LD_LIBRARY_PATH: OPENBLAS_OPENMP_DIR }),
  };
}
