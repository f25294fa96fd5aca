import { type LayerMakers, type Model, saveModel, vocabularyOf } from '../../src/index.js';
import { UsageError } from '../cli/command.js';
import { loadModelFile } from '../cli/loadModelFile.js';
import { type ModelKind, wrongModel } from '../cli/wrongModel.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import type { LikeliestNext } from './likeliestNext.js';
import { ensembleOf } from './ensemble.js';
import { caseNetworks, type NextEventModel } from './nextEvent.js';
import { sessionNetworks, sessionNetworksOf } from './sessionModel.js';
import type { LearnedScore } from './sessionScore.js';

/** Tokens beside the names of events: the end of a session, first, and any other event, last. */
const END = '<end>';
const OTHER = '<other>';

/** The makers of the layers in these files that are not the library's. */
const LAYERS: LayerMakers = { caseNetworks, sessionNetworks };

/** What `--model` takes. */
export const SCORE: ModelKind = { what: 'a score of sessions', job: 'events', layers: LAYERS };
/** What `--next --model` takes. */
export const NEXT_EVENT: ModelKind = {
  what: 'a model of next events',
  job: 'events --next',
  layers: LAYERS,
};

/** A score of sessions, with the names of their events. */
export interface SavedScore extends LearnedScore {
  readonly names: readonly string[];
}

/** What is kept of the cases that a model of next events has learned. */
export interface LearnedCases {
  /** Their digests. */
  readonly digests: ReadonlySet<string>;
  readonly likeliest: readonly LikeliestNext[];
}

/** A model of next events from a file; those of earlier versions keep nothing of the cases. */
export interface SavedNextEvent extends NextEventModel {
  readonly learned?: LearnedCases;
}

/** Refuses names of events that a file of a model keeps for itself. `path`: of the events, for the error. */
export function checkNames(path: string, names: Iterable<string>): void {
  for (const name of names) {
    if (name !== END && name !== OTHER) continue;
    throw new UsageError(`--out: ${path} has an event named ${name}, a name that the model's file keeps for itself`);
  }
}

export function saveScore(
  path: string,
  { networks, names, hidden, threshold, counted }: SavedScore & { readonly hidden: number },
  provenance: Readonly<Record<string, unknown>>,
): void {
  const size = names.length + 2;
  using model = ensembleOf(networks, (count) => sessionNetworks({ networks: count, size, hidden }));
  save(path, model, names, { job: SCORE.job, ...provenance, sessionScore: { threshold, ...(counted && { counted }) } });
}

export function saveNextEvent(
  path: string,
  { model, names, learned: { digests, likeliest } }: NextEventModel & { readonly learned: LearnedCases },
  provenance: Readonly<Record<string, unknown>>,
): void {
  save(path, model, names, { job: NEXT_EVENT.job, ...provenance, next: true, digests: [...digests], likeliest });
}

/** Loads what `saveScore` has saved; a UsageError where the file holds another model. */
export function loadScore(path: string): SavedScore {
  const { model, names, provenance } = load(path, SCORE);
  const { threshold, counted } = Object(provenance['sessionScore']) as Partial<LearnedScore>;
  const isCounts = (counts: unknown): boolean =>
    Array.isArray(counts) && counts.length === names.length + 2 && counts.every((count) => Number.isSafeInteger(count));
  const known: unknown = counted?.known;
  const units = [counted?.rankUnit, counted?.countUnit].every((unit) => Number.isFinite(unit));
  const fits = counted === undefined || (Array.isArray(known) && known.length > 0 && known.every(isCounts) && units);
  if (typeof threshold !== 'number' || !fits || model.layers.get('networks')?.kind !== 'sessionNetworks')
    throw wrongModel(path, SCORE, 'it has no score of sessions');
  return { networks: sessionNetworksOf(model), names, threshold, ...(counted && { counted }) };
}

/** Loads what `saveNextEvent` has saved; a UsageError where the file holds another model. */
export function loadNextEvent(path: string): SavedNextEvent {
  const { model, names, provenance } = load(path, NEXT_EVENT);
  if (provenance['next'] !== true) throw wrongModel(path, NEXT_EVENT, 'it does not predict events');
  const { digests, likeliest } = provenance;
  if (digests === undefined) return { model, names };
  const fits =
    Array.isArray(digests) &&
    digests.every((digest) => typeof digest === 'string') &&
    Array.isArray(likeliest) &&
    likeliest.every(isLikeliest);
  if (!fits) throw wrongModel(path, NEXT_EVENT, 'it does not know which cases it has learned');
  return { model, names, learned: { digests: new Set(digests), likeliest } };
}

function isLikeliest(value: unknown): value is LikeliestNext {
  const { event, any, other } = Object(value) as Partial<Record<string, unknown>>;
  const isNext = (next: unknown): boolean => next === null || typeof next === 'string';
  return typeof event === 'string' && isNext(any) && isNext(other);
}

function save(path: string, model: Model, names: readonly string[], provenance: Record<string, unknown>): void {
  saveModel(path, model, { vocabulary: vocabularyOf([END, ...names, OTHER]), provenance, layers: LAYERS });
}

function load(
  path: string,
  kind: ModelKind,
): NextEventModel & { readonly provenance: Readonly<Record<string, unknown>> } {
  const { model, vocabulary, provenance } = loadModelFile(path, kind);
  const symbols = vocabulary?.symbols ?? [];
  if (symbols[0] !== END || symbols.at(-1) !== OTHER || !provenance) {
    throw wrongModel(path, kind, 'it does not know events');
  }
  warnOfStopped(path, provenance);
  return { model, names: symbols.slice(1, -1), provenance };
}
