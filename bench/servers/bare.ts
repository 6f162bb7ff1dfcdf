import { fastify } from 'fastify';
import { answerParent } from '../child';

/** A: reads the body, answers 202 and does nothing. What the machine and Fastify can do at most. */
const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
app.post('/webhooks/:id', (_request, reply) => reply.code(202).send({ outcome: 'accepted' }));

answerParent(() => app.listen({ host: '127.0.0.1', port: 0 }));
