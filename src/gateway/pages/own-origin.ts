import type { FastifyRequest } from 'fastify';
import { messagePage } from '../../web/pages/message';
import type { GatewayConfig } from '../deps';
import { PageFailure } from './page-failure';

/**
 * For forms that sign in or out: another site's would do it to its visitors. Browsers name the page's origin with every
 * POST; one that names none, or `null` (a sandbox, a redirect across sites), is refused like any other.
 * @throws PageFailure
 */
export function checkOwnOrigin(
  request: FastifyRequest,
  { publicUrl }: Pick<GatewayConfig, 'publicUrl'>,
): void {
  if (request.headers.origin === new URL(publicUrl).origin) return;
  throw new PageFailure(
    'foreign_form',
    messagePage(
      403,
      'This has to be started here',
      'The request came from another website. Nothing was changed. Open the page itself and press its button.',
      {
        href: pageOf(request, publicUrl),
        label: 'Open the page',
      },
    ),
  );
}

/** Under the public name: the page that has the button, where the address that it leads to is one; else the first page. */
function pageOf({ server, routeOptions, url }: FastifyRequest, publicUrl: string): string {
  const isPage = server.hasRoute({ method: 'GET', url: routeOptions.url ?? '' });
  return `${publicUrl}/${isPage ? url.replace(/^[/\\]+/, '') : ''}`;
}
