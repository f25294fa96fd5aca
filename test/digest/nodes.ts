// Checks the digests on several versions of Node, which npx brings: `npm run digest:nodes [-- 20 22 24]`. It needs the
// registry and is not a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const given = process.argv.slice(2);
const versions = given.length > 0 ? given : ['20', '22', '24'];
const tsx = import.meta.resolve('tsx');
const script = fileURLToPath(new URL('digest.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-nodes-')); // npx leaves nothing in the project
let failed = 0;
try {
  for (const version of versions) {
    const command = ['--yes', '-p', `node@${version}`, 'node', '--import', tsx, script];
    const { status, stdout, stderr } = spawnSync('npx', command, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
    process.stdout.write(`--- node@${version}\n${stdout}`);
    if (status === 0) continue;
    failed += 1;
    process.stdout.write(`${stderr}\nnode@${version}: exit status ${status}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${versions.length - failed} of ${versions.length} versions agree`);
process.exitCode = failed > 0 ? 1 : 0;
