import { show } from '../check/show.js';
import { DEEPEST, NUMBERS } from './valueText.js';

/** Throws an error that says what was expected at a place in the text. */
export type Refuse = (message: string, at: number) => never;

/**
 * Reads the value that `valueText` wrote as `text` from `start` to its end, to the same bits. `refuse` is called with
 * what was expected and its place in the text, and must throw; nothing else is thrown, whatever the text.
 */
export function parseValue(text: string, start: number, refuse: Refuse): unknown {
  const [value, end] = valueAt(text, start, 0, refuse);
  if (end < text.length) refuse(`expected the value to end, got ${show(text.slice(end, end + 12))}`, end);
  return value;
}

/** A value, and the place after it. */
type Read<T = unknown> = readonly [value: T, end: number];

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const WORD = /-?[A-Za-z][A-Za-z0-9]*/y;

function valueAt(text: string, at: number, depth: number, refuse: Refuse): Read {
  if (depth > DEEPEST) refuse(`expected at most ${DEEPEST} nested values`, at);
  if (text[at] === '[') return listAt(text, at, depth, refuse);
  if (text[at] === '{') return objectAt(text, at, depth, refuse);
  if (text[at] === '"') return stringAt(text, at, refuse);
  const word = match(WORD, text, at);
  if (word !== undefined) return wordAt(text, at, word, depth, refuse);
  const number = match(NUMBER, text, at);
  if (number === undefined) return refuse('expected a value', at);
  if (!Number.isFinite(Number(number))) refuse(`expected a number below Infinity, got ${show(number)}`, at);
  return [Number(number), at + number.length];
}

function wordAt(text: string, at: number, word: string, depth: number, refuse: Refuse): Read {
  const end = at + word.length;
  if (WORDS.has(word)) return [WORDS.get(word), end];
  const known = word === 'Map' || Object.hasOwn(NUMBERS, word);
  if (!known || text.slice(end, end + 2) !== ' [') refuse(`expected a value, got ${show(word)}`, at);
  const [list, after] = listAt(text, end + 1, depth, refuse);
  if (word === 'Map') return [mapOf(list, (message) => refuse(message, end + 1)), after];
  const numbers = list as readonly number[];
  const typed = NUMBERS[word]!.from(numbers);
  const wrong = numbers.findIndex((number, i) => !Object.is(number, typed[i]));
  if (wrong >= 0) refuse(`expected numbers that a ${word} holds, got another as number ${wrong + 1}`, end + 1);
  return [typed, after];
}

function mapOf(list: readonly unknown[], refuse: (message: string) => never): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (const [i, pair] of list.entries()) {
    if (!Array.isArray(pair) || pair.length !== 2) refuse(`expected a key and a value as pair ${i + 1} of a Map`);
    const [key, value] = pair as [unknown, unknown];
    if (map.has(key) || Object.is(key, -0)) refuse(`expected another key as pair ${i + 1} of a Map`);
    map.set(key, value);
  }
  return map;
}

function stringAt(text: string, at: number, refuse: Refuse): Read<string> {
  const quoted = match(STRING, text, at) ?? refuse('expected a string that ends', at);
  try {
    return [JSON.parse(quoted) as string, at + quoted.length];
  } catch {
    return refuse('expected a JSON string', at);
  }
}

function listAt(text: string, open: number, depth: number, refuse: Refuse): Read<unknown[]> {
  const list: unknown[] = [];
  let at = open + 1;
  if (text[at] === ']') return [list, at + 1];
  for (;;) {
    const [value, end] = valueAt(text, at, depth + 1, refuse);
    list.push(value);
    if (text[end] === ']') return [list, end + 1];
    if (text[end] !== ',') refuse('expected , or ]', end);
    at = end + 1;
  }
}

function objectAt(text: string, open: number, depth: number, refuse: Refuse): Read {
  const fields = new Map<string, unknown>();
  let at = open + 1;
  if (text[at] === '}') return [{}, at + 1];
  for (;;) {
    if (text[at] !== '"') refuse('expected a name in quotes', at);
    const [name, colon] = stringAt(text, at, refuse);
    if (fields.has(name)) refuse(`expected another name than ${show(name)}, which is there already`, at);
    if (text[colon] !== ':') refuse('expected :', colon);
    const [value, end] = valueAt(text, colon + 1, depth + 1, refuse);
    fields.set(name, value);
    if (text[end] === '}') return [Object.fromEntries(fields), end + 1];
    if (text[end] !== ',') refuse('expected , or }', end);
    at = end + 1;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
