// Runs every test file in a process of its own and counts: `tsx test/run.ts [FILE | FOLDER ...]`.
// A file fails when a test in it fails, when it has no test, or when it takes longer than LIMIT.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Time limit of one file, in milliseconds. */
const LIMIT = Number(process.env['TEST_LIMIT_MS'] ?? 480_000);

interface Report {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
  readonly seconds: number;
}

const roots = process.argv.slice(2);
for (const path of roots.filter((path) => !existsSync(path))) {
  console.log(`there is no file or folder ${path}`);
  process.exit(1);
}
const files = (roots.length > 0 ? roots : ['test']).flatMap(testFiles).toSorted();
const reports: Report[] = [];
const queue = [...files];
await Promise.all(Array.from({ length: Math.min(availableParallelism(), files.length) }, work));

const passed = reports.reduce((sum, report) => sum + report.passed, 0);
const failed = reports.reduce((sum, report) => sum + report.failed, files.length === 0 ? 1 : 0);
if (files.length === 0) console.log(`no test file under ${roots.join(', ')}`);
const skipped = reports.filter(({ skipped }) => skipped > 0);
for (const { file, skipped: count } of skipped) console.log(`skipped ${count} in ${file}`);
const sum = skipped.reduce((all, { skipped }) => all + skipped, 0);
console.log(`${passed} passed, ${failed} failed${sum > 0 ? `, ${sum} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const report = await run(file);
    reports.push(report);
    const { passed, failed, skipped, seconds, output } = report;
    const counts = `${passed}/${passed + failed}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    console.log(`${failed > 0 ? 'FAIL' : ' ok '} ${file}  ${counts}  ${seconds.toFixed(1)} s`);
    if (failed > 0) console.log(output);
  }
}

function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name));
}

function run(file: string): Promise<Report> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let late = false;
    const collect = (chunk: string): void => void (output += chunk);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, LIMIT);
    child.on('close', (code) => {
      clearTimeout(timer);
      const total = count(output, 'Total');
      const passed = count(output, 'Passed');
      const skipped = count(output, 'Skipped');
      const none = total + skipped === 0;
      const reason = late ? `took longer than ${LIMIT} ms` : none ? 'has no test' : `exit status ${code}`;
      const broken = late || none || code !== 0;
      const failed = Math.max(total - passed, broken ? 1 : 0);
      const seconds = (performance.now() - started) / 1000;
      resolve({
        file,
        passed,
        failed,
        skipped,
        seconds,
        output: broken ? `${output}\n${file}: ${reason}` : output,
      });
    });
  });
}

/** Reads a number of uvu's summary, such as `Total: 3`; those of several runs in one file add up. */
function count(output: string, label: string): number {
  return [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].reduce((sum, [, n]) => sum + Number(n), 0);
}
