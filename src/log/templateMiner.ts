import { fraction } from '../check/fraction.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import { maskToken, type ParameterKind, WILDCARD } from './maskToken.js';
import { markDates } from './markDates.js';
import { parseMinerState, type TemplateMinerState } from './parseMinerState.js';
import { recentMap } from './recentMap.js';
import { templateLists } from './templateLists.js';
import { varyingTokens } from './varyingTokens.js';

/** How templates are found, and how many are kept. */
export interface TemplateMinerOptions {
  /** Share of like tokens from which a line belongs to a template, in [0, 1]; 0.7 by default. */
  readonly similarity?: number | undefined;
  /** How many leading tokens the tree branches by; 2 by default. */
  readonly depth?: number | undefined;
  /** The most branches of a node; further tokens share one; 100 by default. */
  readonly maxChildren?: number | undefined;
  /** The most templates to keep; the least recently used is dropped; 10000 by default. */
  readonly maxTemplates?: number | undefined;
  /** The state of a miner to continue, as its `state()` gave it; the other options come from it. */
  readonly state?: TemplateMinerState | undefined;
}

/** The template of a line. */
export interface TemplateMatch {
  /** Its number, from 0 up in the order in which templates were found; a number is never given twice. */
  readonly id: number;
  /** Its tokens with `<*>` in place of what varies, joined by single spaces. */
  readonly template: string;
  /** Whether this line is the first one. */
  readonly isNew: boolean;
  /** Whether the line added wildcards to the template. */
  readonly changed: boolean;
  /** The tokens of the line where the template has wildcards, as written. */
  readonly parameters: readonly string[];
  /** Which token of the line each parameter is, from 0. */
  readonly slots: readonly number[];
  readonly kinds: readonly ParameterKind[];
  /** The number of a template that was dropped to make room for this one. */
  readonly dropped?: number;
}

/** Finds the templates of lines, one line at a time. */
export interface TemplateMiner {
  /** Finds the template of a line, or makes one. Lines of different `scope` never share a template. */
  match(line: string, scope?: string): TemplateMatch;
  /** The text of a template that is kept. */
  template(id: number): string | undefined;
  /** Number of templates kept. */
  readonly size: number;
  /** What it knows, as plain JSON, for the option `state` of another miner, which then continues the same way. */
  state(): TemplateMinerState;
}

interface Template {
  readonly id: number;
  readonly place: string;
  tokens: string[];
  text: string;
  /** Places of its tokens with wildcards, once they were asked for. */
  slots: readonly number[] | undefined;
  /** Lines of it so far. */
  lines: number;
  kept: boolean;
}

const MOST_CHARACTERS = 4096;
const MOST_TOKENS = 256;
const MOST_KNOWN_LENGTH = 512; // of a masked line that is remembered
const KNOWN_PER_TEMPLATE = 4;
const BETWEEN = '\u0000';
const REST = '\u0001'; // the branch of tokens that vary, or are beyond the most
const OPEN = '\u0002'; // the place of templates whose wildcards take any token
const DOTTED = /[\w-]\.[\w-]+\.\w/;

/**
 * Makes a miner of templates: Drain's tree of fixed depth, which keeps what it learned in a state of plain JSON.
 *
 * Numbers, hexadecimal numbers, addresses, UUIDs, paths, times and the values of `name=value` are masked. Lines with the
 * same number of tokens and the same first `depth` tokens are compared: the similarity is the share of equal tokens, in
 * which tokens that are wildcards on both sides count one half. The most similar template takes the line if its similarity
 * is at least `similarity`, and tokens that differ become wildcards. A line that finds none so, in which words vary of which
 * templates of as many tokens have many, such as names and identifiers made of letters, makes or takes a template with
 * wildcards in their places. Only the first 4096 characters and 256 tokens of a line count. Memory is bounded by
 * `maxTemplates`, and a masked line that was seen before is found in one step. He, Zhu, Zheng and Lyu, Drain: An Online Log
 * Parsing Approach with Fixed Depth Tree, ICWS 2017. `drain` is the operator.
 *
 * ```ts
 * import { templateMiner } from 'rxrnn';
 *
 * const miner = templateMiner();
 * miner.match('Accepted password for root from 10.0.0.1 port 22');
 * const { id, template, parameters } = miner.match('Accepted password for alice from 10.0.0.2 port 22');
 * console.log(id, template); // -> 0 Accepted password for <*> from <*> port <*>
 * console.log(parameters.join(' ')); // -> alice 10.0.0.2 22
 * ```
 */
