import { deadOf, type ModelIntegration, statusNow } from './model-integration';
import { readAudit, readCredentials, readIntegration, readNotices } from './rows';
import type { Stage } from './stage';

/** The rows are what the model says, and no refresh token of an outdated credential, or of a dead one that nobody
 * had tried, was shown. */
export async function checkCredentials({ world, credentials }: Stage): Promise<void> {
  expect(await readCredentials(world.pool)).toEqual(
    credentials.map(({ id, model: { version, state, code } }) => ({ id, version, state, code })),
  );
  const wrong = world.owners.filter(
    (owner) =>
      owner === null || (owner.state === 'dead' && !owner.onTrial) || owner.state === 'missing',
  );
  expect(wrong).toEqual([]);
}

/** The status is what the table says of the newest versions, and the audit and the notices tell how it came to be. */
export async function checkAtRest({ world, integrations }: Stage): Promise<void> {
  for (const { actor, model } of integrations) {
    const row = await readIntegration(world.pool, actor.id);
    expect(row.status).toBe(statusNow(model));
    expect(row.status).toBe(model.status);
    if (row.status === 'ERROR') {
      const dead = deadOf(model);
      expect([row.reasonCredential, row.reasonCode]).toEqual([dead[0]?.name, dead[0]?.code]);
      for (const { name } of dead) expect(row.reasonMessage).toContain(`"${name}"`);
    }
    const [creation, ...audit] = await readAudit(world.pool, actor.id);
    expect(creation?.number).toBe(0);
    expect(row.transition).toBe(model.transitions.length);
    expect(audit).toEqual(
      model.transitions.map((transition, index) => ({ number: index + 1, ...transition })),
    );
    expect(await readNotices(world.pool, actor.id)).toEqual(noticesOf(model));
  }
}

/** One for each transition into or out of ERROR, and no other. */
const noticesOf = ({ transitions }: ModelIntegration): string[] =>
  transitions.flatMap(({ from, to }, index) => {
    if (to === 'ERROR') return [`${index + 1} integration.error`];
    return from === 'ERROR' ? [`${index + 1} integration.recovered`] : [];
  });
