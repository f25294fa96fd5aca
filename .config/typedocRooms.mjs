// Groups the reference by what a reader looks for: operators and sources first, then the rooms of src. A plugin of typedoc.
import { Comment, Converter, ReflectionKind } from 'typedoc';

const ROOMS = {
  flow: 'Demand',
  source: 'Files and standard input',
  token: 'Tokens and windows',
  series: 'Series of numbers',
  layer: 'Layers',
  model: 'Models',
  learn: 'Learning',
  infer: 'Inference',
  log: 'Logs',
  checkpoint: 'Checkpoints and model files',
  format: 'Checkpoints and model files',
  record: 'Recordings',
  streams: 'Other streams',
  onnx: 'ONNX',
  studio: 'Studio',
  bus: 'Partitioned streams',
  jetstream: 'Partitioned streams',
  random: 'Random numbers',
  kernel: 'Arithmetic',
};
const FLOWING = /^(?:OperatorFunction|MonoTypeOperatorFunction|Observable)$/;

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      if (module.name === 'index') module.name = 'rxrnn';
    }
    for (const reflection of project.getReflectionsByKind(ReflectionKind.SomeExport)) {
      if (!reflection.parent?.kindOf(ReflectionKind.SomeModule | ReflectionKind.Project)) continue;
      const category = categoryOf(project, reflection);
      const comments = [reflection.comment, ...(reflection.signatures ?? []).map(({ comment }) => comment)];
      const [comment] = comments.filter(Boolean);
      const tag = { tag: '@category', content: [{ kind: 'text', text: category }], skipRendering: true };
      if (comment) comment.blockTags.push(tag);
      else reflection.comment = new Comment([], [tag]);
    }
    for (const reflection of Object.values(project.reflections)) {
      for (const part of reflection.comment?.summary ?? []) {
        // a fence without a language holds a diagram, which is no TypeScript
        if (part.kind === 'code') part.text = part.text.replace(/^```\n/, '```text\n');
      }
    }
  });
}

function categoryOf(project, reflection) {
  if (reflection.kindOf(ReflectionKind.SomeModule)) return 'Entry points';
  const results = (reflection.signatures ?? []).map(({ type }) => type?.name ?? '');
  const path = project.getSymbolIdFromReflection(reflection)?.fileName ?? '';
  const room = /(?:^|\/)src\/([^/]+)\//.exec(path)?.[1];
  if (results.some((name) => FLOWING.test(name))) return room === 'source' ? 'Sources' : 'Operators';
  return ROOMS[room] ?? 'Types';
}
