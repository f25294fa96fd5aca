import { webAssembly } from '../../src/kernel/wasm/webAssembly.js';
import type { Dtype } from '../../src/types.js';

/** A name that TypeScript does not follow: the compiler's types declare globals of their own. */
const COMPILER = ['assemblyscript', 'asc'].join('/');

interface Compiler {
  main(
    options: readonly string[],
    files: object,
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/** As much arithmetic as registers allow, nothing loaded: seven products and seven sums, n times. */
const SOURCE = `
export function peak(n: i32, factor: Real): Real {
  const f = v128.splat<Real>(factor);
  ${sums((i) => `let x${i} = f; let s${i} = f;`)}
  for (let i = 0; i < n; i++) {
    ${sums((i) => `x${i} = v128.mul<Real>(x${i}, f); s${i} = v128.add<Real>(s${i}, x${i});`)}
  }
  ${sums((i) => (i === 0 ? '' : `s0 = v128.add<Real>(s0, s${i});`))}
  return v128.extract_lane<Real>(s0, 0);
}`;

function sums(line: (i: number) => string): string {
  return Array.from({ length: 7 }, (_, i) => line(i)).join('\n');
}

/** What products are measured against: a loop of vector products and sums that fills the registers, by WebAssembly. */
export async function registerPeak(dtype: Dtype): Promise<(loops: number, factor: number) => number> {
  const { default: asc } = (await import(COMPILER)) as { default: Compiler };
  const real = dtype === 'float32' ? 'f32' : 'f64';
  const options = ['--use', `Real=${real}`, '--use', 'abort=', '--runtime', 'stub', '-O3', '--enable', 'simd'];
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['peak.ts', ...options, '--outFile', 'peak.wasm'], {
    readFile: (name: string) => (name === 'peak.ts' ? SOURCE : null),
    writeFile(_name: string, contents: Uint8Array) {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`peak: ${error?.message ?? 'nothing was compiled'}\n${stderr.toString()}`);
  const { exports } = new webAssembly!.Instance(new webAssembly!.Module(binary), {});
  return (exports as { peak(loops: number, factor: number): number }).peak;
}
