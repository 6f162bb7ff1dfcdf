import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';

/** Far below what overflows a stack: JSON is written, compared and stored again by recursion. */
const maxDepth = 32;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** JSON and nothing else; an empty body is as good as none. */
export const jsonBody = fastifyPlugin((app, _options, done) => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, next) => {
      if (body === '') {
        next(null, undefined);
        return;
      }
      void parse(request, body, (error, value?: unknown) => {
        if (error === null && isDeeper(value, maxDepth)) {
          const message = `The body is nested more than ${maxDepth} levels deep.`;
          next(new HoldfastError('invalid_json', message));
        } else next(error, value);
      });
    },
  );
  done();
});
