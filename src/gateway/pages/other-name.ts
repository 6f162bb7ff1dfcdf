import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { isLoopback } from '../../lib/http/send-once';
import type { GatewayConfig } from '../deps';
import { ownPath } from '../http/own-path';

type Public = Pick<GatewayConfig, 'publicUrl'>;

/** Says that this browser was sent here a moment ago. It would come back only where the name that it sees is this one. */
const mark = 'holdfast_moved';
const markSeconds = 3;

/** What a proxy adds: behind one the name in a request may be any, and says nothing about what the browser sees. */
const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

/**
 * Sends a browser that has come by another name of this machine (`127.0.0.1` for `localhost`) to the public address: its
 * cookies and the origin of its forms would be another site's. Only from one name of this machine to another at the same
 * port, only whole pages, and not twice within moments: a proxy that rewrites `Host` would send them round and round.
 */
export const otherName = fastifyPlugin<Public>((app, config, done) => {
  app.addHook('onRequest', (request, reply, next) => {
    const address = underPublicName(request, config);
    if (address === undefined) {
      next();
      return;
    }
    void reply
      .header('set-cookie', `${mark}=1; Path=/; Max-Age=${markSeconds}; HttpOnly; SameSite=Lax`)
      .header('cache-control', 'no-store')
      .redirect(address, 302);
  });
  done();
});

function underPublicName(
  { method, headers, socket, url }: FastifyRequest,
  config: Public,
): string | undefined {
  const { protocol, hostname, port, origin } = new URL(config.publicUrl);
  const isPage = method === 'GET' && (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate';
  const came = `http://${headers.host ?? ''}`;
  if (!isPage || protocol !== 'http:' || !URL.canParse(came)) return undefined;
  const named = new URL(came);
  const isOther = named.hostname !== hostname && named.port === port;
  if (!isOther || !isLoopback(named.hostname) || !isLoopback(hostname)) return undefined;
  if (forwarding.some((name) => headers[name] !== undefined)) return undefined;
  if (headers.cookie?.includes(`${mark}=`) === true || !isOwnPeer(socket.remoteAddress)) {
    return undefined;
  }
  return origin + ownPath(config, `/${url.replace(/^[/\\]+/, '')}`);
}

const isOwnPeer = (ip: string | undefined): boolean =>
  ip !== undefined && /^(::ffff:)?127\.|^::1$/.test(ip);
