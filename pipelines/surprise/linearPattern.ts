// Regular expressions matched in time linear in the text, by running all alternatives side by side: Thompson's simulation
// with the submatches of Pike (Russ Cox, “Regular Expression Matching: the Virtual Machine Approach”, 2009). The engine's
// own RegExp tries one alternative after the other, and ^(a+)+$ takes it minutes on 42 letters.

/** What was matched: all of it, and the first group where it took part. */
export interface Found {
  readonly text: string;
  readonly group: string | undefined;
}

/** One step of the compiled expression; `slot` numbers a place that a thread remembers. */
type Step =
  | { readonly kind: 'character'; readonly test: (character: string) => boolean }
  | { readonly kind: 'assertion'; readonly holds: (before: string | undefined, after: string | undefined) => boolean }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'forget' }
  | { readonly kind: 'advanced'; readonly slot: number }
  | { readonly kind: 'end' };

/** An expression as read: a tree. */
type Node =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'first group'; readonly part: Node }
  | {
      readonly kind: 'repeat';
      readonly part: Node;
      readonly least: number;
      readonly most: number;
      readonly lazy: boolean;
    };

/** Limits that bound the time of one match: steps of an expression, and characters of a text that are looked at. */
const MOST_STEPS = 500;
export const MOST_CHARACTERS = 4096;
const MOST_SLOTS = 16;

const START = 0;
const GROUP_START = 1;
const GROUP_END = 2;
const SLOTS = 3;

/**
 * Compiles an expression in JavaScript's syntax with the flag `u`; the function that it returns finds the leftmost match
 * in the first 4,096 characters of a text, the one that RegExp finds. (Where repetitions of what may be empty are nested, as
 * in `(?:(?:a*?)*)*`, it may be another one that begins at the same place.)
 *
 * A SyntaxError where RegExp has one, and for what takes more than linear time or many steps: lookahead, lookbehind,
 * backreferences, and expressions of more than 500 steps, such as `a{1000}`.
 */
export function linearPattern(source: string): (text: string) => Found | undefined {
  const { source: valid } = new RegExp(source, 'u'); // throws where the syntax is wrong
  const { steps, slots } = compile(read(valid));
  return (text) => run(steps, slots, text);
}

/** Reads an expression that RegExp accepts. */
function read(source: string): Node {
  let at = 0;
  let groups = 0;

  function choice(): Node {
    const parts = [sequence()];
    while (source[at] === '|') {
      at++;
      parts.push(sequence());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  }
  function sequence(): Node {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(term()));
    return { kind: 'sequence', parts };
  }
  function term(): Node {
    const from = at;
    const character = String.fromCodePoint(source.codePointAt(at)!);
    at += character.length;
    if (character === '(') return group(from);
    if (character === '^') return assertion((before) => before === undefined);
    if (character === '$') return assertion((_, after) => after === undefined);
    if (character === '[') {
      for (; source[at] !== ']'; at++) if (source[at] === '\\') at++;
      at++;
      return oneOf(source.slice(from, at));
    }
    if (character === '\\') return escape(from);
    if (character === '.') return oneOf('.');
    return { kind: 'step', step: { kind: 'character', test: (other) => other === character } };
  }
  function group(from: number): Node {
    const [opening] = /^\((\?(:|<(?![=!])[^>]*>|<?[=!]|.))?/u.exec(source.slice(from))!;
    if (!/^\((\?:|\?<[^=!]|$)/.test(opening)) refuse(opening);
    at = from + opening.length;
    const isFirst = opening !== '(?:' && groups++ === 0;
    const part = choice();
    at++; // the closing bracket
    return isFirst ? { kind: 'first group', part } : part;
  }
  function escape(from: number): Node {
    const escaped = source[at]!;
    if (/[1-9k]/.test(escaped)) refuse(source.slice(from, at + 1));
    if (escaped === 'b' || escaped === 'B') {
      at++;
      const wanted = escaped === 'b';
      return assertion((before, after) => (isWord(before) !== isWord(after)) === wanted);
    }
    const pattern = /^\\(u[dD][89abAB]..\\u[dD][c-fC-F]..|u\{[^}]*\}|u....|x..|c.|[pP]\{[^}]*\}|.)/su;
    const [atom] = pattern.exec(source.slice(from))!;
    at = from + atom.length;
    return oneOf(atom);
  }
  function repeated(part: Node): Node {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})(\??)/.exec(source.slice(at));
    if (!found) return part;
    const [all, low, comma, high, lazy] = found;
    at += all.length;
    const [least, most] = {
      '*': [0, Infinity] as const,
      '+': [1, Infinity] as const,
      '?': [0, 1] as const,
      '{': [Number(low), comma === '' ? Number(low) : high === '' ? Infinity : Number(high)] as const,
    }[all[0] as '{'];
    return { kind: 'repeat', part, least, most, lazy: lazy === '?' };
  }
  return choice();
}

