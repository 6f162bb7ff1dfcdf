import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../../../db/queries/credentials/of-integration';
import {
  type HeldCode,
  readReconnectCode,
  type ReconnectCode,
} from '../../../db/queries/people/reconnect-codes';
import type { Provider } from '../../../providers/provider';
import { html } from '../../../web/document/html';
import { messagePage } from '../../../web/pages/message';
import { ownPath } from '../../http/own-path';
import type { GatewayConfig, Providers, Rows, Settings } from '../../deps';
import { wayIn } from '../sign-in';
import { PageFailure } from '../page-failure';
import { type FailedConnection, notSetUp } from './failures';

interface Found {
  credential: IntegrationCredential;
  provider: Provider;
  /** `over`, `off`: it is connected, and needs no reconnect. */
  kind: 'open' | 'over' | 'off';
  /** The account that is stored, in words. */
  account: string;
  expiresAt: Date;
}

/** What a notification's code is for. @throws PageFailure where it is no good, with what to do */
export async function findByCode(
  { pool, config, registry }: Rows & Settings & Providers,
  integrationId: string,
  held: HeldCode,
): Promise<Found> {
  const found = await readReconnectCode(pool, held, integrationId);
  if (found === undefined) throw unusableCode('unknown', config);
  const { state: kind, expiresAt } = found;
  if (kind === 'used' || kind === 'expired' || kind === 'superseded') {
    throw unusableCode(kind, config);
  }
  const credential = await readIntegrationCredential(pool, integrationId, found.credentialName);
  const account = credential?.accountLabel ?? credential?.accountId ?? null;
  if (credential === undefined || account === null) throw unusableCode('unknown', config);
  const provider = registry.get(credential.provider);
  if (provider?.oauth === undefined) {
    throw notSetUp(provider?.label ?? credential.provider, config.appName, wayIn(config));
  }
  return { credential, provider, kind, account, expiresAt };
}

const refusals = {
  unknown: {
    status: 404,
    title: 'This link is not right',
    text: 'It may have been cut off, or the connection was removed.',
  },
  used: {
    status: 410,
    title: 'This link was used already',
    text: 'A link works in one browser, where its button is pressed, and the connection is not back yet.',
  },
  superseded: {
    status: 410,
    title: 'This link is out of date',
    text: 'What it was for is mended, and the connection needs you again. Use the link of a newer message, if one has come.',
  },
  expired: { status: 410, title: 'This link has expired', text: 'Links work for seven days.' },
} as const satisfies Record<Exclude<ReconnectCode['state'], Found['kind']> | 'unknown', object>;

/** One that never was, and one whose connection is gone, are alike. */
export function unusableCode(state: keyof typeof refusals, config: GatewayConfig): PageFailure {
  const { status, title, text } = refusals[state];
  const next = `Go back to ${config.appName} and reconnect from there.`;
  return new PageFailure(
    `reconnect_code_${state}`,
    messagePage(status, title, `${text} ${next}`, wayIn(config)),
  );
}

/** What comes back from the provider would be refused in another person's session. */
export const signedInAsAnother = (config: GatewayConfig, person: string): PageFailure =>
  new PageFailure(
    'signed_in_as_another',
    messagePage(
      403,
      'This link is for somebody else',
      html`<p>
        You are signed in here as <bdi>${person}</bdi>, and this connection is not theirs. If it is
        yours all the same, sign out and open the link again.
      </p>`,
      { href: ownPath(config, '/sign-out'), label: 'Sign out' },
    ),
  );

/** A code is for the account that is stored, and the provider has not said whose these tokens are. */
export const accountUnknown = ({ provider, appName, again, back }: FailedConnection): PageFailure =>
  new PageFailure(
    'account_unproven',
    messagePage(
      409,
      `${provider} was not connected`,
      `${provider} did not say which account that was, so nothing was changed. Try again, or open ` +
        `${appName} and reconnect there.`,
      again,
      back,
    ),
  );
