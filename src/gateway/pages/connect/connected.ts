import { isUsable } from '../../../../workflows/rules';
import { readHoldOver } from '../../../db/queries/holds';
import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../../../db/queries/credentials/of-integration';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import { countPending } from '../../../db/queries/deliveries/pending-count';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import type { Provider } from '../../../providers/provider';
import { connectedPage, type Outcome } from '../../../web/pages/connected';
import type { Page } from '../../../web/document/page';
import { basePath } from '../../http/own-path';
import type { Rows, Settings } from '../../deps';
import { reconnectPath, startPath } from '../links';
import { wayToApp } from '../sign-in';
import { wayOut } from './way-again';

interface Connected {
  credential: IntegrationCredential;
  account: NewGrant['account'];
  /** How many webhooks waited then. */
  kept: number;
  /** The browser is signed in as the one whose connection it is. */
  isSignedIn: boolean;
}

/** What a person sees once the tokens are stored. */
export async function connectedView(
  deps: Rows & Settings,
  provider: Provider,
  journey: Pick<OAuthState, 'integrationId' | 'returnTo' | 'resume' | 'reconnectCodeHash'>,
  { credential, account, kept, isSignedIn }: Connected,
): Promise<Page> {
  const { pool, config } = deps;
  const { integrationId, resume } = journey;
  const { userId, integrationName } = credential;
  const worst = await readIntegrationCredential(pool, integrationId);
  const needed = worst === undefined || isUsable(worst.state) ? undefined : worst;
  const staysOff = credential.integrationStatus === 'DISABLED' && !resume;
  const left = await countPending(pool, integrationId);
  const bySession = isSignedIn || journey.reconnectCodeHash === null;
  const next = needed &&
    bySession && {
      href: startPath(config, needed.provider, integrationId, needed.name),
      label: `Connect "${needed.name}"`,
    };
  // Who has no session has no page of connections to go on to.
  const back = bySession ? wayOut(config, journey) : wayToApp(config);
  return connectedPage({
    provider: provider.label,
    account: account?.label ?? account?.id,
    outcome: await outcomeOf(deps, userId, { isIncomplete: needed !== undefined, staysOff }),
    kept: Math.max(kept, left),
    left,
    live: isSignedIn
      ? {
          userId,
          connection: integrationName,
          basePath: basePath(config),
          reconnectPath: reconnectPath(config, integrationId),
        }
      : undefined,
    ways: [next, back].flatMap((way) => way || []),
    frameAncestors: config.allowedOrigins,
  });
}

async function outcomeOf(
  { pool }: Rows,
  userId: string,
  { isIncomplete, staysOff }: { isIncomplete: boolean; staysOff: boolean },
): Promise<Outcome> {
  if (staysOff) return { kind: 'stays_off' };
  if (isIncomplete) return { kind: 'another_needed' };
  const hold = await readHoldOver(pool, userId);
  return hold === undefined ? { kind: 'works' } : { kind: 'held', ...hold };
}
