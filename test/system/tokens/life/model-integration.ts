import type {
  DeathCode,
  IntegrationStatus,
  TransitionCode,
} from '../../../../workflows/contract/status';
import { askForTrial, bury, isUsable, type ModelCredential } from './model-credential';

export interface Use {
  /** Within the integration; an integration's uses are sorted by it. */
  name: string;
  credential: ModelCredential;
  /** The version whose owner asked for this integration to be brought back, and the one at its switch-off. */
  resumedAt: number;
  disabledAt: number;
}

/** What signals have said since the last look. */
interface Said {
  deaths: Map<ModelCredential, { version: number; code: DeathCode }>;
  allDead: boolean;
  revived: Set<ModelCredential>;
  allRevived: boolean;
  resume: boolean;
}

export interface ModelTransition {
  from: IntegrationStatus;
  to: IntegrationStatus;
  code: TransitionCode;
  credential: string | null;
}

/** An integration as it must be: what the design's table says at each look. */
export interface ModelIntegration {
  uses: Use[];
  status: IntegrationStatus;
  transitions: ModelTransition[];
  said: Said;
}

export const nothingSaid = (): Said => ({
  deaths: new Map(),
  allDead: false,
  revived: new Set(),
  allRevived: false,
  resume: false,
});

export function newIntegration(uses: readonly [string, ModelCredential][]): ModelIntegration {
  return {
    uses: uses.map(([name, credential]) => ({
      ...{ name, credential, resumedAt: -1, disabledAt: -1 },
    })),
    status: uses.every(([, credential]) => isUsable(credential)) ? 'ENABLED' : 'ERROR',
    transitions: [],
    said: nothingSaid(),
  };
}

/** `credentialInvalidated` arrives; of several the newest version counts. */
export function hear(
  { said }: ModelIntegration,
  credential: ModelCredential,
  death: { version: number; code: DeathCode },
): void {
  const known = said.deaths.get(credential);
  if (known === undefined || known.version < death.version) said.deaths.set(credential, death);
}

/** The rows as they are read: what follows is decided on them alone. */
interface Facts {
  status: IntegrationStatus;
  dead: { name: string; code: DeathCode } | null;
  resume: boolean;
}

/** What has died before what was never connected; each in the order of the names. */
export function deadOf({
  uses,
}: Pick<ModelIntegration, 'uses'>): { name: string; code: DeathCode }[] {
  const dead = uses
    .filter(({ credential }) => !isUsable(credential))
    .map(({ name, credential }) => ({ name, code: credential.code ?? 'not_connected' }));
  const isNew = ({ code }: { code: DeathCode }) => code === 'not_connected';
  return [...dead.filter((one) => !isNew(one)), ...dead.filter(isNew)];
}

const factsOf = (integration: ModelIntegration, resume: boolean): Facts => ({
  status: integration.status,
  dead: deadOf(integration)[0] ?? null,
  resume:
    resume ||
    integration.uses.some(
      (use) => use.resumedAt > use.disabledAt || use.credential.resumes.has(use),
    ),
});

/** The design's table, as far as the credentials are the cause. */
export function statusByTable({ status, dead, resume }: Facts): IntegrationStatus {
  if (status === 'DISABLED') return dead === null && resume ? 'ENABLED' : 'DISABLED';
  return dead === null ? 'ENABLED' : 'ERROR';
}

/** What the table says of an integration, with its credentials as they are now and nothing said. */
export const statusNow = (integration: ModelIntegration): IntegrationStatus =>
  statusByTable(factsOf(integration, false));

function write(
  integration: ModelIntegration,
  to: IntegrationStatus,
  code: TransitionCode,
  credential: string | null,
): void {
  integration.transitions.push({ from: integration.status, to, code, credential });
  integration.status = to;
  if (to !== 'DISABLED') return;
  for (const use of integration.uses) {
    use.disabledAt = use.credential.version;
    use.credential.resumes.delete(use);
  }
}

/** @param meanwhile happens between the reading and the writing */
export function look(
  integration: ModelIntegration,
  meanwhile: () => void = () => undefined,
): Facts {
  const { deaths, allDead, revived, allRevived, resume } = integration.said;
  integration.said = nothingSaid();
  const own = integration.uses.map(({ credential }) => credential);
  for (const [credential, { version, code }] of deaths) bury(credential, version, code);
  if (allDead) own.forEach((one) => bury(one, one.version, 'invalidated'));
  for (const use of integration.uses) {
    if (!allRevived && !revived.has(use.credential)) continue;
    askForTrial(use.credential, resume ? use : null);
  }
  const facts = factsOf(integration, resume);
  const to = statusByTable(facts);
  meanwhile();
  if (to === facts.status) return facts;
  write(integration, to, facts.dead?.code ?? 'reauthorized', facts.dead?.name ?? null);
  return factsOf(integration, false);
}

/** A person's switch, by the table's last two columns. @returns whether it was refused */
export function flip(
  integration: ModelIntegration,
  to: 'enable' | 'disable',
  meanwhile: () => void,
): boolean {
  const { status, dead } = look(integration);
  if (to === 'enable' && status === 'ERROR' && dead !== null) return true;
  meanwhile();
  if (to === 'disable') {
    if (status !== 'DISABLED') write(integration, 'DISABLED', 'switched_off', null);
  } else if (status === 'DISABLED') {
    if (dead === null) write(integration, 'ENABLED', 'switched_on', null);
    else write(integration, 'ERROR', dead.code, dead.name);
  }
  return false;
}
