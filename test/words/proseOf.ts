// The prose of a file: comments and texts of a program, a document without its code.
import * as ts from 'typescript';

/** A comment, a text or a document; newlines are kept, so that a place in it tells the line. */
export interface Prose {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Reads the prose of a file by its name's ending; code in it, between fences or backticks, is blanked out. */
export function proseOf(path: string, content: string): Prose[] {
  if (path.endsWith('.md')) return [{ line: 1, text: withoutCode(content) }];
  if (path.endsWith('.py')) return commentsOfPython(content);
  return proseOfProgram(path, content);
}

function proseOfProgram(path: string, content: string): Prose[] {
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.ESNext);
  const literals: (readonly [start: number, end: number])[] = [];
  visit(file);
  function visit(node: ts.Node): void {
    if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) literals.push([node.getStart(file), node.end]);
    ts.forEachChild(node, visit);
  }
  let comments = '';
  let last = 0;
  for (const [start, end] of literals.toSorted(([a], [b]) => a - b)) {
    comments += content.slice(last, start) + blank(content.slice(start, end));
    last = end;
  }
  comments += content.slice(last);

  const proseAt = (position: number, text: string): Prose => ({
    line: file.getLineAndCharacterOfPosition(position).line + 1,
    text,
  });
  return [
    ...Array.from(comments.matchAll(COMMENT), ({ index, 0: comment }) =>
      proseAt(index, withoutCode(comment.replaceAll(MARGIN, (margin) => margin.replaceAll(/[^\n]/g, ' ')))),
    ),
    ...literals
      .map(([start, end]) => proseAt(start, content.slice(start, end).replaceAll(/\\[nrt]/g, '  ')))
      .filter(({ text }) => /^['"`}].*\s/s.test(text)), // one word is a name or a path
  ];
}

/** A comment between stars, or lines that begin with slashes as one. */
const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/gs;

/** What is not prose of a comment: its stars and slashes. */
const MARGIN = /^[ \t]*(?:\/\*+|\*+\/|\*|\/\/)|\*\/$/gm;

function commentsOfPython(content: string): Prose[] {
  return content.split('\n').flatMap((line, i) => {
    const at = line.indexOf('#');
    return at < 0 ? [] : [{ line: i + 1, text: withoutCode(line.slice(at + 1)) }];
  });
}

/** Blanks out code between fences and backticks. */
function withoutCode(text: string): string {
  return text.replaceAll(/^[ \t]*```.*?```|`[^`\n]*`/gms, blank);
}

/** Replaces a text by dots; lines stay, so that their numbers do. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, '·');
}