function refuse(what: string): never {
  throw new SyntaxError(
    `${what} is not supported: what looks ahead, looks behind or refers back is not linear in the line`,
  );
}

function assertion(holds: (before: string | undefined, after: string | undefined) => boolean): Node {
  return { kind: 'step', step: { kind: 'assertion', holds } };
}

/** A class or an escape, whose only character RegExp tests: one character takes it no time. */
function oneOf(atom: string): Node {
  const expression = new RegExp(`^${atom}$`, 'u');
  return { kind: 'step', step: { kind: 'character', test: (character) => expression.test(character) } };
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character);
}

function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'step':
      return node.step.kind !== 'character';
    case 'sequence':
      return node.parts.every(canBeEmpty);
    case 'choice':
      return node.parts.some(canBeEmpty);
    case 'repeat':
      return node.least === 0 || canBeEmpty(node.part);
    case 'first group':
      return canBeEmpty(node.part);
  }
}

function hasGroup(node: Node): boolean {
  switch (node.kind) {
    case 'step':
      return false;
    case 'sequence':
    case 'choice':
      return node.parts.some(hasGroup);
    case 'repeat':
      return hasGroup(node.part);
    case 'first group':
      return true;
  }
}

function tooLong(): SyntaxError {
  return new SyntaxError(`it has more than ${MOST_STEPS} steps`);
}

/** Lays the tree out as steps, repetitions written out. */
function compile(tree: Node): { readonly steps: readonly Step[]; readonly slots: number } {
  const steps: Step[] = [];
  let slots = SLOTS;

  function add<S extends Step>(step: S): S {
    if (steps.length === MOST_STEPS) throw tooLong();
    steps.push(step);
    return step;
  }
  function split(lazy: boolean): (where: 'in' | 'past') => void {
    const step = add({ kind: 'split', first: 0, second: 0 });
    return (where) => {
      if ((where === 'in') !== lazy) step.first = steps.length;
      else step.second = steps.length;
    };
  }
  function emit(node: Node): void {
    switch (node.kind) {
      case 'step':
        return void add(node.step);
      case 'sequence':
        return node.parts.forEach(emit);
      case 'choice':
        return emitChoice(node.parts);
      case 'repeat':
        return emitRepeat(node);
      case 'first group':
        add({ kind: 'save', slot: GROUP_START });
        emit(node.part);
        add({ kind: 'save', slot: GROUP_END });
    }
  }
  function emitChoice(parts: readonly Node[]): void {
    const jumps = parts.map((part, i) => {
      const branch = i < parts.length - 1 ? split(false) : undefined;
      branch?.('in');
      emit(part);
      const jump = branch && add({ kind: 'jump', to: 0 });
      branch?.('past');
      return jump;
    });
    for (const jump of jumps) if (jump) jump.to = steps.length;
  }
  function emitRepeat({ part, least, most, lazy }: Node & { kind: 'repeat' }): void {
    if (least > MOST_STEPS) throw tooLong();
    for (let i = 0; i < least; i++) once(part);
    if (most === Infinity) {
      const from = steps.length;
      const branch = split(lazy);
      branch('in');
      further(part);
      add({ kind: 'jump', to: from });
      branch('past');
      return;
    }
    const branches = Array.from({ length: Math.min(most - least, MOST_STEPS + 1) }, () => {
      const branch = split(lazy);
      branch('in');
      further(part);
      return branch;
    });
    for (const branch of branches) branch('past');
  }
  /** As RegExp does, each time round begins without the group of the time before. */
  function once(part: Node): void {
    if (hasGroup(part)) add({ kind: 'forget' });
    emit(part);
  }
  /** A time round that is not needed counts only where it takes a character, as in RegExp. */
  function further(part: Node): void {
    if (!canBeEmpty(part)) return once(part);
    const slot = slots++;
    if (slots > MOST_SLOTS)
      throw new SyntaxError(`it repeats what may be empty in more than ${MOST_SLOTS - SLOTS} places`);
    add({ kind: 'save', slot });
    once(part);
    add({ kind: 'advanced', slot });
  }
  emit(tree);
  add({ kind: 'end' });
  return { steps, slots };
}

