// Makes logs with planted lines: `npx tsx test/bench/tasks/plantLogs.ts FOLDER --out DIR`, a folder with NAME_2k.log of
// loghub. Each gets 30 lines, as NAME0_planted.log and .json: 10 odd ones, a trace of 10 lines and a spray of 10. Their texts
// are our own, in plantedLines.json; {d} is a digit, {N} a long number, {P} a port, {I} an address, {U} a user.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { seeded } from '../../../src/random/seeded.js';

interface Texts {
  readonly systems: Readonly<
    Record<string, { readonly header: string; readonly odd: string[]; readonly burst: string[] }>
  >;
  readonly generic: readonly string[];
  readonly traces: readonly (readonly string[])[];
  readonly users: readonly string[];
  readonly nets: readonly string[];
}
interface Planted {
  readonly at: number;
  readonly kind: 'odd' | 'trace' | 'burst';
  readonly lines: readonly string[];
}

const LOGS = 4; // of each system
const FIRST = 250; // line before which nothing is planted
const SYSLOG = ['OpenSSH', 'Linux', 'Mac', 'Thunderbird']; // whose lines have the name of a program

await command(import.meta.url, {
  about: 'Makes logs with planted lines.',
  argument: 'FOLDER',
  options: { out: { kind: 'text', value: 'DIR', help: 'where to write them (planted)', initial: 'planted' } },
  run({ out }, folder) {
    if (folder === undefined) throw new UsageError('the folder of the logs is needed');
    const texts = JSON.parse(readFileSync(new URL('plantedLines.json', import.meta.url), 'utf8')) as Texts;
    mkdirSync(out, { recursive: true });
    for (const name of Object.keys(texts.systems)) {
      if (!readdirSync(folder).includes(`${name}_2k.log`)) continue;
      const lines = readFileSync(join(folder, `${name}_2k.log`), 'utf8').split(/\r?\n/).filter((line) => line !== ''); // prettier-ignore
      for (let number = 0; number < LOGS; number++) plant(texts, name, number, lines, join(out, `${name}${number}`));
    }
    return Promise.resolve();
  },
});

function plant(texts: Texts, name: string, number: number, lines: readonly string[], path: string): void {
  const random = seeded(`${name} ${number}`);
  const { header, odd, burst } = texts.systems[name]!;
  const pattern = new RegExp(header);
  const net = texts.nets[random.integer(texts.nets.length)]!;
  const users = shuffled(texts.users);
  const taken: number[] = [];

  function shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(random.integer(left.length), 1)[0]!);
  }
  function fill(text: string, i = 0): string {
    const values: Readonly<Record<string, () => string | number>> = {
      d: () => 1 + random.integer(9),
      N: () => `${random.integer(1e9)}${random.integer(1e9)}`,
      h: () => random.integer(256).toString(16).padStart(2, '0'),
      P: () => 26_000 + 37 * i,
      I: () => net + String(40 + i),
      U: () => users[i]!,
    };
    return text.replaceAll(/\{(\w)\}/g, (_, name: string) => String(values[name]!()));
  }
  function place(): number {
    for (;;) {
      const at = FIRST + random.integer(lines.length - FIRST - 10);
      if (!pattern.test(lines[at]!) || taken.some((other) => Math.abs(other - at) < 3)) continue;
      taken.push(at);
      return at;
    }
  }
  const headerAt = (at: number): string => pattern.exec(lines[at]!)![1]!;
  const own = shuffled(odd).slice(0, number === LOGS - 1 ? 5 : 8);
  const others = shuffled(texts.generic).slice(0, 10 - own.length);
  const program = SYSLOG.includes(name) ? 'agentd[2118]: ' : '';
  const planted: Planted[] = [...own, ...others.map((text) => program + text)].map((text) => {
    const at = place();
    return { at, kind: 'odd', lines: [headerAt(at) + fill(text)] };
  });
  const trace = texts.traces[random.integer(texts.traces.length)]!;
  planted.push({ at: place(), kind: 'trace', lines: trace.map((line) => fill(line)) });
  const at = place();
  const spray = burst[number % burst.length]!;
  planted.push({ at, kind: 'burst', lines: Array.from({ length: 10 }, (_, i) => headerAt(at) + fill(spray, i)) });

  const all: string[] = [];
  const anomalies: { line: number; kind: string }[] = [];
  for (const [i, line] of lines.entries()) {
    for (const one of planted.filter(({ at }) => at === i)) {
      for (const text of one.lines) anomalies.push({ line: all.push(text) - 1, kind: one.kind });
    }
    all.push(line);
  }
  writeFileSync(`${path}_planted.log`, `${all.join('\n')}\n`);
  writeFileSync(`${path}_planted.json`, JSON.stringify({ lines: all.length, anomalies }));
}
