import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { msToTs } from '@temporalio/common/lib/time';
import { createTemporal } from '../../../src/temporal/client';
import { missingSearchAttributes } from '../../../src/temporal/search-attributes';
import { searchAttributes, sweepScheduleId } from '../../../workflows/contract/ids';
import { selfSigned } from '../../support/doubles/self-signed';
import { startTemporalDoor, type TemporalDoor } from '../../support/doubles/temporal-door';
import { eventually } from '../../support/eventually';
import { type ProcessScene, startProcessScene } from '../../support/processes/process-scene';
import { startGateways } from '../../support/processes/start-gateways';
import { sendWebhook } from '../../support/scenes/scene';
import { binaryVariable } from '../../support/servers/own-temporal';

const slow = { timeoutMs: 30_000 };
const isOperators = (method: string) => method.includes('OperatorService');

let scene: ProcessScene;
const doors: TemporalDoor[] = [];

beforeAll(async () => {
  scene = await startProcessScene();
});
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});
afterAll(() => scene.close());

async function open(options: Omit<Parameters<typeof startTemporalDoor>[0], 'address'>) {
  const door = await startTemporalDoor({
    address: scene.system.config.temporalAddress ?? '',
    ...options,
  });
  doors.push(door);
  return door;
}

async function handlesOne(url: string): Promise<void> {
  const integration = await scene.connect();
  const { id, outcome } = await sendWebhook(url, integration);
  expect(outcome).toBe('accepted');
  await eventually(
    () => expect(scene.destination.received.map((one) => one.id)).toContain(id),
    slow,
  );
}

test('where attributes exist nothing needs the operator service', async () => {
  const door = await open({ isDenied: isOperators });
  const worker = scene.processes.start('worker', { TEMPORAL_ADDRESS: door.address });
  await handlesOne(scene.system.url);
  expect(await worker.stop()).toBe(0);
  expect(door.refused).toEqual([]);
}, 90_000);

test('where they are missing and may not be made, the start ends with the commands that make them', async () => {
  const namespace = `hosted-${randomBytes(4).toString('hex')}`;
  const address = scene.system.config.temporalAddress ?? '';
  const temporal = createTemporal({ address, namespace });
  const { client } = temporal;
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const missing = () => missingSearchAttributes(client);
  const all = Object.values(searchAttributes);
  // Each of the server's parts learns of a namespace, and of its attributes, after a while.
  await eventually(async () => expect(await missing()).toHaveLength(all.length), slow);
  const door = await open({ isDenied: isOperators });
  const env = { TEMPORAL_ADDRESS: door.address, TEMPORAL_NAMESPACE: namespace };
  const refused = scene.processes.start('worker', env);
  await eventually(() => expect(refused.output()).toContain('lacks the search attributes'), slow);
  expect(await refused.stop()).toBe(1);
  expect(refused.output()).not.toMatch(/\n\s+at /);

  const [command = ''] =
    /temporal operator search-attribute create .*/.exec(refused.output()) ?? [];
  const [, ...words] = command.split(' ');
  execFileSync(process.env[binaryVariable] ?? '', [...words, '--address', address]);
  await eventually(async () => expect(await missing()).toEqual([]), slow);
  const worker = scene.processes.start('worker', env);
  await eventually(() => expect(worker.output()).toContain('worker.running'), slow);
  expect(await worker.stop()).toBe(0);
  await temporal.close();
}, 120_000);

test('where there is no schedule and none may be made, the start ends with the command that makes it', async () => {
  const { temporalAddress: address = '', temporalNamespace: namespace = '' } = scene.system.config;
  const { schedule } = scene.system.temporal;
  await schedule.getHandle(sweepScheduleId).delete();
  const mayNot = /OperatorService|(Create|Delete|Update)Schedule/;
  const door = await open({ isDenied: (method) => mayNot.test(method) });
  const env = { TEMPORAL_ADDRESS: door.address };
  const refused = scene.processes.start('worker', env);
  await eventually(() => expect(refused.output()).toContain('has no schedule'), slow);
  expect(await refused.stop()).toBe(1);
  expect(refused.output()).not.toMatch(/\n\s+at /);

  const [command = ''] = /temporal schedule create .*/.exec(refused.output()) ?? [];
  expect(command).toContain(`--namespace ${namespace} `);
  const binary = process.env[binaryVariable] ?? '';
  execFileSync('sh', ['-c', `${command.replace(/^temporal/, `"${binary}"`)} --address ${address}`]);
  door.refused.length = 0;
  const worker = scene.processes.start('worker', env);
  await handlesOne(scene.system.url);
  expect(await worker.stop()).toBe(0);
  expect(door.refused).toEqual([]);
}, 90_000);

test('through TLS, with a certificate and a key of its own', async () => {
  const server = selfSigned();
  const own = selfSigned();
  const apiKey = randomBytes(24).toString('hex');
  const door = await open({ apiKey, tls: { ...server, ca: own.cert } });
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-tls-'));
  const file = (name: string, text: string) => {
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };
  const address = { TEMPORAL_ADDRESS: door.address };
  const tls = {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem', server.cert),
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.pem', own.cert),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('client.key', own.key),
  };
  const whole = { ...address, ...tls, TEMPORAL_API_KEY_FILE: file('api-key', `${apiKey}\n`) };

  const worker = scene.processes.start('worker', whole);
  const [gateway] = await startGateways(scene.processes, 1, whole);
  await eventually(() => expect(worker.output()).toContain('worker.running'), slow);
  await handlesOne(gateway?.url ?? '');
  expect(door.refused).toEqual([]);

  const withAnother = scene.processes.start('worker', {
    ...whole,
    TEMPORAL_API_KEY_FILE: '',
    TEMPORAL_API_KEY: 'another-key',
  });
  await eventually(
    () => expect(withAnother.output()).toContain('not have valid authentication credentials'),
    slow,
  );
  const withoutCertificate = scene.processes.start('worker', {
    ...whole,
    TEMPORAL_TLS_CLIENT_CERT_PATH: '',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '',
  });
  // In which words depends on how far the handshake came before it was cut off.
  await eventually(
    () => expect(withoutCertificate.output()).toMatch(/does not answer at \S+ \(.+\)/),
    slow,
  );
  for (const one of [withAnother, withoutCertificate]) {
    expect(await one.stop()).toBe(1);
    expect(one.output()).not.toMatch(/\n\s+at /);
  }
  for (const one of [worker, withAnother])
    expect(one.output()).not.toMatch(new RegExp(`${apiKey}|another-key`));
  expect(await worker.stop()).toBe(0);
  rmSync(dir, { recursive: true });
}, 120_000);
