import { builtInNames, type BuiltInName } from '../../../src/providers/built-in';
import { closeServers } from '../../oauth/loopback';
import { behaving, documented } from './documented';
import { connect, probe, refresh, revoke, startVendor, type Vendor } from './vendor';

afterEach(closeServers);

async function start(name: BuiltInName) {
  const { answers, uninstall } = behaving(documented[name]);
  return { vendor: await startVendor(name, answers, documented[name].parameters), uninstall };
}

const dead = { kind: 'dead', code: 'invalid_grant' };

/** What a refresh token brought, or why it brought nothing. */
async function refreshed(vendor: Vendor, refreshToken: string): Promise<unknown> {
  const result = await refresh(vendor, refreshToken);
  return result.kind === 'refreshed' ? result.tokens.accessToken : result;
}

const withRefresh = builtInNames.filter((name) => documented[name].refresh !== undefined);
const asked = builtInNames.filter((name) => documented[name].api !== undefined);
const revocable = builtInNames.filter((name) => documented[name].revocation !== undefined);

it.each(builtInNames)('%s connects at the vendor as documented, a code once', async (name) => {
  const { vendor } = await start(name);
  const { tokens, account } = await connect(vendor);
  expect(tokens.accessToken).toBe('access-1');
  expect(tokens.refreshToken).toBe(withRefresh.includes(name) ? 'refresh-1' : undefined);
  expect(account).toMatchObject({ kind: 'account', id: documented[name].accountId });
  await expect(connect(vendor)).rejects.toThrow('invalid: invalid_grant');
});

it.each(withRefresh)('%s rotates as documented, and its end is a dead grant', async (name) => {
  const { vendor, uninstall } = await start(name);
  await connect(vendor);
  const rotation = documented[name].refresh?.rotation;
  const next = (count: number) => `refresh-${String(rotation === 'kept' ? 1 : count)}`;
  expect(await refreshed(vendor, 'refresh-1')).toBe('access-2');
  expect(await refreshed(vendor, next(2))).toBe('access-3');
  if (rotation !== 'kept') expect(await refreshed(vendor, 'refresh-1')).toEqual(dead);
  expect(await refreshed(vendor, next(3))).toBe('access-4');
  uninstall();
  expect(await refreshed(vendor, next(4))).toEqual(dead);
});

it('shopify takes the refresh token before once more, where its successor was lost', async () => {
  const { vendor } = await start('shopify');
  await connect(vendor);
  expect(await refreshed(vendor, 'refresh-1')).toBe('access-2');
  expect(await refreshed(vendor, 'refresh-1')).toBe('access-3');
});

it.each(withRefresh)('%s refuses a wrong client, which is no dead grant', async (name) => {
  const { vendor } = await start(name);
  await connect(vendor);
  const { provider } = vendor;
  const oauth = { clientId: '', ...provider.oauth, clientSecret: 'wrong' };
  const wrong = { ...vendor, provider: { ...provider, oauth } };
  expect(await refreshed(wrong, 'refresh-1')).not.toEqual(dead);
  expect(await refreshed(vendor, 'refresh-1')).toBe('access-2');
});

it.each(asked)('%s says at its probe whether a token is good', async (name) => {
  const { vendor, uninstall } = await start(name);
  await connect(vendor);
  expect(await probe(vendor, 'access-1')).toBe('accepted');
  uninstall();
  expect(await probe(vendor, 'access-1')).toBe('refused');
});

it.each(builtInNames)('%s at its limits says nothing about a grant', async (name) => {
  const { token, api, limit, parameters } = documented[name];
  const answers = { [token]: limit, ...(api === undefined ? {} : { [api.address]: limit }) };
  const vendor = await startVendor(name, answers, parameters);
  expect(await refresh(vendor)).toMatchObject({ kind: 'transient', unanswered: false });
  expect(await probe(vendor)).toBe(api === undefined ? 'unasked' : 'unknown');
});

it.each(revocable)('%s takes its grant back, after which it is dead', async (name) => {
  const { vendor } = await start(name);
  await connect(vendor);
  const { revocation, accountId } = documented[name];
  const shown = revocation?.token === 'access' ? 'access' : 'refresh';
  expect(await revoke(vendor, `${shown}_token`, { value: `${shown}-1`, accountId })).toEqual({
    kind: 'revoked',
  });
  if (withRefresh.includes(name)) expect(await refreshed(vendor, 'refresh-1')).toEqual(dead);
  else expect(await probe(vendor, 'access-1')).toBe('refused');
});
