import { burstModel, type BurstModel, type BurstPrior, type BurstState } from './burstModel.js';
import type { TemplateMatch } from './templateMiner.js';

/** What is remembered of a template beside its text. */
export interface RememberedTemplate {
  /** Lines of it so far. */
  count: number;
  /** Bits per character of its last line whose characters were read. */
  text: number;
  readonly burst: BurstModel;
}

/** What is remembered of all templates; plain JSON. */
export interface TemplateMemoryState {
  readonly prior: BurstPrior;
  readonly known: readonly (readonly [id: number, count: number, text: number, burst: BurstState])[];
}

/** Remembers templates by their numbers. */
export interface TemplateMemory {
  /** What is remembered of the template of a line; forgets the one that was dropped for it. */
  of(match: TemplateMatch): RememberedTemplate;
  state(): TemplateMemoryState;
}

const BURST_INTERVAL = 1500; // milliseconds

/** Makes a memory of templates: how often each came, how unlike the text before it, and in what bursts. */
export function templateMemory(from?: TemplateMemoryState): TemplateMemory {
  const prior: BurstPrior = { sum: from?.prior.sum ?? 0, count: from?.prior.count ?? 0 };
  const known = new Map<number, RememberedTemplate>();
  for (const [id, count, text, burst] of from?.known ?? []) {
    known.set(id, { count, text, burst: burstModel(BURST_INTERVAL, prior, burst) });
  }
  return {
    of({ id, dropped }) {
      if (dropped !== undefined) known.delete(dropped);
      let found = known.get(id);
      if (!found) known.set(id, (found = { count: 0, text: 0, burst: burstModel(BURST_INTERVAL, prior) }));
      return found;
    },
    state: () => ({
      prior,
      known: Array.from(known, ([id, { count, text, burst }]) => [id, count, text, burst.state()] as const),
    }),
  };
}
