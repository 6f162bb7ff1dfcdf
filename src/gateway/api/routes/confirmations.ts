import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { sha256 } from '../../../crypto/hash';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { readConfirmation } from '../../../db/queries/people/confirmations';
import { HoldfastError } from '../../../lib/errors';
import type { ActorSignals, Encryption, Measuring, Providers, Rows } from '../../deps';
import { noteSubject } from '../../http/failure-log';
import { freeText, nameText } from '../../http/schemas/text';
import { audited } from '../../operations/audit';
import { confirmGrant } from '../../operations/confirm-grant';

const body = Type.Object(
  { code: freeText(200), userId: nameText },
  { additionalProperties: false },
);

/** The application says that an account is its user's: what came back to it as `confirmation`. */
export const confirmationRoutes: FastifyPluginCallbackTypebox<
  Rows & Providers & Encryption & ActorSignals & Measuring
> = (app, deps, done) => {
  app.post('/confirmations', { schema: { body } }, async (request) => {
    const { code, userId } = request.body;
    const codeHash = sha256(code);
    const key = { codeHash, confirm: 'application', userId } as const;
    const waiting = await readConfirmation(deps.pool, key);
    if (waiting === undefined) throw expired();
    const { integrationId, provider, credentialName: credential, sealedGrant } = waiting;
    noteSubject(request, { integrationId, provider, credential });
    if (waiting.state === 'open' && sealedGrant !== null) {
      const record = await audited(deps, request, {
        action: 'credential.confirmed',
        integrationId,
      });
      await confirmGrant(deps, { ...waiting, sealedGrant }, record);
    }
    // Asked again, since the first answer was lost, or of two at once: its row says what became of it.
    const { state } = (await readConfirmation(deps.pool, key)) ?? {};
    if (state === 'account_mismatch') {
      throw new HoldfastError(
        'account_mismatch',
        'Another account was connected meanwhile. Nothing was stored: create another ' +
          'integration for this one.',
      );
    }
    const stored = await readIntegrationCredential(deps.pool, integrationId, credential);
    if (state !== 'connected' || stored === undefined) throw expired();
    return { integrationId, accountId: stored.accountId };
  });
  done();
};

/** The same for what never was, was refused, took too long, or is another person's. */
const expired = () =>
  new HoldfastError(
    'confirmation_expired',
    'There is nothing to confirm by this code for this user, or not any more. Nothing was stored: ' +
      'have the person connect again.',
  );
