import { apiKeyScopes } from '../db/queries/api-keys';
import { defineCommand, exitCodes, jsonOption } from './command';

const asked = `It asks the gateway at HOLDFAST_URL as HOLDFAST_API_KEY, which needs the scope "admin".
Unset, they are this machine's gateway and the key in .holdfast/api-key.`;

export const keysCreate = defineCommand({
  summary: 'makes an API key and prints it, this once',
  options: {
    name: { type: 'string', value: '<name>', help: 'what it is for', required: true },
    scope: {
      type: 'string',
      value: '<list>',
      help: `what it may do, comma-separated: ${apiKeyScopes.join(', ')}`,
      required: true,
    },
    expires: {
      type: 'string',
      value: '<when>',
      help: 'an RFC 3339 time, or from now on: 90d, 12h, 30m; default never',
    },
  },
  notes: `read: every GET but tokens. manage: changes too. tokens: access tokens, out and in.
proxy: the proxy. admin: everything, keys and the audit too.

${asked}`,
  run: async (context, values) => {
    const { createKey } = await import('./key-requests.js');
    await createKey(context, values);
    return exitCodes.well;
  },
});

export const keysList = defineCommand({
  summary: 'lists the API keys that nobody has revoked',
  options: jsonOption,
  notes: `${asked}\nInto a pipe it writes one JSON object.`,
  run: async (context, values) => {
    const { listKeys } = await import('./key-requests.js');
    await listKeys(context, values);
    return exitCodes.well;
  },
});

export const keysRevoke = defineCommand({
  summary: 'revokes an API key: within five seconds it and its sessions are no good any more',
  positionals: ['<id>'],
  options: {},
  notes: asked,
  run: async (context, _values, [id = '']) => {
    const { revokeKey } = await import('./key-requests.js');
    await revokeKey(context, id);
    return exitCodes.well;
  },
});
