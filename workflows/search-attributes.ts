/** What lists of actors show and are searched by. A run that follows another one keeps it. */
import { patched, upsertSearchAttributes } from '@temporalio/workflow';
import { searchAttributes as keys } from './contract/ids';
import type { CredentialRow, IntegrationFacts } from './contract/status';
import type { CredentialActorState } from './credential-state';
import type { IntegrationState } from './integration-state';

/** Publishes what has changed, or everything where that was asked for. */
export function publishIntegration(state: IntegrationState, facts: IntegrationFacts): void {
  const { status, reason, provider, userId, name, since } = facts;
  const published = JSON.stringify([status, reason?.code, provider, userId, since]);
  const isWhole = state.publishedName === name && state.republish !== true;
  // Code from before the name published less, also in the histories of a rolling upgrade.
  const isMore = !isWhole && patched('attributes');
  if (published === state.published && !isMore) return;
  upsertSearchAttributes([
    { key: keys.status, value: status },
    { key: keys.reason, value: reason?.code ?? null },
    { key: keys.provider, value: provider },
    { key: keys.user, value: userId === '' ? null : userId },
    { key: keys.statusSince, value: new Date(since) },
    ...(isMore ? [{ key: keys.name, value: name }] : []),
  ]);
  state.published = published;
  if (isMore) Object.assign(state, { publishedName: name, republish: false });
}

/** The same of a credential. */
export function publishCredential(
  state: CredentialActorState,
  { provider, state: shown }: CredentialRow,
): void {
  const published = JSON.stringify([provider, shown]);
  const isWhole = state.published === published && state.republish !== true;
  // Code from before published nothing.
  if (isWhole || !patched('attributes')) return;
  upsertSearchAttributes([
    { key: keys.credentialProvider, value: provider },
    { key: keys.credentialState, value: shown },
  ]);
  Object.assign(state, { published, republish: false });
}
