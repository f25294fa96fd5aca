// Checks the digests and the kernel on several versions of Node, which npm brings into a temporary folder:
// `npm run digest:nodes [-- 20 22 24 26]`. From Node 24 on both run with vectors of 256 bits too, and a fuzz compares the
// two. It needs the registry and is not a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const given = process.argv.slice(2);
const versions = given.length > 0 ? given : ['20', '22', '24', '26'];
const tsx = import.meta.resolve('tsx');
const test = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [digest, kernel] = [test('digest/digest.ts'), test('kernel/wasm/wasm.test.ts')];
const startWide = new URL('../kernel/wasm/startWide.ts', import.meta.url).href;
const RUNS: readonly (readonly [name: string, from: number, args: readonly string[]])[] = [
  ['digests, 128 bits', 0, [digest, '--no-wide']],
  ['digests, 256 bits', 24, ['--import', startWide, digest]],
  ['kernel, 128 bits', 0, [kernel]],
  ['kernel, 256 bits', 24, ['--import', startWide, kernel]],
  ['256 bits against 128', 24, [test('fuzz/wide.ts')]],
];

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-nodes-'));
let failed = 0;
try {
  for (const version of versions) {
    const prefix = join(folder, version);
    console.log(`--- node@${version}`);
    const npm = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--no-save', `node@${version}`];
    const installed = run('npm', npm, 'npm install');
    const node = join(prefix, 'node_modules', 'node', 'bin', 'node');
    const due = RUNS.filter(([, from]) => Number.parseInt(version, 10) >= from);
    const passed = installed && due.filter(([name, , args]) => run(node, ['--import', tsx, ...args], name)).length;
    if (passed !== due.length) failed += 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${versions.length - failed} of ${versions.length} versions agree`);
process.exitCode = failed > 0 ? 1 : 0;

/** Runs a program and prints its last line; everything where it fails. */
function run(program: string, args: readonly string[], name: string): boolean {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 3_600_000 });
  if (status === 0) console.log(`${name}: ${stdout.trim().split('\n').at(-1)}`);
  else console.log(`${name}: exit status ${status}\n${stdout}${stderr}`);
  return status === 0;
}
