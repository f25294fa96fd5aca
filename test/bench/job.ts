import type { Model, SequentialOptions } from '../../src/index.js';
import type { Backend } from '../../src/kernel/kernel.js';
import { generation } from './generation.js';
import { languageModel } from './languageModel.js';
import { translation } from './translation.js';
import { type Cell, WORKLOADS, type WorkloadName } from './workloads.js';

/** Called after each update or token, with the loss if there is one; false ends the run. */
export type Each = (loss?: number) => boolean;

/** One workload on one model, ready to run in several ways that do the same work. */
export interface Job {
  readonly model: Model;
  /** Characters, tokens or updates between two calls of `Each`. */
  readonly units: number;
  /** Through the public operators first, then the others; the last is the bare loop. */
  readonly ways: readonly (readonly [name: string, run: (each: Each) => Promise<void>])[];
}

export const BACKENDS: readonly Backend[] = ['wasm', 'plain', 'native'];

/** How models are made. */
export interface Machinery {
  readonly backend?: Backend;
  readonly workers?: number;
}

export type ModelOptions = SequentialOptions & Machinery;

/** Makes a workload's model and its inputs; with another cell in place of its own, where it has one. */
export function job(name: WorkloadName, machinery: Machinery, cell?: Cell): Job {
  const own = WORKLOADS[name];
  const workload = cell && own.kind !== 'translate' ? { ...own, cell } : own;
  switch (workload.kind) {
    case 'train':
      return languageModel(workload, machinery);
    case 'generate':
      return generation(workload, machinery);
    case 'translate':
      return translation(workload, machinery);
  }
}

/** Gives the backend of a model; throws an Error where another was requested. */
export function backendOf({ kernel }: Model, { backend: asked }: Machinery): Backend {
  if (asked === undefined || asked === kernel.backend) return kernel.backend;
  throw new Error(`--backend ${asked}: this build uses ${kernel.backend}`);
}
