import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { randomToken } from '../../crypto/hash';

const nullableText = Type.Union([Type.String(), Type.Null()]);

/** One person's consent. Times are RFC 3339 in UTC. */
const grant = Type.Object({
  id: Type.String(),
  account: Type.String(),
  scope: Type.String(),
  createdAt: Type.String(),
  /** How often the refresh token was changed for another; only the newest one is good. */
  generation: Type.Integer({ minimum: 0 }),
  refreshedAt: nullableText,
  revokedAt: nullableText,
  revokedBecause: nullableText,
});
export type Grant = Static<typeof grant>;

/** An integration that was made here, with what its sender and its application have to know. */
const connection = Type.Object({
  integrationId: Type.String(),
  userId: Type.String(),
  name: Type.String(),
  webhookUrl: Type.String(),
  webhookSecret: Type.String(),
  destinationSecret: Type.String(),
  /** How many webhooks were sent to it; the last one's number. */
  sent: Type.Integer({ minimum: 0 }),
});
export type Connection = Static<typeof connection>;

const schema = Type.Object({
  /** Where the playground listens, or listened last. */
  url: Type.String(),
  client: Type.Object({ id: Type.String(), secret: Type.String() }),
  /** Signs tokens; Base64. */
  tokenKey: Type.String(),
  grants: Type.Array(grant),
  connections: Type.Array(connection),
});
export type PlaygroundState = Static<typeof schema>;

export interface StateFile {
  readonly state: PlaygroundState;
  /** Returns once the file has it: a token that was handed out must be known after a crash. */
  save(): void;
}

/** @param dataDir Holdfast's data directory; made if it isn't there */
export const stateFileName = (dataDir: string): string => path.join(dataDir, 'playground.json');

/**
 * What the last start left behind, or a beginning.
 * @throws Error where the file is there and can't be used
 */
export function openStateFile(dataDir: string): StateFile {
  const file = stateFileName(dataDir);
  const state = readState(file) ?? beginning();
  return {
    state,
    save: () => {
      mkdirSync(dataDir, { recursive: true });
      const draft = `${file}.new`;
      writeFileSync(draft, JSON.stringify(state, null, 2), { mode: 0o600 });
      renameSync(draft, file);
    },
  };
}

/** @returns undefined where there is no file. @throws Error as `openStateFile` */
export function readState(file: string): PlaygroundState | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  try {
    const content: unknown = JSON.parse(text);
    if (Value.Check(schema, content)) return content;
  } catch {
    // Said below; the parser's own message would quote the file, secrets included.
  }
  throw new Error(`${file} is not a playground's state. Delete it to start anew.`);
}

function beginning(): PlaygroundState {
  return {
    url: '',
    client: { id: `playground-${randomToken(6)}`, secret: randomToken(32) },
    tokenKey: randomToken(32),
    grants: [],
    connections: [],
  };
}
