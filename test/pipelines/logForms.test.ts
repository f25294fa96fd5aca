// Logs as programs write them, each through the monitor: `logs/NAME.txt` has usual lines, which are repeated with other
// numbers, and behind an empty line (in journald's export format: two) what is odd.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Scored } from '../../pipelines/surprise/scored.js';
import { seeded } from '../../src/random/seeded.js';
import { emptyFolder, runScript } from './runScript.js';

const REPEATED = 100;
/** Every character that steers a terminal, line feeds aside. */
const STEERING = /[^\P{Cc}\n]/u;

interface Expected {
  readonly format: string;
  readonly severity: string | null;
  /** Of the odd record's first line. */
  readonly template: RegExp;
  readonly time: string;
  /** What the alarm says to a person, besides the line. */
  readonly says: readonly RegExp[];
  /** What it leaves out. */
  readonly without?: RegExp;
}

const forms: Readonly<Record<string, Expected>> = {
  pino: {
    format: 'json',
    severity: 'error',
    template: /^order failed$/,
    time: '2026-01-02T03:11:39.000Z',
    says: [/^ +PoolError: no connection after 3000 ms$/m, /^ +at createOrder \(\/app\/src\/orders\.js:44:12\)$/m],
    without: /^ +at Pool\.take/m,
  },
  'winston-json': {
    format: 'json',
    severity: 'error',
    template: /^signing key is not readable: EACCES$/,
    time: '2026-01-02T03:09:05.402Z',
    says: [/^ +at readKey \(\/srv\/accounts\/keys\.js:12:11\)$/m],
    without: /^ +at Server/m,
  },
  'winston-printf': {
    format: 'plain',
    severity: 'error',
    template: /^signing key is not readable$/,
    time: '2026-01-02T03:09:05.402Z',
    says: [/EACCES: permission denied, open/, /^ +at readKey \(\/srv\/accounts\/keys\.js:12:11\)$/m],
    without: /^ +at Object\.openSync/m,
  },
  'nginx-access': {
    format: 'access',
    severity: 'error',
    template: /^<\*> GET \/\.env/,
    time: '2026-01-02T03:09:08.000Z',
    says: [/zgrab/],
  },
  'nginx-error': {
    format: 'plain',
    severity: 'error',
    template: /connect\(\) failed .*Connection refused/,
    time: '2026-01-02T03:09:08.000Z',
    says: [/connect\(\) failed \(111: Connection\s+refused\)/],
  },
  'journald.json': {
    format: 'json',
    severity: 'critical',
    template: /^EXT<\*>-fs error: journal aborted$/,
    time: '2026-01-02T03:09:07.120Z',
    says: [/critical/],
  },
  'journald.export': {
    format: 'json',
    severity: 'critical',
    template: /^EXT<\*>-fs error: journal aborted remounting read-only$/,
    time: '2026-01-02T03:09:07.120Z',
    says: [/remounting read-only/],
  },
  docker: {
    format: 'plain',
    severity: 'error',
    template: /^broker rejected the message, <\*> are waiting link$/,
    time: '1970-01-01T03:09:08.000Z',
    says: [/broker rejected the message, 4 are waiting link/],
  },
  java: {
    format: 'plain',
    severity: 'error',
    template: /^order <\*> failed$/,
    time: '2026-01-02T03:09:06.001Z',
    says: [
      /com\.acme\.db\.PoolException: no connection after 3000 ms/,
      /^ +at com\.acme\.db\.Pool\.take\(Pool\.java:91\)$/m,
      /^ +Caused by: java\.net\.SocketException: Connection reset$/m,
      /^ +at com\.acme\.db\.Driver\.read\(Driver\.java:210\)$/m,
    ],
    without: /springframework|NioSocketImpl|Orders\.create/,
  },
};

for (const [name, expected] of Object.entries(forms)) {
  test(`${name}: fields, template and alarm`, async () => {
    const folder = emptyFolder();
    const path = join(folder, 'app.log');
    const text = readFileSync(new URL(`logs/${name}.txt`, import.meta.url));
    const between = name === 'journald.export' ? '\n\n\n' : '\n\n';
    const at = text.indexOf(between);
    const usual = text.subarray(0, at).toString('utf8').split(name === 'journald.export' ? '\n\n' : '\n'); // prettier-ignore
    const random = seeded(name);
    const lines = Array.from({ length: REPEATED }, () => usual.map((record) => varied(record, random.integer))).flat();
    const end = name === 'journald.export' ? '\n\n' : '\n';
    writeFileSync(path, Buffer.concat([Buffer.from(lines.map((line) => line + end).join('')), text.subarray(at + between.length)])); // prettier-ignore

    const json = await runScript('surprise.ts', [path, '--learn', '--json'], folder);
    assert.is(json.stderr, '');
    assert.not.match(json.stdout, STEERING);
    const scored = json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Scored & { format: string; isNew: boolean }); // prettier-ignore
    const odd = scored[lines.length]!;
    const { format, severity, time, templateText, template } = odd;
    assert.equal(
      [format, severity, new Date(time!).toISOString()],
      [expected.format, expected.severity, expected.time],
    );
    assert.match(templateText!, expected.template);
    assert.not.match(templateText!, STEERING);
    const templates = new Set(scored.slice(0, lines.length).map((line) => line.template));
    assert.ok(templates.size <= usual.length + 1, `${templates.size} templates of ${usual.length} kinds of lines`);
    assert.is(templates.has(template), false);
    assert.ok(scored.slice(20, lines.length).every((line) => line.time !== null && line.severity !== undefined));
    assert.equal(scored.slice(0, lines.length).filter(({ alarm }) => alarm).map(({ line }) => line), []); // prettier-ignore
    assert.ok(scored.slice(lines.length).some(({ alarm }) => alarm), `no alarm: ${odd.score}`); // prettier-ignore

    const shown = await runScript('surprise.ts', [path, '--learn'], folder);
    assert.not.match(shown.stdout, STEERING);
    assert.is(shown.stdout.match(/^(?:STRANGE|BURST)/gm)?.length, 1, shown.stdout);
    assert.ok(shown.stdout.split('\n').length < 24, shown.stdout);
    for (const what of expected.says) assert.match(shown.stdout, what);
    assert.not.match(shown.stdout, /\{"/, 'JSON is not for people');
    if (expected.without) assert.not.match(shown.stdout, expected.without);
  });
}

/** A line with other numbers, of as many digits, but for times, of which the last digits go on. */
function varied(line: string, integer: (below: number) => number): string {
  return line.replaceAll(/(?<![\d:.T/-])\d{1,4}(?![\d:T/-]|\.\d)/g, (digits) =>
    digits.length < 2 || /^(?:20\d\d|30|200|201|100|10|11|22|6|5)$/.test(digits)
      ? digits
      : String(Number(digits) - integer(1 + Math.floor(Number(digits) / 5))),
  );
}

test.run();
