import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGolden } from './checkGolden.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are goldens of every kind', () => {
  assert.ok(files.length >= 7, files.join(', '));
});

for (const name of files) {
  test(`agrees with ${name}`, async () => {
    const { failures, count } = await checkGolden(join(folder, name));
    assert.equal(failures, []);
    assert.ok(count > 50, `${count} values compared`);
  });
}

// Negative controls: a check that cannot fail is worthless.

const copy = (name: string, change: (text: string) => string, as = name): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'goldens-')), as);
  writeFileSync(path, change(readFileSync(join(folder, name), 'utf8')));
  return path;
};

const changes: [name: string, file: string, change: (text: string) => string, failure: RegExp][] = [
  [
    'a state off by 1e-9',
    'sys2-srn-tanh.json',
    (t) => t.replace('"state_after":[0.9640275800758169', '"state_after":[0.9640275810758169'),
    /step 0 state/,
  ],
  [
    'a printed digit',
    'sys2-srn-tanh.json',
    (t) => t.replace('1.9280551601516338 1.92', '1.9280551611516338 1.92'),
    /stdout/,
  ],
  [
    'a source that is not masked',
    'sys8-attention-seq2seq.json',
    (t) => t.replace('"masked": true', '"masked": false').replace('"masked":true', '"masked":false'),
    /reversal float64/,
  ],
  ['another weight', 'sys1-srn-linear.json', (t) => t.replace('"w":[1,', '"w":[1.5,'), /step 0 state/],
  ['a draw', 'rng-numpy.json', (t) => t.replace('2357136044', '2357136045'), /seed 0 uint32/],
  [
    'a normal off by its last digits',
    'rng-numpy.json',
    (t) => t.replace('1.764052345967664', '1.764052345967665'),
    /seed 0 randn/,
  ],
  [
    'an error of 2e-11',
    'sys4-binary-addition.json',
    (t) => t.replaceAll('3.4563866323576495', '3.4563866323776495'),
    /errors, the first/,
  ],
  [
    'another seed',
    'sys4-binary-addition.json',
    (t) => t.replace('"seed":0', '"seed":1').replace('"iterations":10000', '"iterations":1000'),
    /initial/,
  ],
  ['another optimizer', 'ops-optimizers.json', (t) => t.replace('"optimizer":"Adam"', '"optimizer":"AdamW"'), /AdamW/],
  [
    'an optimizer nobody knows',
    'ops-optimizers.json',
    (t) => t.replace('"optimizer":"SGD"', '"optimizer":"LBFGS"'),
    /unknown optimizer LBFGS/,
  ],
  [
    'another weight',
    'ops-lstm.json',
    (t) => t.replace('"weight_hh_l0":{"shape":[16,4],"data":[', '"weight_hh_l0":{"shape":[16,4],"data":[1'),
    /LSTM-00 float64 y/,
  ],
  [
    'a layer nobody knows',
    'ops-rnn-tanh.json',
    (t) => t.replace('"kind":"RNN_TANH"', '"kind":"QRNN"'),
    /RNN_TANH-00: unknown layer QRNN/,
  ],
  [
    'another nonlinearity',
    'ops-cells.json',
    (t) => t.replace('"kind":"RNNCell_TANH"', '"kind":"RNNCell_RELU"'),
    /RNNCell_TANH-00 float64 h/,
  ],
  [
    'another padding token',
    'ops-layers.json',
    (t) => t.replace('"padding_idx":1', '"padding_idx":2'),
    /embedding-padding_idx float64 gradient of weight/,
  ],
  ['another clip', 'ops-clip.json', (t) => t.replace('"max_norm":5', '"max_norm":4'), /case 0/],
  [
    'another smoothing',
    'ops-losses.json',
    (t) => t.replace('"label_smoothing":0.1', '"label_smoothing":0.2'),
    /ce-smooth-mean float64 value/,
  ],
  [
    'a sequence of another length',
    'ops-many-to-one.json',
    (t) => t.replace(/"lengths": ?\[3, ?1/, '"lengths":[2,1'),
    /many-to-one-00-last-class float64 prediction/,
  ],
  [
    'another place of the loss',
    'ops-many-to-one.json',
    (t) => t.replace(/"loss_at": ?"last"/, '"loss_at":"first"'),
    /unknown loss_at first/,
  ],
  [
    'another weight of a head',
    'ops-embedding-mixed.json',
    (t) => t.replace(/"loss_weights": ?\{"class": ?1(\.0)?/, '"loss_weights":{"class":2'),
    /mixed-00 float64 loss/,
  ],
  ['an unknown loss', 'ops-losses.json', (t) => t.replace('"op":"mse"', '"op":"hinge"'), /unknown op hinge/],
  ['a file that is not JSON', 'ops-clip.json', () => '{', /JSON/],
  ['a file without cases', 'ops-clip.json', () => '{"cases":[]}', /nothing to compare/],
  [
    'a data file that does not exist',
    'sys5-dinos-npm.json',
    (t) => t.replace('"data":"dinosaurs.csv"', '"data":"none.csv"'),
    /data file none\.csv is in none of/,
  ],
];
for (const [what, file, change, failure] of changes) {
  test(`fails on ${what} in ${file}`, async () => {
    const path = copy(file, change);
    assert.not.equal(
      readFileSync(path, 'utf8'),
      readFileSync(join(folder, file), 'utf8'),
      'the change changed nothing',
    );
    const { failures } = await checkGolden(path);
    assert.match(failures.join('\n'), failure);
  });
}

test('fails on a file of unknown kind', async () => {
  const { failures } = await checkGolden(copy('rng-numpy.json', (text) => text, 'timings.json'));
  assert.equal(failures, ['unknown kind']);
});

test.run();
