import type { RecordInput, SettleInput } from '../activities/status/settle';
import {
  countedLeft,
  type CredentialFact,
  type DrainCount,
  type FailingDestination,
  type IntegrationFacts,
  type IntegrationStatus,
} from './contract/status';
import type { IntegrationState } from './integration-state';
import { codeSpan, plainText, summary } from './markdown';
import { healthOf, isNotConnectedYet } from './rules';

/**
 * What to say of signals that had no effect; null where all had one. What is asked of tokens that were replaced
 * meanwhile counts as done.
 *
 * @param asked by signals
 * @param named the same, with the versions that an operator's word is about
 * @param before the rows as they were last known
 * @param after and as they are, with what was asked done
 */
export function remarkOn(
  asked: SettleInput,
  named: SettleInput,
  before: IntegrationFacts | null,
  after: IntegrationFacts,
): string | null {
  const remarks = [
    ...ofInvalidations(asked, named, after.credentials),
    ...ofRevivals(asked, before?.credentials ?? [], after),
  ];
  return remarks.length === 0 ? null : remarks.join(' ');
}

function ofInvalidations(
  asked: SettleInput,
  named: SettleInput,
  credentials: readonly CredentialFact[],
): string[] {
  const signal = '`credentialInvalidated` had no effect:';
  const isEmpty = asked.invalidateAll && named.invalidations.length === 0;
  const misses = asked.invalidations.flatMap(({ credentialId, version }) => {
    const known = credentials.find(({ id }) => id === credentialId);
    if (known === undefined) return `${signal} there is no ${codeSpan(credentialId)} here.`;
    if (known.version === version) return [];
    return `${signal} ${codeSpan(credentialId)} is at version ${known.version}, not ${version}.`;
  });
  return [...(isEmpty ? [`${signal} nothing is alive.`] : []), ...misses];
}

function ofRevivals(
  { reviveAll, revivals, resume }: SettleInput,
  before: readonly CredentialFact[],
  { status, credentials: after }: IntegrationFacts,
): string[] {
  if (resume && status === 'DISABLED') return [];
  const signal = '`reauthorized` had no effect:';
  const moves = ({ id, version, state }: CredentialFact): boolean =>
    state === 'dead' || before.every((one) => one.id !== id || one.version !== version);
  if (reviveAll) return after.some(moves) ? [] : [`${signal} nothing is dead.`];
  return revivals.flatMap((id) => {
    const known = after.find((one) => one.id === id);
    if (known === undefined) return `${signal} there is no ${codeSpan(id)} here.`;
    return moves(known) ? [] : `${signal} ${codeSpan(id)} is not dead.`;
  });
}

/** What an error says may be anybody's words. */
const oneLine = (text: string): string => codeSpan(text.replace(/\s+/g, ' ').trim().slice(0, 200));

function failure(
  { origin, since, error, nextAttemptAt }: FailingDestination,
  status: IntegrationStatus,
): string {
  const next =
    nextAttemptAt === null || status !== 'ENABLED'
      ? ''
      : ` The next attempt is at ${nextAttemptAt}.`;
  return `**Deliveries fail** at ${oneLine(origin)} since ${since}: ${oneLine(error)}.${next}`;
}

const connectIt =
  'To begin, its owner connects it: from the page of their connections, or by a link of `POST /v1/sessions`; or the ' +
  'application brings tokens with `PUT /v1/integrations/<id>/credentials/<name>`. Webhooks are answered 2xx meanwhile.';

/** What operators are shown of an actor's state beside the facts. */
export type ShownState = Pick<IntegrationState, 'id' | 'remark' | 'lastDrain'>;

const counted = ({ delivered, left }: DrainCount): string =>
  `${delivered} delivered, ${left < countedLeft ? left : `${countedLeft} or more`} left`;

/** Beside a look at the rows. */
export function lookSummary({ invalidations, revivals, reviveAll, resume }: SettleInput): string {
  const asked = [
    ...invalidations.map(
      ({ credentialId, version, code }) => `${credentialId} version ${version}: ${code}`,
    ),
    ...(reviveAll || revivals.length > 0 ? ['have dead credentials tried again'] : []),
    ...(resume ? ['end a switch-off'] : []),
  ];
  return summary(['look at the rows', ...asked].join('; '));
}

/** Beside the writing of a transition, or of another reason. */
export function recordSummary(
  { status, reason }: IntegrationFacts,
  { to, code, by }: RecordInput['next'],
): string {
  const change = status === to ? `${to} ${reason?.code ?? ''} →` : `${status} → ${to}`;
  return summary(`${change} ${code}${by === 'system' ? '' : ` by ${plainText(by)}`}`);
}

/** Beside a drain: what it will have done nobody knows when it is scheduled. */
export const drainSummary = ({ lastDrain }: ShownState): string =>
  lastDrain === undefined ? 'drain' : `drain; the last one: ${counted(lastDrain)}`;

/** Beside the timer after which the next drain is due. */
export const pauseSummary = ({ lastDrain }: ShownState, at: number | null): string =>
  at === null
    ? ''
    : `${lastDrain === undefined ? '' : `${counted(lastDrain)}; `}tried again at ${new Date(at).toISOString()}`;

/** Markdown for the Temporal UI: what is wrong, and what to do. */
export function describe(
  { id: integrationId, remark = null, lastDrain }: ShownState,
  facts: IntegrationFacts,
): string {
  const { status, reason, provider, userId, name, since, credentials, failing = null } = facts;
  const health = healthOf(credentials.map(({ state }) => state));
  const isNew = isNotConnectedYet(status, reason?.code, health);
  const lines = [
    `**${status}** since ${since} (${health}): ${plainText(provider)} ${codeSpan(name)}${userId === '' ? '' : ` of ${codeSpan(userId)}`}`,
    ...(isNew ? ['**Not connected yet**: nothing is broken.'] : []),
    ...(reason === null || isNew
      ? []
      : [`${plainText(reason.message)} (${codeSpan(reason.code)}, by ${plainText(reason.by)})`]),
    ...(failing === null ? [] : [failure(failing, status)]),
    ...credentials.map(
      ({ name, id, version, state, code }) =>
        `- credential ${codeSpan(name)}: ${state}${code === null ? '' : ` (${codeSpan(code)})`}, version ${version}, \`credential:${id}\``,
    ),
    ...(lastDrain === undefined
      ? []
      : [`The last drain: ${counted(lastDrain)}, at ${lastDrain.at}`]),
    ...(remark === null ? [] : [`The last signal: ${remark}`]),
  ];
  const remedies = {
    ENABLED: '',
    DISABLED: `To switch it on: update \`enable\` with \`{"by":"<you>"}\`.`,
    ERROR:
      'To mend it, its owner has to reconnect. Webhooks are answered 2xx meanwhile. ' +
      `If the provider was wrong: \`temporal workflow signal --workflow-id integration:${integrationId} --name reauthorized\` ` +
      'has the provider asked once more, and for an hour where it gives no answer; once it accepts the credential, the integration is ENABLED.',
  };
  const remedy = isNew ? connectIt : remedies[status];
  return [...lines, remedy].filter((line) => line !== '').join('\n\n');
}
