// A trained model continues with another text, whose alphabet is larger: its vocabulary grows, and what it knew it keeps.
import { from, lastValueFrom, map, repeat, take } from 'rxjs';
import { adam, bundledFile, evaluate, growVocabulary, loadModel, sequences, train, vocabularyOf } from 'rxrnn';

const { model, vocabulary } = loadModel(bundledFile('models/names.safetensors')); // of dinosaurs, a to z
const towns = ['Køge', 'Ålborg', 'Ærøskøbing', 'Ringsted', 'Nykøbing', 'Næstved', 'Sønderborg', 'Tønder', 'Århus'];
const names = towns.map((name) => `${name.toLowerCase()}\n`);
const larger = vocabularyOf([...new Set([...vocabulary!.symbols, ...names.join('')])]); // the old symbols come first
const grown = growVocabulary(model, larger.size);
console.log(vocabulary!.size, larger.size); // -> 27 30

const window$ = from(names).pipe(
  map((name) => Array.from(name.slice(0, -1), (letter) => larger.token(letter)!)),
  sequences({ end: larger.token('\n')!, lanes: 3 }),
);
const { loss: before } = await lastValueFrom(window$.pipe(evaluate(grown)));
await lastValueFrom(window$.pipe(repeat(), take(300), train(grown, { optimizer: adam({ learningRate: 0.003 }) })));
const { loss: after } = await lastValueFrom(window$.pipe(evaluate(grown)));
console.log(before > 3, after < 0.5); // -> true true
