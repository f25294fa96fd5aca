import { lastValueFrom, map, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import { columnNamed } from '../cli/columnNamed.js';

/** A text and its label. */
export interface Example {
  readonly text: string;
  readonly label: string;
}

/** The examples of a CSV file with the columns `text` and `label`; texts that are empty are refused. */
export async function readExamples(path: string): Promise<Example[]> {
  checkText(path); // all examples are held in memory
  let [ofText, ofLabel] = ['', ''];
  const columns = (header: readonly string[]): readonly string[] => {
    [ofText, ofLabel] = ['text', 'label'].map((name) => columnNamed(header, name) ?? name) as [string, string];
    return [ofText, ofLabel];
  };
  const row$ = csv(path, { columns, delimiter: 'auto' }).pipe(
    map((row): Example => {
      const [text, label] = [row[ofText], row[ofLabel]];
      if (text!.trim() === '') throw new Error(`${rowOrigin(row)} has no text`);
      if (label!.trim() === '') throw new Error(`${rowOrigin(row)} has no label`);
      return { text: text!.trim(), label: label!.trim() };
    }),
  );
  const examples = await lastValueFrom(row$.pipe(toArray()));
  if (examples.length === 0) throw new Error(`${path}: holds no examples`);
  return examples;
}
