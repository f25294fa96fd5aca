import { basename } from 'node:path';

/** Gives the words that start a script: `npx tsx pipelines/names.ts`, or `npx rxrnn names` where it was compiled. */
export function invocation(script: string): readonly string[] {
  return script.endsWith('.js') ? ['npx', 'rxrnn', basename(script, '.js')] : ['npx', 'tsx', script];
}
