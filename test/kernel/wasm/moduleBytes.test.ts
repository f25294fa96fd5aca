import { deflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inflate } from '../../../src/kernel/wasm/inflate.js';
import { moduleBytes } from '../../../src/kernel/wasm/moduleBytes.js';
import { float32, float64 } from '../../../src/kernel/wasm/modules.js';
import { seeded } from '../../../src/random/seeded.js';

const random = seeded('inflate');
const INPUTS: Readonly<Record<string, Uint8Array>> = {
  none: new Uint8Array(),
  one: Uint8Array.of(7),
  'all equal': new Uint8Array(100_000).fill(3),
  'of four kinds': Uint8Array.from({ length: 50_000 }, () => random.integer(4)),
  'without order': Uint8Array.from({ length: 150_000 }, () => random.integer(256)), // more than a block that is stored
  'repeated from afar': new Uint8Array(120_000).map((_, i) => ((i % 32_700) * 31) >> 3),
  text: new TextEncoder().encode(Array.from({ length: 4000 }, (_, i) => `line ${i * i} of many\n`).join('')),
};
/** zlib's: its own choice, only entropy coding, runs, the fixed codes. */
const STRATEGIES = [0, 2, 3, 4];

for (const [name, bytes] of Object.entries(INPUTS)) {
  test(`what zlib deflates is inflated: ${name}`, () => {
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of STRATEGIES) {
        const packed = new Uint8Array(deflateRawSync(bytes, { level, strategy }));
        const found = inflate(packed, bytes.length);
        assert.ok(Buffer.from(found).equals(bytes), `level ${level}, strategy ${strategy}`);
      }
    }
  });
}

test('modules are the same with and without the parts of Node', () => {
  for (const [dtype, { bytes, deflated }] of Object.entries({ float32, float64 })) {
    const whole = moduleBytes(dtype as 'float32' | 'float64');
    assert.is(whole.length, bytes);
    assert.equal([...whole.subarray(0, 4)], [0, 97, 115, 109]); // \0asm
    assert.ok(Buffer.from(inflate(Buffer.from(deflated, 'base64'), bytes)).equals(whole));
  }
});

test.run();
