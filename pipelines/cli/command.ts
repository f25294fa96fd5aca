import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** One option of a script: `--name VALUE`, or `--name` alone for a flag. */
export interface Option {
  readonly kind: 'flag' | 'text' | 'count' | 'seed' | 'number';
  readonly help: string;
  readonly initial?: string | number;
  /** The values a text may have. */
  readonly choices?: readonly string[];
  /** The largest value a count or number may have. */
  readonly most?: number;
  /** What a number must stay below. */
  readonly below?: number;
  /** The least value a number may have; above 0 without it. */
  readonly least?: number;
}

type Value<O extends Option> = O['kind'] extends 'flag' ? boolean : O['kind'] extends 'text' ? string : number;
export type Values<S extends Readonly<Record<string, Option>>> = {
  readonly [K in keyof S]: S[K] extends { kind: 'flag' } | { initial: string | number }
    ? Value<S[K]>
    : Value<S[K]> | undefined;
};

export interface Command<S extends Readonly<Record<string, Option>>> {
  readonly about: string;
  readonly options: S;
  /** The one argument that is no option, where the script takes one: its name in the help, such as FILE. */
  readonly argument?: string;
  run(values: Values<S>, argument?: string): Promise<void>;
}

/** A mistake of the user's: one line, exit status 2. */
export class UsageError extends Error {}

/**
 * Runs a script when it is the one that was started, not when it is imported: reads its options, answers `--help`,
 * and turns whatever goes wrong into one line on stderr and exit status 2.
 */
export async function command<const S extends Readonly<Record<string, Option>>>(
  url: string,
  { about, options, argument, run }: Command<S>,
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const path = fileURLToPath(url).slice(fileURLToPath(new URL('../..', import.meta.url)).length);
  const script = path.split('/').at(-1)!;
  let told = false;
  function fail(error: unknown, ofOutput = error === process.stdout.errored): void {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    const what = ofOutput ? 'standard output cannot be written: ' : '';
    if (!told) process.stderr.write(`${script}: ${what}${line}\n`);
    told = true;
    process.exitCode = 2;
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0); // the reader left, as `| head` does: an ordinary end
    fail(error, true);
    process.exit();
  });
  try {
    const read = readOptions(options, process.argv.slice(2), argument);
    if (read === 'help') process.stdout.write(help(path, about, options, argument));
    else await run(read.values, read.given);
  } catch (error) {
    fail(error);
  }
}

function readOptions<S extends Readonly<Record<string, Option>>>(
  options: S,
  args: readonly string[],
  argument: string | undefined,
): { values: Values<S>; given?: string } | 'help' {
  const types: Record<string, { type: 'boolean' | 'string' }> = { help: { type: 'boolean' } };
  for (const [name, { kind }] of Object.entries(options))
    types[name] = { type: kind === 'flag' ? 'boolean' : 'string' };
  const allowPositionals = argument !== undefined;
  const { values, positionals } = parsed({ args: joined(options, args), options: types, allowPositionals });
  if (values['help']) return 'help';
  if (positionals.length > 1) throw new UsageError(`one ${argument} at most, got also ${positionals[1]}`);
  const entries = Object.entries(options).map(([name, option]) => [name, value(name, option, values[name])]);
  const [given] = positionals;
  return { values: Object.fromEntries(entries) as Values<S>, ...(given !== undefined && { given }) }; // each by its option's kind
}

/** The parser's answer; of what it has to say about a mistake, the first sentence. */
function parsed<C extends ParseArgsConfig>(config: C): ReturnType<typeof parseArgs<C>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [mistake] = (error as Error).message.split(/\.? (?=To specify|This command)|\n/);
    throw new UsageError(`${mistake}; --help lists the options`);
  }
}

/** `--rate -1` as `--rate=-1`: a value may begin with a minus, and then deserves our answer, not that of the parser. */
function joined(options: Readonly<Record<string, Option>>, args: readonly string[]): string[] {
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

function value(
  name: string,
  option: Option,
  given: string | boolean | undefined,
): string | number | boolean | undefined {
  const { kind, initial, choices } = option;
  if (kind === 'flag') return given === true;
  if (typeof given !== 'string') return initial;
  if (given === '' || (kind !== 'text' && given.trim() === '')) throw new UsageError(`--${name} must not be empty`);
  if (kind !== 'text') return numeric(name, kind, option, given);
  if (!choices || choices.includes(given)) return given;
  throw new UsageError(`--${name} must be ${choices.join(' or ')}, got ${given}`);
}

function numeric(
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

function help(
  path: string,
  about: string,
  options: Readonly<Record<string, Option>>,
  argument: string | undefined,
): string {
  const rows = [...Object.entries(options), ['help', { kind: 'flag', help: 'this text' }] as const].map(
    ([name, option]) => {
      const { kind, help, initial, choices }: Option = option;
      const argument =
        kind === 'flag' ? '' : ` ${choices?.join('|') ?? { text: 'TEXT', count: 'N', seed: 'N', number: 'X' }[kind]}`;
      return [`  --${name}${argument}`, initial === undefined ? help : `${help} (${initial})`];
    },
  );
  const width = Math.max(...rows.map(([left]) => left!.length)) + 3;
  return `${about}\n\n  npx tsx ${path}${argument === undefined ? '' : ` [${argument}]`} [options]\n\n${rows.map(([left, right]) => left!.padEnd(width) + right).join('\n')}\n`;
}
