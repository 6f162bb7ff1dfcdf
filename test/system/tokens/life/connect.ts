import { connect as connectModel, type GrantKind } from './model-credential';
import { pick, type Stage, type StageIntegration } from './stage';

export function usersOf({ integrations, credentials }: Stage, credential: number) {
  const { id } = pick(credentials, credential);
  const users = integrations.filter(({ names }) => names.has(id));
  return users.length === 0 ? integrations : users;
}

/**
 * Tokens are stored.
 *
 * @param resumed the integration for which a person does it, if one does
 */
export function connect(
  { world, credentials }: Stage,
  credential: number,
  grant: GrantKind,
  resumed: StageIntegration | null,
): { inModel: () => void; inRows: () => Promise<void> } {
  const { id, model } = pick(credentials, credential);
  const name = resumed?.names.get(id);
  return {
    inModel: () => {
      connectModel(model, grant);
      for (const use of resumed?.model.uses ?? []) {
        if (use.credential === model) use.resumedAt = model.version;
      }
    },
    inRows: () =>
      world.connect(
        id,
        grant,
        resumed === null || name === undefined
          ? undefined
          : { integrationId: resumed.actor.id, name },
      ),
  };
}