export function templateMiner(given: TemplateMinerOptions = {}): TemplateMiner {
  given = options('templateMiner', given, {
    similarity: optional(fraction),
    depth: optional(positiveInteger),
    maxChildren: optional(positiveInteger),
    maxTemplates: optional(positiveInteger),
    state: (who, name, value) => {
      if (value !== undefined && (typeof value !== 'object' || value === null)) {
        refuse(who, name, 'what state() of a miner gave', value, 'none');
      }
    },
  });
  const from = given.state === undefined ? undefined : parseMinerState(given.state);
  const { similarity = 0.7, depth = 2, maxChildren = 100, maxTemplates = 10_000 } = from ?? given;

  const templates = recentMap<number, Template>(); // in the order of their use
  const places = templateLists<Template>();
  const ofLength = templateLists<Template>(); // those of each scope and number of tokens, but for open ones
  const branches = new Map<string, Map<string, number>>(); // of each node, how many templates are below each branch
  const known = recentMap<string, number>();
  let next = from?.next ?? 0;
  for (const { id, place, tokens, lines } of (from?.templates ?? []).toSorted((a, b) => a.id - b.id)) {
    add(id, place, tokens, lines);
  }
  for (const { id } of from?.templates ?? []) use(templates.get(id)!);
  for (const { line, id } of from?.known ?? []) known.set(line, id);

  function add(id: number, place: string, text: string, lines: number): Template {
    const tokens = text === '' ? [] : text.split(' ');
    const template: Template = { id, place, text, tokens, slots: undefined, lines, kept: true };
    templates.set(id, template);
    places.add(place, template);
    if (!place.endsWith(OPEN)) {
      ofLength.add(lengthOf(place), template);
      countBranches(place, 1);
    }
    return template;
  }
  /** Drops the least recently used template. */
  function drop(): number {
    const template = templates.dropOldest()!;
    const { id, place } = template;
    template.kept = false;
    template.text = '';
    template.tokens = [];
    places.drop(place);
    if (!place.endsWith(OPEN)) {
      ofLength.drop(lengthOf(place));
      countBranches(place, -1);
    }
    return id;
  }
  function countBranches(place: string, by: 1 | -1): void {
    const [scope, length, ...path] = place.split(BETWEEN);
    let node = scope! + BETWEEN + length!;
    for (const token of path) {
      const counts = branches.get(node) ?? new Map<string, number>();
      branches.set(node, counts);
      const count = (counts.get(token) ?? 0) + by;
      if (count > 0) counts.set(token, count);
      else counts.delete(token);
      if (counts.size === 0) branches.delete(node);
      node += BETWEEN + token;
    }
  }
  function use(template: Template): void {
    templates.set(template.id, template);
  }
  function remember(line: string, id: number): void {
    if (line.length > MOST_KNOWN_LENGTH) return;
    if (known.size >= maxTemplates * KNOWN_PER_TEMPLATE) known.dropOldest();
    known.set(line, id);
  }
  function placeOf(masked: readonly string[], scope: string): string {
    let node = `${scope}${BETWEEN}${masked.length}`;
    for (let i = 0; i < Math.min(depth, masked.length); i++) {
      const token = masked[i]!;
      const counts = branches.get(node);
      const varies = token.includes(WILDCARD) || DOTTED.test(token);
      const full = counts !== undefined && !counts.has(token) && counts.size >= maxChildren;
      node += BETWEEN + (varies || full ? REST : token);
    }
    return node;
  }
  function nearest(masked: readonly string[], place: string): Template | undefined {
    let best: Template | undefined;
    let most = similarity;
    for (const template of places.latest(place)) {
      const found = similarityOf(template.tokens, masked, most);
      if (found > most || (found === most && best === undefined)) [best, most] = [template, found];
    }
    return best;
  }
  /** The open template whose constant tokens are all in the line, the one with most of them. */
  function openFor(masked: readonly string[], place: string): Template | undefined {
    let best: Template | undefined;
    let most = -1;
    for (const template of places.latest(place)) {
      const constants = constantsIn(template.tokens, masked);
      if (constants > most) [best, most] = [template, constants];
    }
    return best;
  }
  /** Makes what differs a wildcard; whether there was anything. */
  function widen(template: Template, masked: readonly string[]): boolean {
    let differs = false;
    for (let i = 0; i < masked.length; i++) {
      if (template.tokens[i] === masked[i] || template.tokens[i] === WILDCARD) continue;
      template.tokens[i] = WILDCARD;
      differs = true;
    }
    if (differs) {
      template.text = template.tokens.join(' ');
      template.slots = undefined;
    }
    return differs;
  }

  return {
    match(line, scope = '') {
      string('templateMiner', 'line', line);
      if (scope.includes(BETWEEN)) scope = scope.replaceAll(BETWEEN, ' ');
      const tokens = tokensOf(line.length > MOST_CHARACTERS ? line.slice(0, MOST_CHARACTERS) : line);
      const kinds: ParameterKind[] = [];
      const masked: string[] = [];
      for (const token of tokens) {
        const { text, kind } = maskToken(token);
        masked.push(text);
        kinds.push(kind);
      }
      markDates({ tokens, masked, kinds });
      const joined = scope + BETWEEN + masked.join(' ');
      let template = templates.get(known.get(joined) ?? -1);
      let isNew = false;
      let changed = false;
      let dropped: number | undefined;
      if (template) use(template);
      else {
        const place = placeOf(masked, scope);
        const length = `${scope}${BETWEEN}${masked.length}`;
        const open = length + BETWEEN + OPEN;
        template = nearest(masked, place);
        if (template) changed = widen(template, masked);
        else template = openFor(masked, open);
        if (template) use(template);
        else {
          isNew = true;
          const varying = varyingTokens(masked, ofLength.latest(length));
          if (templates.size >= maxTemplates) dropped = drop();
          template = add(next++, varying ? open : place, (varying ?? masked).join(' '), 0); // a new text: nothing of it holds the line in memory
        }
        remember(joined, template.id);
      }
      template.lines += 1;
      const slots = (template.slots ??= slotsOf(template.tokens));
      const match: TemplateMatch = {
        id: template.id,
        template: template.text,
        isNew,
        changed,
        slots,
        parameters: slots.map((i) => tokens[i]!),
        kinds: slots.map((i) => kinds[i]!),
      };
      return dropped === undefined ? match : { ...match, dropped };
    },
    template: (id) => templates.get(id)?.text,
    get size() {
      return templates.size;
    },
    state: () => ({
      similarity,
      depth,
      maxChildren,
      maxTemplates,
      next,
      templates: Array.from(templates, ([, { id, place, text, lines }]) => ({ id, place, tokens: text, lines })),
      known: Array.from(known, ([line, id]) => ({ line, id })),
    }),
  };
}

