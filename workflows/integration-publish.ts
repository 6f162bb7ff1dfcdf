import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SettleFacts } from '../activities/status/settle';
import { searchAttributes as keys } from './contract/ids';
import { healthOf, type IntegrationState } from './integration-state';

/** Shows the status to operators: search attributes for lists, details for the one who looks. */
export function publish(state: IntegrationState, facts: SettleFacts): void {
  setCurrentDetails(describe(state.id, facts));
  const { status, reason, provider, userId, since } = facts;
  const published = JSON.stringify([status, reason?.code, provider, userId, since]);
  if (published === state.published) return;
  upsertSearchAttributes([
    { key: keys.status, value: status },
    { key: keys.reason, value: reason?.code ?? null },
    { key: keys.provider, value: provider },
    { key: keys.user, value: userId },
    { key: keys.statusSince, value: new Date(since) },
  ]);
  state.published = published;
}

/** Markdown for the Temporal UI: what is wrong, and what to do. */
export function describe(integrationId: string, facts: SettleFacts): string {
  const { status, reason, provider, userId, name, since, credentials } = facts;
  const lines = [
    `**${status}** since ${since} (${healthOf(facts)}): ${provider} \`${name}\` of \`${userId}\``,
    ...(reason === null ? [] : [`${reason.message} (\`${reason.code}\`, by ${reason.by})`]),
    ...credentials.map(
      ({ name, id, version, state, code }) =>
        `- credential \`${name}\`: ${state}${code === null ? '' : ` (\`${code}\`)`}, version ${version}, \`credential:${id}\``,
    ),
  ];
  const remedy = {
    ENABLED: '',
    DISABLED: `To switch it on: update \`enable\` with \`{"by":"<you>"}\`.`,
    ERROR:
      'To mend it, its owner has to reconnect. Webhooks are answered 2xx meanwhile. ' +
      `If the provider was wrong: \`temporal workflow signal --workflow-id integration:${integrationId} --name reauthorized\` tries the credential once more.`,
  }[status];
  return [...lines, remedy].filter((line) => line !== '').join('\n\n');
}
