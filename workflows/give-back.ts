import { sleep } from '@temporalio/workflow';
import { revoking } from './activity-options';

/** Lets the provider have a deleted credential's grant back, until it has taken it or nobody tries any more. */
export async function giveBack(credentialId: string): Promise<void> {
  for (;;) {
    const { retryAt } = await revoking.revokeGrant({ credentialId });
    if (retryAt === null) return;
    await sleep(Math.max(1_000, Date.parse(retryAt) - Date.now()));
  }
}
