import { show } from '../check/show.js';
import { DTYPES } from './dtypes.js';
import { endOfText } from '../check/endOfText.js';
import { MOST_DIMENSIONS, MOST_TENSORS, MOST_TEXTS } from './limits.js';
import { someMark } from './someMark.js';
import { SafetensorsError, type SafetensorsReason } from './SafetensorsError.js';

/** A safetensors header as it is in the file: well-formed, but the places of its tensors are not checked. */
export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its numbers lie, in bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

const FIELDS: readonly string[] = ['dtype', 'shape', 'data_offsets'];

/** What is read where a number is expected, good or bad. */
const NUMBER = /[-+]?\d[\d.eE+-]*/y;

/** Texts that JSON writes as they are, most of a header's: short ones, of which a slice is a copy. */
const PLAIN_WORD = /^"[\w.-]{0,12}"$/;

/** In the place of metadata: none, as the reference implementation reads it. */
const NULL = /null/y;

/** White space between the marks of JSON. */
const [BLANK, TAB, LF, CR] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * Reads the JSON of a safetensors header by the header's own grammar. JSON.parse would not do: of two members of the
 * same name it keeps the last, and takes `1.0`, `1e3` and any depth.
 */
export function parseHeader(text: string): Header {
  let at = 0;
  const metadata = new Map<string, string>();
  const entries = new Map<string, Entry>();

  if (text[0] !== '{') refuse('header-start', 'a header begins with {', 0);
  checkCounts();
  let hasMetadata = false;
  const isRead = (name: string): boolean => (name === '__metadata__' ? hasMetadata : entries.has(name));
  eachMember(isRead, (name, place) => {
    if (name === '__metadata__') {
      hasMetadata = true;
      if (skip(NULL)) return;
      eachMember(
        (key) => metadata.has(key),
        (key) => metadata.set(key, string()),
      );
      return;
    }
    if (entries.size === MOST_TENSORS) refuseTensors(place);
    entries.set(name, entry());
  });
  space();
  if (at < text.length) refuse('trailing', `${shown(text[at])} follows the header`);
  return { metadata, entries };

  /** Refuses too many texts, and far too many tensors, before any is built: one member may be the metadata. */
  function checkCounts(): void {
    let members = 1;
    let texts = 1;
    someMark(text, (mark, depth, at) => {
      if (mark === '{') texts = 1;
      else if (mark !== ',') return false;
      else if (depth === 1 && ++members > MOST_TENSORS + 1) refuseTensors(text.indexOf('"', at));
      else if (depth === 2 && ++texts > MOST_TEXTS) {
        refuse('too-many', `__metadata__ has at most ${MOST_TEXTS} texts`, text.indexOf('"', at));
      }
      return false;
    });
  }

  function refuseTensors(place: number): never {
    refuse('too-many', `a file has at most ${MOST_TENSORS} tensors`, place);
  }

  /** `{"key": …, …}`, with each key passed on before its value is read; one that `isRead` already is refused. */
  function eachMember(isRead: (key: string) => boolean, read: (key: string, at: number) => void): void {
    mark('{');
    space();
    if (text[at] === '}') {
      at++;
      return;
    }
    for (;;) {
      space();
      const start = at;
      const key = string();
      if (isRead(key)) refuse('duplicate-key', `${shown(key)} occurs twice`, start);
      space();
      mark(':');
      space();
      read(key, start);
      space();
      if (text[at] !== ',') break;
      at++;
    }
    mark('}');
  }

  function entry(): Entry {
    const start = at;
    let dtype: string | undefined;
    let shape: readonly number[] | undefined;
    let offsets: readonly number[] | undefined;
    const isRead = (field: string): boolean =>
      (field === 'dtype' ? dtype : field === 'shape' ? shape : field === 'data_offsets' ? offsets : undefined) !==
      undefined;
    eachMember(isRead, (field, place) => {
      if (field === 'dtype') {
        const start = at;
        dtype = string();
        if (!DTYPES.has(dtype)) refuse('unknown-dtype', `there is no dtype ${shown(dtype)}`, start);
      } else if (field === 'shape') {
        shape = integers(MOST_DIMENSIONS, 'dimensions');
      } else if (field === 'data_offsets') {
        const start = at;
        offsets = integers(2, 'grammar');
        if (offsets.length !== 2) refuse('grammar', 'data_offsets are two numbers', start);
      } else {
        refuse('unknown-field', `a tensor has ${FIELDS.join(', ')}, got ${shown(field)}`, place);
      }
    });
    if (dtype === undefined || shape === undefined || offsets === undefined) {
      refuse('missing-field', `a tensor needs ${FIELDS.join(', ')}`, start);
    }
    return { dtype, shape, begin: offsets[0]!, end: offsets[1]! };
  }

  function integers(most: number, reason: SafetensorsReason): number[] {
    const found: number[] = [];
    mark('[');
    space();
    if (text[at] === ']') {
      at++;
      return found;
    }
    for (;;) {
      space();
      if (found.length === most) refuse(reason, `at most ${most} numbers are allowed here`);
      found.push(integer());
      space();
      if (text[at] !== ',') break;
      at++;
    }
    mark(']');
    return found;
  }

  function integer(): number {
    const start = at;
    if (!skip(NUMBER)) refuse('grammar', `expected a number, got ${shown(text[at])}`);
    const digits = text.slice(start, at);
    const value = /^(?:0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : Infinity;
    if (value > Number.MAX_SAFE_INTEGER) {
      refuse('integer', `expected an integer from 0 to 2^53 - 1, got ${shown(digits)}`, start);
    }
    return value;
  }

  function string(): string {
    const start = at;
    mark('"');
    const end = endOfText(text, start);
    if (end < 0) refuse('grammar', 'a text has no closing quote', start);
    at = end + 1;
    const literal = text.slice(start, at);
    const value = unquoted(literal);
    if (value === undefined) refuse('grammar', 'a text has a control character or an unknown escape', start);
    // which only escapes write: the header is UTF-8
    if (literal.includes('\\') && /\p{Surrogate}/u.test(value)) {
      refuse('surrogate', `${shown(value)} holds half a surrogate pair`, start);
    }
    return value;
  }

  function mark(expected: string): void {
    if (text[at] !== expected) refuse('grammar', `expected ${expected}, got ${shown(text[at])}`);
    at++;
  }

  /** Moves past white space. */
  function space(): void {
    for (let code = text.charCodeAt(at); code === BLANK || code === LF || code === CR || code === TAB;) {
      code = text.charCodeAt(++at);
    }
  }

  /** Moves past what matches here, if anything does. */
  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    const matches = pattern.test(text);
    if (matches) at = pattern.lastIndex;
    return matches;
  }

  function refuse(reason: SafetensorsReason, message: string, place: number = at): never {
    throw new SafetensorsError(reason, message, 8 + new TextEncoder().encode(text.slice(0, place)).length);
  }
}

/** What a text in its quotes is; undefined where it is not JSON. */
function unquoted(literal: string): string | undefined {
  if (PLAIN_WORD.test(literal)) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

/** A text in a message. */
function shown(text: string | undefined): string {
  return text === undefined ? 'the end of the header' : show(text);
}
