import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestName, visible, wideVectors } from '../../src/index.js';
import { fold } from './fold.js';
import { helpTable } from './helpTable.js';
import { endRuns } from './interrupted.js';
import { invocation } from './invocation.js';
import { ofSystem } from './ofSystem.js';
import { say } from './say.js';
import { terminalColumns } from './terminalColumns.js';

/** An option of a script: `--name VALUE`, or `--name` alone for a flag. */
export interface Option {
  readonly kind: 'flag' | 'text' | 'count' | 'seed' | 'number';
  readonly help: string;
  /** Name of the value in the help; by default TEXT, N or X, or the choices where they are short. */
  readonly value?: string;
  readonly initial?: string | number;
  /** The values that a text may have. */
  readonly choices?: readonly string[];
  /** The largest value of a count or number. */
  readonly most?: number;
  /** The value that a number must stay below. */
  readonly below?: number;
  /** The least value of a number; without it a number must be above 0. */
  readonly least?: number;
  /** The option without which this one has no effect: it is refused alone. */
  readonly needs?: string;
}

type Value<O extends Option> = O['kind'] extends 'flag' ? boolean : O['kind'] extends 'text' ? Text<O> : number;
/** One of the choices, where there are any. */
type Text<O extends Option> = O extends { choices: readonly (infer Choice)[] } ? Choice : string;
/** The values of a script's options: undefined for an option that was not given and has no initial value. */
export type Values<S extends Readonly<Record<string, Option>>> = {
  readonly [K in keyof S]: S[K] extends { kind: 'flag' } | { initial: string | number }
    ? Value<S[K]>
    : Value<S[K]> | undefined;
};

/** A script: its description, its options, and what it does. */
export interface Command<S extends Readonly<Record<string, Option>>> {
  readonly about: string;
  readonly options: S;
  /** Name in the help of the argument that is not an option, such as FILE; without it the script takes none. */
  readonly argument?: string;
  /** The script saves what it has when `interrupted` tells it to end, and is not ended before it has done so. */
  readonly saves?: boolean;
  /** `typed` has the names of the options that were given, in contrast to those with their initial values. */
  run(values: Values<S>, argument: string | undefined, typed: ReadonlySet<string>): Promise<void>;
}

/** The folder of pipelines and package.json; of what is compiled, the folder of its package. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What to do about bytes that are not UTF-8, by whichever way they came. */
const NOT_UTF_8 =
  '; expected text in UTF-8: gunzip -c unpacks, iconv -f LATIN1 -t UTF-8 converts what older programs write';

/** How much of an error's message is printed, in characters. */
const MOST_OF_MESSAGE = 2000;

/**
 * The option `no-wide` of scripts that compute for long. Those that have it compute with vectors of 256 bits, where there
 * are any, unless it is given.
 */
export const NO_WIDE = { kind: 'flag', help: 'vectors of 128 bits only: the same numbers, more slowly' } as const;

/** A mistake in the options: answered with one line and exit status 2. */
export class UsageError extends Error {}

/**
 * Runs a script if it was started, not if it was imported: reads its options, answers `--help`, and turns any error
 * into one line on stderr and exit status 2, or 1 where nothing can be written now, as on a full disk.
 */
export async function command<const S extends Readonly<Record<string, Option>>>(
  url: string,
  { about, options, argument, saves = false, run }: Command<S>,
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const usage = invocation(relative(ROOT, fileURLToPath(url)));
  const script = usage
    .slice(1)
    .join(' ')
    .replace(/^tsx .*\//, ''); // such as surprise.ts or rxrnn surprise
  let reported = false;
  function fail(error: unknown, ofOutput = error === process.stdout.errored): void {
    const message = error instanceof Error ? error.message : String(error);
    const line = visible(message, { most: MOST_OF_MESSAGE }); // one line, and nothing that steers the terminal
    const what = ofOutput ? 'standard output cannot be written: ' : '';
    const advice = /: invalid UTF-8 at byte \d+$/.test(line) ? NOT_UTF_8 : '';
    if (!reported) say(`${script}: ${what}${line}${advice}`);
    reported = true;
    process.exitCode = ofOutput || ofSystem(error) ? 1 : 2;
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // a reader that closed the pipe, as `| head` does, is a normal end
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') fail(error, true);
    if (!endRuns() && !saves) process.exit();
  });
  process.stderr.on('error', () => undefined); // nobody reads it, as after SIGHUP: what is to be saved is saved all the same
  try {
    const read = readOptions(options, process.argv.slice(2), argument);
    if (read === 'help') process.stdout.write(helpText(usage.join(' '), about, options, argument));
    else {
      if (options['no-wide'] === NO_WIDE && !read.typed.has('no-wide')) wideVectors();
      await run(read.values, read.given, read.typed);
    }
  } catch (error) {
    fail(error);
  }
}

function readOptions<S extends Readonly<Record<string, Option>>>(
  options: S,
  args: readonly string[],
  argument: string | undefined,
): { values: Values<S>; given: string | undefined; typed: ReadonlySet<string> } | 'help' {
  const types: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, { kind }] of Object.entries(options))
    types[name] = { type: kind === 'flag' ? 'boolean' : 'string' };
  const allowPositionals = argument !== undefined;
  const { values, positionals } = parse({ args: joinNegativeValues(options, args), options: types, allowPositionals });
  if (values['help']) return 'help';
  if (positionals.length > 1) throw new UsageError(`at most one ${argument}, got also ${positionals[1]}`);
  const entries = Object.entries(options).map(([name, option]) => [name, valueOf(name, option, values[name])]);
  const [given] = positionals;
  const typed = new Set(Object.keys(values));
  checkNeeds(options, typed);
  // types by kind of option
  return { values: Object.fromEntries(entries) as Values<S>, given, typed };
}

