// Bundles tests, with the code they test, for runner.ts: `tsx bundle.ts OUT TEST...`, in Stryker's copy of the project,
// which has tools but no packages yet.
import { execFileSync } from 'node:child_process';

const SUITES = './test/mutation/suites.ts';
const [outfile = '', ...paths] = process.argv.slice(2);
const options = [
  '--bundle',
  '--format=esm',
  '--platform=node',
  '--target=node20',
  '--packages=external',
  '--ignore-annotations', // tests are side effects
  '--alias:uvu/assert=uvu/assert',
  `--alias:uvu=${SUITES}`,
  `--outfile=${outfile}`,
  '--log-level=warning',
];
const input = [`export { tests } from '${SUITES}';`, ...paths.map((path) => `import './${path}';`)].join('\n');
execFileSync('esbuild', options, { input });
