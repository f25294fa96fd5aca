import { execFileSync } from 'node:child_process';
import { ROOT } from './programOf.js';

let files: readonly string[] | undefined;

/** The files of the package, as npm would pack them now: those of dist only where it was built. */
export function packedFiles(): readonly string[] {
  files ??= listed();
  return files;
}

function listed(): string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--no-update-notifier'];
  const printed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ files }] = JSON.parse(printed) as [{ readonly files: readonly { readonly path: string }[] }];
  return files.map(({ path }) => path);
}
