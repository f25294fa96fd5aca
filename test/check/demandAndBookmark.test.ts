// The options `demand` and `bookmark` are refused at once, by the function that was given them.
import { identity } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpoint } from '../../src/checkpoint/checkpoint.js';
import { shuffle } from '../../src/flow/shuffle.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { trainer } from '../../src/learn/trainer.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { bytes } from '../../src/source/bytes.js';
import { csv } from '../../src/source/csv.js';
import { follow } from '../../src/source/follow.js';
import { lines } from '../../src/source/lines.js';
import { stdin } from '../../src/source/stdin.js';
import { stdinLines } from '../../src/source/stdinLines.js';
import { text } from '../../src/source/text.js';
import { textLanes } from '../../src/source/textLanes.js';
import { lanes } from '../../src/token/lanes.js';
import { windows } from '../../src/token/windows.js';

const run = trainer(sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) }), { optimizer: adam() });
const FILE = 'data/dinosaurs.csv';

const demanded: Readonly<Record<string, (demand: never) => unknown>> = {
  bytes: (demand) => bytes(FILE, { demand }),
  csv: (demand) => csv(FILE, { columns: ['name'], demand }),
  follow: (demand) => follow(FILE, { demand }),
  lines: (demand) => lines(FILE, { demand }),
  stdin: (demand) => stdin({ demand }),
  stdinLines: (demand) => stdinLines({ demand }),
  text: (demand) => text(FILE, { demand }),
  textLanes: (demand) => textLanes(FILE, { lanes: 2, demand }),
};
const marked: Readonly<Record<string, (bookmark: never) => unknown>> = {
  bytes: (bookmark) => bytes(FILE, { bookmark }),
  checkpoint: (bookmark) => checkpoint({ trainer: run, folder: 'nowhere', every: 1, bookmark }),
  lanes: (bookmark) => lanes([0, 1, 2, 3], 2, { bookmark }),
  shuffle: (bookmark) => shuffle({ size: 2, random: () => seeded(1), bookmark }),
  text: (bookmark) => text(FILE, { bookmark }),
  textLanes: (bookmark) => textLanes(FILE, { lanes: 2, bookmark }),
  windows: (bookmark) => windows({ steps: 2, bookmark }),
};

for (const [name, call] of Object.entries(demanded)) {
  test(`${name} refuses a demand that is none`, () => {
    for (const [value, got] of [
      [5, '5'],
      [identity, 'function identity'],
    ] as const) {
      assert.is(refusal(call, value), `TypeError: ${name}: demand must be a demand, such as unlimited, got ${got}`);
    }
  });
}

for (const [name, call] of Object.entries(marked)) {
  test(`${name} refuses a bookmark that is none`, () => {
    for (const [value, got] of [
      [{ epoch: 0, stages: {} }, '{"epoch":0,"stages":{}}'],
      ['here', '"here"'],
    ] as const) {
      assert.is(refusal(call, value), `TypeError: ${name}: bookmark must be what bookmark() makes, got ${got}`);
    }
  });
}

test.run();

function refusal(call: (value: never) => unknown, value: unknown): string {
  try {
    call(value as never);
    return 'accepted';
  } catch (error) {
    return String(error);
  }
}
