import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { sha256 } from '../../../crypto/hash';
import { HoldfastError } from '../../../lib/errors';
import { sendZipped } from '../../http/gzip';

/** Where the build puts them, as seen from `dist/src` and from `src`. */
const folders = ['../../../../web/assets', '../../../../dist/web/assets'];
const params = Type.Object({ file: Type.String() });

interface Asset {
  body: Buffer;
  zipped: Buffer;
  etag: string;
}

/**
 * What browsers run: the modules of the pages, and of the banner, which pages of other sites load. They are the same for
 * everybody and hold no secret, so any page may load them. They are asked for anew each time and answered 304, so that a
 * page and its modules never come from two versions.
 *
 * @throws Error where there was no build
 */
export const assetRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const assets = readAssets();
  const banner = assetOf(Buffer.from("import './assets/banner.js';\n"));

  app.get('/banner.js', (request, reply) => answer(request, reply, banner));
  app.get('/assets/:file', { schema: { params } }, (request, reply) => {
    const asset = assets.get(request.params.file);
    if (asset === undefined) throw new HoldfastError('not_found', 'There is no such file.');
    return answer(request, reply, asset);
  });
  done();
};

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, zipped, etag }: Asset,
): FastifyReply {
  void reply.headers({
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
    etag,
  });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return sendZipped(reply.type('text/javascript; charset=utf-8'), body, () => zipped);
}

const assetOf = (body: Buffer): Asset => ({
  body,
  zipped: gzipSync(body),
  // Weak: it stands for the text in either coding.
  etag: `W/"${sha256(body).toString('base64url')}"`,
});

function readAssets(): Map<string, Asset> {
  const folder = folders.map((name) => path.join(__dirname, name)).find(existsSync);
  if (folder === undefined) throw new Error("The pages' scripts are missing: run `npm run build`.");
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return new Map(names.map((name) => [name, assetOf(readFileSync(path.join(folder, name)))]));
}
