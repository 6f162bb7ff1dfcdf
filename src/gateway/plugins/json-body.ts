import fastifyPlugin from 'fastify-plugin';

/** JSON and nothing else; an empty body is as good as none. */
export const jsonBody = fastifyPlugin((app, _options, done) => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, next) => {
      if (body === '') next(null, undefined);
      else void parse(request, body, next);
    },
  );
  done();
});