/** Refuses an option that has no effect without another. */
function checkNeeds(options: Readonly<Record<string, Option>>, typed: ReadonlySet<string>): void {
  for (const [name, { needs }] of Object.entries(options)) {
    if (needs === undefined || !typed.has(name) || typed.has(needs)) continue;
    throw new UsageError(`--${name}: has no effect without --${needs}`);
  }
}

/** Parses the arguments; of the parser's message about a mistake the first sentence is kept, in our words. */
function parse<C extends ParseArgsConfig>(config: C): ReturnType<typeof parseArgs<C>> {
  checkNames(config);
  try {
    return parseArgs(config);
  } catch (error) {
    const [mistake] = (error as Error).message.split(/\.? (?=To specify|This command)|\n/);
    const [, name] = /^Option '(--[\w-]+)(?: <value>)?' argument (?:missing|is ambiguous)/.exec(mistake!) ?? [];
    const [, extra] = /^Unexpected argument '([^]*)'$/.exec(mistake!) ?? [];
    const reads = ['data', 'model'].find((option) => Object.hasOwn(config.options ?? {}, option));
    if (name !== undefined) throw new UsageError(`${name} needs a value; --help lists the options`);
    if (extra !== undefined && reads !== undefined)
      throw new UsageError(`Unexpected argument '${extra}'; did you mean --${reads} ${extra}?`);
    throw new UsageError(`${mistake}; --help lists the options`);
  }
}

/** Refuses an option that there is not, with the nearest one that there is. */
function checkNames({ options = {}, ...config }: ParseArgsConfig): void {
  const { tokens } = parseArgs({ ...config, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    const nearest = nearestName(token.name, Object.keys(options));
    const hint = nearest === undefined ? '--help lists the options' : `did you mean --${nearest}?`;
    throw new UsageError(`Unknown option '${token.rawName}'; ${hint}`);
  }
}

/** Turns `--rate -1` into `--rate=-1`, so that a negative value gets our message and not that of the parser. */
function joinNegativeValues(options: Readonly<Record<string, Option>>, args: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const option = args[i]!.startsWith('--') ? options[args[i]!.slice(2)] : undefined;
    const next = args[i + 1];
    if (option && option.kind !== 'flag' && next !== undefined && /^-\d|^-\./.test(next))
      result.push(`${args[i++]}=${next}`);
    else result.push(args[i]!);
  }
  return result;
}

/** Reads the value of an option; a UsageError where it is not allowed. */
function valueOf(
  name: string,
  option: Option,
  given: string | boolean | undefined,
): string | number | boolean | undefined {
  const { kind, initial, choices } = option;
  if (kind === 'flag') return given === true;
  if (typeof given !== 'string') return initial;
  if (given === '' || (kind !== 'text' && given.trim() === '')) throw new UsageError(`--${name} must not be empty`);
  if (kind !== 'text') return numberOf(name, kind, option, given);
  if (!choices) return given;
  const chosen = choices.find((choice) => choice.toLowerCase() === given.toLowerCase());
  if (chosen !== undefined) return chosen;
  throw new UsageError(`--${name} must be ${choices.join(' or ')}, got ${given}`);
}

function numberOf(
  name: string,
  kind: 'count' | 'seed' | 'number',
  { most = Number.MAX_VALUE, least, below = Infinity }: Option,
  given: string,
): number {
  const number = Number(given);
  const allowed = {
    count: Number.isSafeInteger(number) && number >= 1,
    seed: Number.isSafeInteger(number) && number >= 0 && number < 2 ** 32,
    number: least === undefined ? number > 0 : number >= least,
  }[kind];
  if (allowed && number <= most && number < below) return number;
  const what = {
    count: 'a positive integer',
    seed: 'an integer from 0 to 4294967295',
    number: least === undefined ? 'a positive number' : `a number from ${least}`,
  }[kind];
  const bound = most < Number.MAX_VALUE ? ` up to ${most}` : below < Infinity ? ` below ${below}` : '';
  throw new UsageError(`--${name} must be ${what}${bound}, got ${given}`);
}

function helpText(
  usage: string,
  about: string,
  options: Readonly<Record<string, Option>>,
  argument: string | undefined,
): string {
  const rows: (readonly [left: string, right: string])[] = [];
  for (const [name, option] of [
    ...Object.entries(options),
    ['help', { kind: 'flag', help: 'print this text' }] as const,
  ]) {
    const { kind, help, value, initial, choices = [] }: Option = option;
    const short = choices.join('|');
    const listed = short.length > SHORT;
    const what =
      value ?? (short !== '' && !listed ? short : { flag: '', text: 'TEXT', count: 'N', seed: 'N', number: 'X' }[kind]);
    rows.push([`  --${name} ${what}`.trimEnd(), initial === undefined ? help : `${help} (${initial})`]);
    if (listed) for (let i = 0; i < choices.length; i += 5) rows.push(['', `  ${choices.slice(i, i + 5).join(', ')}`]);
  }
  const columns = terminalColumns();
  const said = columns === Infinity ? about : fold(about.replaceAll('\n', ' '), Math.min(columns, 100)).join('\n');
  const how = `  ${usage}${argument === undefined ? '' : ` [${argument}]`} [options]`;
  return `${said}\n\n${how}\n\n${helpTable(rows, columns)}\n`;
}

/** Most characters of choices that the help shows in place of a value's name. */
const SHORT = 24;
