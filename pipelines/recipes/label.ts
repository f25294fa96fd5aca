// A label for the whole of a sequence: whether a word is English or Esperanto, by its letters.
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { adam, classify, epochs, labelled, linear, lstm, seeded, sequential, shuffle, summary, train } from 'rxrnn';

const english = 'water house light green friend table winter summer morning night bread stone bird river apple hand';
const esperanto = 'akvo domo lumo verda amiko tablo vintro somero mateno nokto pano ŝtono birdo rivero pomo mano';
const letters = [...new Set(english + esperanto)].toSorted();
const read = (word: string) => [...word].map((letter) => letters.indexOf(letter));
const examples = [english, esperanto].flatMap((words, label) => words.split(' ').map((word) => ({ word, label })));

const model = sequential({
  lstm: lstm({ inputSize: letters.length, hiddenSize: 16, bidirectional: true }),
  summary: summary({ size: 32, pool: 'max' }),
  linear: linear({ inputSize: 32, outputSize: 2 }),
});
const passes$ = from(examples).pipe(
  shuffle({ size: examples.length, random: seeded(1) }),
  map(({ word, label }) => ({ sequence: read(word), label })),
  labelled({ lanes: 8 }),
  epochs(train(model, { optimizer: adam({ learningRate: 0.02 }) }), { count: 30 }),
);
const { epoch, loss } = await lastValueFrom(passes$);
console.log(epoch, loss < 0.05); // -> 30 true
const found$ = from(['garden', 'urbo', 'libro']).pipe(classify(model, { sequence: read }), toArray());
console.log((await lastValueFrom(found$)).map(({ item, label }) => `${item} ${label}`).join(', ')); // -> garden 0, urbo 1, libro 1
