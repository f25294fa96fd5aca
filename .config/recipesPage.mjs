// Writes the page of all recipes for the reference, coverage/recipes.md, from pipelines/recipes: `npm run docs` calls it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'pipelines/recipes');
/** The table of the recipes: what each makes, in an order in which they may be read. */
const [table] = /^\| recipe[^]*?\n(?=\n|$)/m.exec(readFileSync(join(folder, 'README.md'), 'utf8'));
const order = Array.from(table.matchAll(/\]\(([\w.]+)\)/g), ([, path]) => path);
const names = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .toSorted((a, b) => order.indexOf(a.split('/')[0]) - order.indexOf(b.split('/')[0]) || (a < b ? -1 : 1));
const recipes = names.map((name) => {
  const [, comment, code] = /^((?:\/\/ .*\n)+)([^]*)$/.exec(readFileSync(join(folder, name), 'utf8'));
  const text = comment.replaceAll(/^\/\/ /gm, '').trim();
  return `## ${name.replace('.ts', '')}\n\n${text}\n\n\`\`\`ts\n${code.trim()}\n\`\`\`\n`;
});
const intro = 'A short program for each job. Lines after `// ->` are what it prints; a test checks them.';
const contents = table.replaceAll(/\]\(([\w.]+)\)/g, (_, path) => {
  const name = names.find((name) => name.split('/')[0] === path).replace('.ts', '');
  return `](#${name.toLowerCase().replaceAll('/', '')})`;
});
mkdirSync(join(root, 'coverage'), { recursive: true });
writeFileSync(
  join(root, 'coverage/recipes.md'),
  `---\ntitle: Recipes\ncategory: Guides\n---\n\n# Recipes\n\n${intro}\n\n${contents}\n${recipes.join('\n')}`,
);