/** Threads in the order of their preference, at most one at each step. */
interface Threads {
  count: number;
  readonly places: Int32Array;
  readonly slots: Int32Array;
}

function run(steps: readonly Step[], slots: number, text: string): Found | undefined {
  const characters: string[] = [];
  for (const character of text) {
    if (characters.length === MOST_CHARACTERS) break;
    characters.push(character);
  }
  const threads = (): Threads => ({
    count: 0,
    places: new Int32Array(steps.length),
    slots: new Int32Array(steps.length * slots),
  });
  let now = threads();
  let next = threads();
  const seen = new Int32Array(steps.length).fill(-1); // the last character at which each step was reached
  const slotsOf = new Int32Array(slots); // of the thread that is followed
  let found: Int32Array | undefined;
  let foundEnd = 0;

  /** Follows a thread to the steps that read a character or end, those that it prefers first. */
  function follow(into: Threads, place: number, at: number): void {
    if (seen[place] === at) return;
    seen[place] = at;
    const step = steps[place]!;
    switch (step.kind) {
      case 'jump':
        return follow(into, step.to, at);
      case 'split':
        follow(into, step.first, at);
        return follow(into, step.second, at);
      case 'assertion':
        if (step.holds(characters[at - 1], at === characters.length ? undefined : characters[at]))
          follow(into, place + 1, at);
        return;
      case 'advanced':
        if (slotsOf[step.slot] !== at) return follow(into, place + 1, at);
        seen[place] = -1; // one that is preferred less may have advanced
        return;
      case 'save':
        return changed(step.slot, at, () => follow(into, place + 1, at));
      case 'forget':
        return changed(GROUP_START, -1, () => changed(GROUP_END, -1, () => follow(into, place + 1, at)));
      case 'character':
      case 'end':
        into.slots.set(slotsOf, into.count * slots);
        into.places[into.count++] = place;
    }
  }
  function changed(slot: number, value: number, then: () => void): void {
    const before = slotsOf[slot]!;
    slotsOf[slot] = value;
    then();
    slotsOf[slot] = before;
  }

  for (let at = 0; at <= characters.length; at++) {
    if (!found) {
      slotsOf.fill(-1);
      slotsOf[START] = at;
      follow(now, 0, at); // a match that begins here, the least preferred one
    }
    if (found && now.count === 0) break;
    next.count = 0;
    for (let i = 0; i < now.count; i++) {
      const step = steps[now.places[i]!]!;
      slotsOf.set(now.slots.subarray(i * slots, (i + 1) * slots));
      if (step.kind === 'end') {
        found = slotsOf.slice();
        foundEnd = at;
        break; // the threads behind it are preferred less
      }
      if (step.kind === 'character' && at < characters.length && step.test(characters[at]!))
        follow(next, now.places[i]! + 1, at + 1);
    }
    [now, next] = [next, now];
  }
  if (!found) return undefined;
  const between = (from: number, to: number): string => characters.slice(from, to).join('');
  const [start, groupStart, groupEnd] = found;
  const group = groupStart! >= 0 && groupEnd! >= 0 ? between(groupStart!, groupEnd!) : undefined;
  return { text: between(start!, foundEnd), group };
}
