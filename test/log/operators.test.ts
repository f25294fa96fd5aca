import { test } from 'uvu';
import { burst, drain, logRecords, quantileThreshold, surprisalByLine } from '../../src/index.js';
import { operatorTable, row } from '../support/operatorTable.js';

const lines = { a: 'job 1 done', b: 'job 2 done', c: 'disk full' };
const notText = { a: 'job 1 done', x: 7 as never };

const at = (time: number) => ({ key: 'k', time });

operatorTable({
  surprisalByLine: row({
    operator: () => surprisalByLine(),
    values: lines,
    results: { a: [1, 0], b: [2, 0], c: [3, 1] },
    look: ({ number, template }) => [number, template],
    throws: {
      values: notText,
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('surprisalByLine: line 1 must be a string, got 7'),
    },
  }),
  quantileThreshold: row({
    operator: () => quantileThreshold({ oneIn: 1, minValues: 1 }),
    values: { a: 1, b: 2, c: 3 },
    results: { a: 1, b: 2, c: 3 },
    look: ({ value }) => value,
    throws: {
      values: { a: 1, n: NaN },
      diagrams: ['-a-n', '-a-#'],
      error: new RangeError('quantileThreshold: value 1 must be a finite number, got NaN'),
    },
  }),
  burst: row({
    operator: () => burst<string>({ interval: 5 }),
    values: { a: at(0), b: at(1), c: at(9) },
    results: { a: 0, b: 1, c: 0 },
    look: ({ before }) => before,
    throws: {
      values: { a: at(0), n: at(Infinity) },
      diagrams: ['-a-n', '-a-#'],
      error: new RangeError('burst: time of event 1 must be finite, got Infinity'),
    },
  }),
  drain: row({
    operator: () => drain(),
    values: lines,
    results: { a: 0, b: 0, c: 1 },
    look: ({ id }) => id,
    throws: {
      values: notText,
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('drain: line 1 must be a string, got 7'),
    },
  }),
  logRecords: row({
    operator: () => logRecords(),
    values: { a: 'first', b: '  at second', c: 'third' },
    results: { x: ['first', 1, 1], y: ['third', 3, 0] },
    look: ({ message, number, rest }) => [message, number, rest.length],
    emits: ['-a-b-c-|', '-----x-(y|)'],
    fails: ['-a-b-c-#', '-----x-(y#)'],
    throws: {
      values: notText,
      diagrams: ['-x', '-#'],
      error: new TypeError('logRecords: line 0 must be a string, got 7'),
    },
  }),
});

test.run();
