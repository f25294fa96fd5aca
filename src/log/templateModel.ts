import { log } from '../kernel/math/log.js';
import { contextMixer, type ContextMixer } from './contextMixer.js';
import { recentMap } from './recentMap.js';

/** Predicts the next template from those before it, and learns from it. */
export interface TemplateModel {
  /** Bits of a template, or of a new one, after the last ones of a key; then learns it. */
  score(id: number, isNew: boolean, key: string): number;
  /** The template that is most likely after the last ones of a key, and its bits; −1 where a new one is. */
  likeliest(key: string): { readonly id: number; readonly bits: number };
  /** Takes the last templates of keys from a state. */
  remember(recent: readonly (readonly [key: string, last: readonly number[]])[]): void;
  /** The last templates of the most recent keys, for a state. */
  recent(): readonly (readonly [key: string, last: readonly number[]])[];
  readonly state: ContextMixer['state'];
}

const ORDER = 3;
const BITS = 16; // of a template's number; of larger ones the lowest bits
const MOST_KEYS = 10_000;
const NO_HISTORY: readonly number[] = [-1, -1, -1];

/**
 * Makes a model of templates: whether the next one is new, and which one it is bit by bit, from the last 0 to 3 templates of
 * the key, mixed by a `contextMixer`.
 */
export function templateModel(): TemplateModel {
  const mixer = contextMixer({ contexts: ORDER + 2, extra: 0, sets: [BITS + 1], tableBits: 18 });
  const keys = recentMap<string, readonly number[]>();

  function enter(last: readonly number[], kind: number): void {
    let hash = kind;
    for (let i = 0; i <= ORDER; i++) {
      mixer.contexts[i] = hash;
      hash = Math.imul(hash ^ (last[i]! + 0x7f4a7c15), 0x2c1b3c6d) ^ (hash >>> 11);
    }
    mixer.contexts[ORDER + 1] = Math.imul(last[1]! + kind, 0x3d4d51cb); // the one before the last
  }
  function lastOf(key: string): readonly number[] {
    return keys.get(key) ?? NO_HISTORY;
  }

  return {
    score(id, isNew, key) {
      const last = lastOf(key);
      enter(last, 1);
      mixer.chosen[0] = 0;
      const p = mixer.predict(1);
      mixer.learn(isNew ? 1 : 0);
      let probability = isNew ? p : 1 - p;
      const code = id & 0xffff;
      enter(last, 2);
      let node = 1;
      for (let i = BITS - 1; i >= 0; i--) {
        const bit = (code >> i) & 1;
        mixer.chosen[0] = BITS - i;
        const one = mixer.predict(node);
        if (!isNew) probability *= bit === 1 ? one : 1 - one; // the number of a new template is known
        mixer.learn(bit);
        node = node * 2 + bit;
      }
      keys.set(key, [id, last[0]!, last[1]!]);
      if (keys.size > MOST_KEYS) keys.dropOldest();
      return -log(probability) / Math.LN2;
    },
    likeliest(key) {
      const last = lastOf(key);
      enter(last, 1);
      mixer.chosen[0] = 0;
      const isNew = mixer.predict(1);
      enter(last, 2);
      let probability = 1 - isNew;
      let node = 1;
      for (let i = 0; i < BITS; i++) {
        mixer.chosen[0] = i + 1;
        const one = mixer.predict(node);
        const bit = one > 0.5 ? 1 : 0;
        probability *= bit === 1 ? one : 1 - one;
        node = node * 2 + bit;
      }
      return { id: node - 0x10000, bits: -log(probability) / Math.LN2 };
    },
    remember(recent) {
      for (const [key, last] of recent) keys.set(key, last);
    },
    recent: () => Array.from(keys),
    state: mixer.state,
  };
}
