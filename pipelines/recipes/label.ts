// A label for the whole of a sequence: whether a word is English or Esperanto, by its letters.
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { adam, classify, epochs, labelled, linear, lstm, modelBytes, pull, readModel } from 'rxrnn';
import { seeded, sequential, shuffleIterable, summary, train, unlimited, vocabularyOf, yielding } from 'rxrnn';

const english = 'water house light green friend table winter summer morning night bread stone bird river apple hand';
const esperanto = 'akvo domo lumo verda amiko tablo vintro somero mateno nokto pano ŝtono birdo rivero pomo mano';
const labels = ['English', 'Esperanto'];
const letters = vocabularyOf(['?', ...new Set(english + esperanto)], { unknown: '?' }); // ? is any other letter
const read = (word: string) => [...word].map((letter) => letters.token(letter) ?? letters.unknown!);
const words = [english, esperanto].flatMap((words, label) => words.split(' ').map((word) => ({ word, label })));

const model = sequential({
  lstm: lstm({ inputSize: letters.size, hiddenSize: 16, bidirectional: true }),
  summary: summary({ size: 32, pool: 'max' }),
  linear: linear({ inputSize: 32, outputSize: labels.length }),
});
const order = { size: words.length, random: seeded(1) };
const passes$ = pull(() => shuffleIterable(words, order), yielding(unlimited)).pipe(
  map(({ word, label }) => ({ sequence: read(word), label })),
  labelled({ lanes: 8 }),
  epochs(train(model, { optimizer: adam({ learningRate: 0.02 }) }), { count: 30 }),
);
console.log((await lastValueFrom(passes$)).loss < 0.05); // -> true
const saved = modelBytes(model, { vocabulary: letters, provenance: { labels } }); // as saveModel writes to a file
const { model: loaded, provenance } = readModel(saved);
const found$ = from(['garden', 'urbo', 'libro']).pipe(classify(loaded, { sequence: read }), toArray());
const names = provenance!['labels'] as typeof labels;
console.log((await lastValueFrom(found$)).map(({ item, label }) => `${item}: ${names[label]}`).join(', '));
// -> garden: English, urbo: Esperanto, libro: Esperanto
