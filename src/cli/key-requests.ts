import { type Static, Type } from 'typebox';
import { type ApiKeyScope, apiKeyScopes } from '../db/queries/api-keys';
import { didYouMean } from '../lib/nearest';
import { type ApiClient, createApiClient } from './api-client';
import { CommandError, type CommandContext, exitCodes } from './command';
import { forTerminal, isJsonWanted, printJson, table } from './output';

const nullableText = Type.Union([Type.String(), Type.Null()]);
const keyProperties = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  expiresAt: nullableText,
  createdAt: Type.String(),
  lastUsedAt: nullableText,
};
const keyAnswer = Type.Object(keyProperties);
const madeAnswer = Type.Object({ ...keyProperties, key: Type.String() });
const listAnswer = Type.Object({ items: Type.Array(keyAnswer), nextCursor: nullableText });
type Key = Static<typeof keyAnswer>;

const client = ({ env, cwd }: CommandContext): ApiClient => createApiClient(env, cwd);

interface Wanted {
  name: string;
  /** Comma-separated. */
  scope: string;
  expires: string | undefined;
}

/** Prints the key alone, so that it can go straight to where it is kept; what else there is to say goes to stderr. */
export async function createKey(context: CommandContext, wanted: Wanted): Promise<void> {
  const { name, scope, expires } = wanted;
  const scopes = scopesIn(scope);
  const expiresAt = expires === undefined ? undefined : endOf(expires, Date.now());
  const { key, ...made } = await client(context).call(madeAnswer, 'POST', '/v1/keys', {
    ...{ name, scopes },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  process.stdout.write(`${forTerminal(key)}\n`);
  const end = made.expiresAt === null ? 'until it is revoked' : `until ${made.expiresAt}`;
  const facts = `It is good ${end}, for: ${made.scopes.join(', ')}. To end it: holdfast keys revoke ${made.id}`;
  process.stderr.write(
    `This is the only time that the key is shown: keep it where secrets are kept.\n${forTerminal(facts)}\n`,
  );
}

export async function listKeys(context: CommandContext, options: { json: boolean }): Promise<void> {
  const items = await allKeys(client(context));
  if (isJsonWanted(options, process.stdout)) printJson(process.stdout, { items });
  else process.stdout.write(tableOf(items, new Date()));
}

export async function revokeKey(context: CommandContext, id: string): Promise<void> {
  await client(context).call(Type.Null(), 'DELETE', `/v1/keys/${encodeURIComponent(id)}`);
  process.stderr.write(`The key ${id} is revoked.\n`);
}

async function allKeys(api: ApiClient): Promise<Key[]> {
  const items: Key[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Static<typeof listAnswer> = await api.call(
      listAnswer,
      'GET',
      `/v1/keys?limit=200${after}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** @throws CommandError `usage` */
function scopesIn(list: string): ApiKeyScope[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const scope = apiKeyScopes.find((one) => one === name);
    if (scope !== undefined) return scope;
    const known = `The scopes are: ${apiKeyScopes.join(', ')}.`;
    const message = `there is no scope "${name}".${didYouMean(name, apiKeyScopes)} ${known}`;
    throw new CommandError(message, exitCodes.usage);
  });
}

const unitsMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339 of a time, or of a while from now on. @throws CommandError `usage` */
export function endOf(text: string, now: number): string {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    const end = now + Number(count) * (unitsMs[unit] ?? 0);
    if (end > now) return new Date(end).toISOString();
  }
  const isTime = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/i.test(text);
  const time = isTime ? Date.parse(text) : NaN;
  if (time > now) return new Date(time).toISOString();
  const message = Number.isNaN(time)
    ? `--expires takes a time (2027-01-31T00:00:00Z) or a while from now on (90d, 12h, 30m).`
    : `--expires ${text} is past.`;
  throw new CommandError(message, exitCodes.usage);
}

export function tableOf(items: readonly Key[], now: Date): string {
  if (items.length === 0) return 'There are no keys but those of HOLDFAST_API_KEYS.\n';
  return table(
    ['ID', 'NAME', 'SCOPES', 'EXPIRES', 'LAST USED'],
    items.map(({ id, name, scopes, expiresAt, lastUsedAt }) => [
      ...[id, name, scopes.join(',')],
      expiresAt === null ? 'never' : `${expiresAt}${new Date(expiresAt) <= now ? ' (over)' : ''}`,
      lastUsedAt ?? 'never',
    ]),
  );
}
