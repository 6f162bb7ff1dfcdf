import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type DeathCode, deathCodes } from '../../../../workflows/contract/status';
import { isUsable } from '../../../../workflows/rules';
import { integrationsUsing, logDeaths, markDead } from '../../../db/queries/credentials/death';
import { reviveExternal } from '../../../db/queries/credentials/external';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { pause } from '../../../lib/timing';
import type { ActorSignals, ActorUpdates, Encryption, Providers, Rows, Settings } from '../../deps';
import { pathId } from '../../http/path-ids';
import { credentialNamePattern, oneOf, optionalBody } from '../../http/schemas/text';
import { audited } from '../../operations/audit';
import { expectTemporal } from '../../operations/enable-disable';
import { findCredential } from '../../operations/find-credential';
import { announceDeath, announceTokens } from '../../operations/signal-actors';
import { readView } from '../views/integration';

const params = Type.Object({
  id: Type.String(),
  name: Type.String({ pattern: credentialNamePattern }),
});
const strict = { additionalProperties: false };

/** Nobody can have found that of what was connected. */
const sayable = deathCodes.filter((code): code is Exclude<DeathCode, 'not_connected'> => {
  return code !== 'not_connected';
});

const invalidatedSchema = {
  params,
  body: optionalBody(
    Type.Object(
      {
        code: Type.Optional(oneOf(sayable)),
        version: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
      },
      strict,
    ),
  ),
};
const reauthorizedSchema = { params, body: optionalBody(Type.Object({}, strict)) };

type Deps = Rows & Settings & Encryption & Providers & ActorSignals & ActorUpdates;

/** The application's word as to whether a credential can be used: of one whose tokens it keeps, the only one that counts. */
export const credentialStandingRoutes: FastifyPluginCallbackTypebox<Deps> = (app, deps, done) => {
  const { pool, actors } = deps;
  const path = '/integrations/:id/credentials/:name';

  app.post(`${path}/invalidated`, { schema: invalidatedSchema }, async (request) => {
    const { params, body } = request;
    const id = pathId('int', params.id);
    const held = await findCredential(pool, id, params.name);
    const { credentialId } = held;
    const { version = held.version, code = 'invalidated' } = body ?? {};
    if (version > held.version) {
      throw new HoldfastError(
        'invalid_request',
        `body.version: there is no version ${version}; the newest is ${held.version}.`,
      );
    }
    const death = { credentialId, version, code };
    const what = { action: 'credential.invalidated', integrationId: id } as const;
    const record = await audited(deps, request, what);
    const deaths = await inTransaction(pool, async (client) => {
      await record(client);
      return markDead(client, [death]);
    });
    logDeaths(deps.log, deaths);
    await announceDeath(deps, death);
    return settledView(deps, id);
  });

  app.post(`${path}/reauthorized`, { schema: reauthorizedSchema }, async (request) => {
    const { params } = request;
    const id = pathId('int', params.id);
    const { credentialId, external } = await findCredential(pool, id, params.name);
    const what = { action: 'credential.reauthorized', integrationId: id } as const;
    const record = await audited(deps, request, what);
    await record(pool);
    if (external) {
      const [revived] = await reviveExternal(pool, {
        ...{ integrationId: id, credentialIds: [credentialId] },
      });
      if (revived !== undefined) {
        const { version } = revived;
        const integrationIds = await integrationsUsing(pool, credentialId);
        await announceTokens(deps, { credentialId, version, integrationIds });
      }
    } else {
      // Whether its tokens work is for the provider to say; no row says yet that it is to be asked.
      await expectTemporal(deps.pingTemporal);
      await actors.reauthorized(id, { credentialId });
    }
    return settledView(deps, id);
  });
  done();
};

/** A status follows within a moment where its actor is there. */
const settlesWithinMs = 2_000;
const everyMs = 50;

/** The integration once its status is what its credentials say, or as it stands. */
async function settledView(deps: Rows & Settings & Providers, id: string) {
  const signal = AbortSignal.timeout(settlesWithinMs);
  for (;;) {
    const view = await readView(deps, id);
    const disagrees = view.credentials.every(({ state }) => isUsable(state)) ? 'ERROR' : 'ENABLED';
    if (view.status !== disagrees || signal.aborted) return view;
    await pause(everyMs, signal);
  }
}
