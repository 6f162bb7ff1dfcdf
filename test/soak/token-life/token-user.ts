import { type Destination, startDestination } from '../../support/doubles/destination';
import type { LifeScene } from './scene';

/** False refusals for one integration: each burns a rotation, and there is a budget for those. */
const falseAlarms = 3;

/**
 * An application's server that needs the provider to handle a webhook: it asks the gateway for the token and uses
 * it, and answers 424 where the provider refuses it, and now and then where it doesn't.
 */
export async function startTokenUser(random: () => number): Promise<{
  destination: Destination;
  /** How often it has answered 424. */
  refusals: () => number;
  use(life: LifeScene): void;
}> {
  const destination = await startDestination();
  const alarms = new Map<string, number>();
  let refusals = 0;

  async function handle(life: LifeScene, id: string): Promise<number> {
    const raised = alarms.get(id) ?? 0;
    if (raised < falseAlarms && random() < 0.05) {
      alarms.set(id, raised + 1);
      return 424;
    }
    const { status, body } = await life.system.api<{ accessToken: string }>(
      'GET',
      `/v1/integrations/${id}/token`,
    );
    if (status !== 200) return status;
    const used = await fetch(`${life.provider.issuer}/me`, {
      headers: { authorization: `Bearer ${body.accessToken}` },
    });
    await used.arrayBuffer();
    return used.status === 401 ? 424 : 204;
  }

  return {
    destination,
    refusals: () => refusals,
    use: (life) =>
      destination.answer(({ headers }, answer) => {
        handle(life, String(headers['holdfast-integration']))
          .catch(() => 500)
          .then((status) => {
            if (status === 424) refusals++;
            answer.writeHead(status).end();
          })
          .catch(() => answer.destroy());
      }),
  };
}
