import { workflowIds } from '../../../workflows/contract/ids';
import { lists } from '../../../src/temporal/ui-links';
import { eventually } from '../../support/eventually';
import { holdfast, temporaryFolder } from '../../support/processes/holdfast';
import { type Scene, startScene } from '../../support/scenes/scene';

const howMany = 200;
const atOnce = 8;
/** On a quiet machine; on a busy one what so many starts of a process that does nothing take. */
const limit = { ms: 2_000, starts: 6 };

let scene: Scene;
const folder = temporaryFolder();
beforeAll(async () => {
  scene = await startScene({
    config: { temporalUiUrl: 'http://localhost:8233' },
    handlers: {
      sync: async (delivery, ctx) => {
        await ctx.fetch(delivery.json<{ url: string }>().url);
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  folder.remove();
});

/** @returns what the command printed, and after how many milliseconds it had ended */
async function timed(...args: string[]): Promise<{ output: string; ms: number }> {
  const { config, url } = scene.system;
  const begun = performance.now();
  const run = holdfast(args, {
    cwd: folder.dir,
    env: {
      HOLDFAST_URL: url,
      HOLDFAST_API_KEY: config.apiKeys[0] ?? '',
      TEMPORAL_ADDRESS: config.temporalAddress ?? '',
      TEMPORAL_NAMESPACE: config.temporalNamespace ?? '',
    },
  });
  await run.ended;
  return { output: run.output(), ms: performance.now() - begun };
}

test('S51 one broken among many: status and the list query name it at once, with reason and way out', async () => {
  const healthy: string[] = [];
  const connect = async () => {
    while (healthy.length < howMany) {
      const at = healthy.push('') - 1;
      const userId = `user-${at}`;
      healthy[at] = (await scene.connect({ userId, fields: { handler: 'sync' } })).id;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, connect));
  const one = await scene.connect({ userId: 'frank', fields: { handler: 'sync' } });
  const url = `${scene.provider.url}/contacts`;
  scene.provider.revokeAll();
  expect(await scene.webhook(one, { body: JSON.stringify({ url }) })).toMatchObject({
    outcome: 'accepted',
  });
  const { workflow } = scene.system.temporal;
  await eventually(
    async () => {
      const { count } = await workflow.count(lists.broken);
      expect(count).toBe(1);
    },
    { timeoutMs: 60_000 },
  );
  const start = await timed('--version');
  const status = await timed('status');
  const list = await timed('temporal', 'workflow', 'list', '--query', lists.broken);

  expect(list.output.match(/integration:int_\w+/g)).toEqual([workflowIds.integration(one.id)]);
  expect(status.output).toMatch(/1 integration of acme broken: invalid_grant, .*\n.*reconnect/);
  expect(status.output).toContain(`(${one.id})`);
  expect(status.output).toContain(`http://localhost:8233/namespaces/`);
  expect(status.output).toMatch(new RegExp(`${howMany} ENABLED, 0 DISABLED, 1 ERROR`));
  const most = Math.max(limit.ms, limit.starts * start.ms);
  expect([status.ms, list.ms].filter((ms) => ms > most)).toEqual([]);
}, 180_000);