/** Splits at white space and control characters. */
function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  let start = -1;
  for (let i = 0; i <= line.length; i++) {
    const inside = i < line.length && line.charCodeAt(i) > 32;
    if (inside && start < 0) start = i;
    else if (!inside && start >= 0) {
      tokens.push(line.slice(start, i));
      if (tokens.length === MOST_TOKENS) break;
      start = -1;
    }
  }
  return tokens;
}

/** The share of equal tokens, those that are wildcards on both sides as one half; −1 where it is below `least`. */
function similarityOf(tokens: readonly string[], others: readonly string[], least: number): number {
  const most = (1 - least) * tokens.length + 1e-9;
  let missed = 0;
  let all = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const weight = token.includes(WILDCARD) && others[i]!.includes(WILDCARD) ? 0.5 : 1;
    all += weight;
    if (token !== others[i] && (missed += weight) > most) return -1;
  }
  const share = all === 0 ? 1 : (all - missed) / all;
  return share >= least ? share : -1;
}

/** The beginning of a place: the scope and the number of tokens. */
function lengthOf(place: string): string {
  return place.split(BETWEEN, 2).join(BETWEEN);
}

/** The places of tokens with wildcards. */
function slotsOf(tokens: readonly string[]): number[] {
  const slots: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (tokens[i]!.includes(WILDCARD)) slots.push(i);
  return slots;
}

/** How many tokens of an open template are not wildcards; −1 where the line has another one in place of any. */
function constantsIn(tokens: readonly string[], masked: readonly string[]): number {
  let constants = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === WILDCARD) continue;
    if (tokens[i] !== masked[i]) return -1;
    constants += 1;
  }
  return constants;
}
