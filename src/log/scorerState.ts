import type { AlarmRuleState } from './alarmRule.js';
import { type Arrays, packState, unpackState } from './packState.js';
import type { TemplateMinerState } from './parseMinerState.js';
import type { RecordReaderState } from './recordReader.js';
import type { TemplateMemoryState } from './templateMemory.js';

/** What the state of a scorer holds beside the arrays of its models; plain JSON, packed in this order. */
interface ScorerMeta {
  readonly lines: number;
  /** Time of the last line, and of the first one. */
  readonly time: number;
  readonly begun: number;
  /** Bits per character of the last lines. */
  readonly usual: number;
  readonly prior: TemplateMemoryState['prior'];
  readonly reader: RecordReaderState;
  readonly components: readonly string[];
  readonly miner: TemplateMinerState;
  readonly keys: readonly (readonly [string, readonly number[]])[];
  readonly known: TemplateMemoryState['known'];
  readonly alarms: AlarmRuleState;
}

/** Packs the state of a scorer, and unpacks it. */
export interface ScorerState {
  /** Copies the arrays into those of the models; a TypeError for bytes that are not such a state. */
  unpack(bytes: Uint8Array): ScorerMeta;
  pack(meta: ScorerMeta): Uint8Array;
}

/** The state of a scorer whose models have these arrays, by the name of the model. */
export function scorerState(models: Readonly<Record<string, Arrays>>): ScorerState {
  const arrays = Object.fromEntries(
    Object.entries(models).flatMap(([model, own]) =>
      Object.entries(own).map(([name, array]) => [`${model}.${name}`, array] as const),
    ),
  );
  return {
    unpack: (bytes) => unpackState('lineScorer', bytes, arrays) as ScorerMeta,
    pack: (meta) => packState(meta, arrays),
  };
}
