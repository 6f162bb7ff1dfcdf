import { createDoorbell } from './doorbell';
import type { GatewayDeps } from './deps';
import { createInboxWriter } from './inbox-writer';
import { createRejectionLog } from './rejection-log';
import type { WebhookRouteDeps } from './routes/webhooks';
import { createWebhookTargets } from './webhook-targets';

/** What taking webhooks needs, made once for a gateway. Release it after the last request has ended. */
export function createWebhookIntake(
  deps: GatewayDeps,
): WebhookRouteDeps & { close(): Promise<void> } {
  const doorbell = createDoorbell(deps.actors, deps.log);
  const rejections = createRejectionLog(deps.pool, deps.log);
  return {
    config: deps.config,
    targets: createWebhookTargets(deps),
    inbox: createInboxWriter(deps.pool),
    doorbell,
    rejections,
    close: async () => {
      await doorbell.close();
      await rejections.close();
    },
  };
}
