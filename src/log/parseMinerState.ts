import { count, list, number, object, type Schema, text } from '../check/schema.js';

/** What a miner of templates knows; plain JSON. */
export interface TemplateMinerState {
  readonly similarity: number;
  readonly depth: number;
  readonly maxChildren: number;
  readonly maxTemplates: number;
  /** The next number to give. */
  readonly next: number;
  /** The least recently used first; tokens are joined by spaces, `lines` are those so far. */
  readonly templates: readonly {
    readonly id: number;
    readonly place: string;
    readonly tokens: string;
    readonly lines: number;
  }[];
  /** Masked lines whose template is known, and its number. */
  readonly known: readonly { readonly line: string; readonly id: number }[];
}

const schema: Schema<TemplateMinerState> = object<TemplateMinerState>({
  similarity: number,
  depth: count,
  maxChildren: count,
  maxTemplates: count,
  next: count,
  templates: list(object({ id: count, place: text, tokens: text, lines: count })),
  known: list(object({ line: text, id: count })),
});

/** Checks the state of a miner and copies it; a TypeError says which part of it is wrong. */
export function parseMinerState(state: unknown): TemplateMinerState {
  return schema(state, 'templateMiner: state');
}
