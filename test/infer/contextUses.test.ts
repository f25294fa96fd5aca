import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contextMemory, FIELDS, FIRST, NONE } from '../../src/infer/contextMemory.js';
import { contextUses } from '../../src/infer/contextUses.js';
import { seeded } from '../../src/random/seeded.js';

for (const last of [40, 1000, undefined]) {
  test(`the least recently used is dropped first; uses are counted up to ${last ?? 'the default'}`, () => {
    const memory = contextMemory(0);
    const uses = contextUses(memory, last);
    const order = new Set<number>(); // the least recent first
    const random = seeded(5);
    for (let round = 0; round < 3000; round++) {
      const known = [...order];
      const choice = random.uniform();
      if (known.length > 0 && (choice < 0.3 || known.length === 30)) {
        const context = uses.leastRecent();
        assert.is(context, known[0]);
        order.delete(context);
        memory.fields[context * FIELDS + FIRST] = NONE;
        memory.giveContextBack(context);
        continue;
      }
      const context =
        known.length === 0 || choice < 0.6 ? memory.takeContext() : known[Math.floor(random.uniform() * known.length)]!;
      memory.fields[context * FIELDS + FIRST] = 0;
      uses.add(context);
      order.delete(context);
      order.add(context);
    }
    assert.ok(memory.made() <= 30);
  });
}

test.run();
