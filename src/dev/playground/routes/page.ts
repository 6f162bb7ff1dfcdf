import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyPluginCallback, FastifyReply } from 'fastify';
import { type PlaygroundControl, type PlaygroundParts, revokedByPerson } from '../control';
import { HoldfastApiError } from '../holdfast-api';
import { messagePage } from '../views/message-page';
import { livePart, playgroundPage } from '../views/playground-page';
import { formOf, refuseForeignForm, sendDocument, takeForms } from './forms';

export interface PageDeps {
  parts: PlaygroundParts;
  control: PlaygroundControl;
  holdfastUrl: string;
}

/** Whom the page's connections belong to. */
const userId = 'playground';
const assets = path.join(__dirname, '..', 'assets');

/** The page for people. */
export const pageRoutes: FastifyPluginCallback<PageDeps> = (app, deps, done) => {
  const { parts, control, holdfastUrl } = deps;
  const view = async () => ({
    connections: await parts.connections.view(),
    grants: parts.grants.list(),
    sent: parts.sender.recent(),
    received: parts.application.received(),
  });
  const home = (reply: FastifyReply) => reply.redirect('/', 303);
  takeForms(app);

  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof HoldfastApiError)) throw error;
    const status = error.status === 0 ? 502 : error.status;
    return sendDocument(reply, messagePage('Holdfast says no', error.message), status);
  });
  app.addHook('preHandler', async (request, reply) => {
    if (request.method === 'POST') refuseForeignForm(request, reply);
  });

  for (const [file, type] of [
    ['style.css', 'text/css'],
    ['live.js', 'text/javascript'],
  ] as const) {
    const content = readFileSync(path.join(assets, file));
    app.get(`/${file}`, (_request, reply) => reply.type(type).send(content));
  }
  app.get('/', async (_request, reply) =>
    sendDocument(reply, playgroundPage(await view(), new URL(holdfastUrl).origin)),
  );
  app.get('/live', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(livePart(await view()).text),
  );

  app.post('/connect', async (request, reply) => {
    const { url } = await control.connect(userId, formOf(request).get('name') ?? '');
    return reply.redirect(url, 303);
  });
  app.post('/reconnect', async (request, reply) => {
    const { url } = await control.reconnect(formOf(request).get('integration') ?? '');
    return reply.redirect(url, 303);
  });
  app.post('/send', async (request, reply) => {
    const form = formOf(request);
    const count = form.get('count') === '10' ? 10 : 1;
    await control.sendWebhooks(form.get('integration') ?? '', count);
    return home(reply);
  });
  app.post('/revoke', (request, reply) => {
    parts.grants.revoke(formOf(request).get('grant') ?? '', revokedByPerson);
    return home(reply);
  });
  done();
};
