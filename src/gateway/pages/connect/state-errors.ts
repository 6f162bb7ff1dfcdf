import type { FastifyRequest } from 'fastify';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import type { RefusedState, StateRefusal } from '../../../db/queries/people/oauth-states';
import { messagePage, type Way } from '../../../web/pages/message';
import { browserSession } from '../../http/browser-session';
import type { Rows, Settings } from '../../deps';
import { PageFailure } from '../page-failure';
import { reconnectPath, wayBack } from '../links';
import { wayIn } from '../sign-in';
import { codeAgain } from './way-again';

const refusals = {
  unknown: {
    status: 400,
    title: 'This step is not right',
    text: 'The address was changed or cut off on its way.',
  },
  used: {
    status: 409,
    title: 'This step was done already',
    text: 'If you loaded the page again, all is well: the first time counts.',
  },
  expired: { status: 410, title: 'That took too long', text: 'This step works for ten minutes.' },
  other_browser: {
    status: 403,
    title: 'This began in another browser',
    text: 'It has to end in the browser where it began, with its cookies.',
  },
} as const satisfies Record<StateRefusal, object>;

/** The page for a person whose way back from the provider leads to nothing. */
export async function stateError(
  deps: Rows & Settings,
  request: FastifyRequest,
  { refusal, integrationId, reconnectCodeHash = null, isUnanswered = false }: RefusedState,
): Promise<PageFailure> {
  const { status, title, text } = refusals[refusal];
  const session = await browserSession(deps, request);
  // Expired: it is the browser where it began.
  const byCode =
    refusal === 'expired' ? await codeAgain(deps, { integrationId, reconnectCodeHash }) : undefined;
  // The first time may be under way still, and end with a question. The same address, which no page repeats: it has the state.
  const look = refusal === 'used' && isUnanswered ? { href: '', label: 'Look again' } : undefined;
  const again =
    session && refusal !== 'used' ? await anew(deps, session.userId, integrationId) : byCode;
  const back = session === undefined ? wayIn(deps.config) : wayBack(deps.config, session.returnTo);
  const restart = again === undefined ? ` To start again, go back to ${deps.config.appName}.` : '';
  return new PageFailure(
    `state_${refusal}`,
    messagePage(status, title, text + restart, look ?? again, back),
  );
}

/** Only for whose integration it is. */
async function anew(
  { pool, config }: Rows & Settings,
  userId: string,
  integrationId: string | undefined,
): Promise<Way | undefined> {
  if (integrationId === undefined) return undefined;
  const credential = await readIntegrationCredential(pool, integrationId);
  if (credential?.userId !== userId) return undefined;
  return { href: reconnectPath(config, integrationId), label: 'Start again' };
}
