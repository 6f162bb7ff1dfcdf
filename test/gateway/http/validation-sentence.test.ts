import { Ajv } from 'ajv';
import type { RouteOptions } from 'fastify';
import { formats } from '../../../src/gateway/http/schemas/text';
import { apiKey, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
  anyOf?: Schema[];
  items?: Schema;
  maxLength?: number;
  enum?: string[];
}

interface Route {
  method: string;
  url: string;
  schema: Partial<Record<'params' | 'querystring' | 'body', Schema>>;
}

let gateway: GatewayFixture;
const routes: Route[] = [];

beforeAll(async () => {
  gateway = await gatewayFixture();
  // Nothing is registered before the first request.
  gateway.app.addHook('onRoute', (route: RouteOptions) => {
    const { url, method, schema = {} } = route;
    for (const one of [method].flat())
      routes.push({ url, method: one, schema: schema as Route['schema'] });
  });
  await gateway.app.ready();
});
afterAll(() => gateway.close());

const ajv = new Ajv({ strict: false, formats: { ...formats, 'date-time': true } });
const texts = ['main', 'x', '1', 'int_1', 'ses_1', 'key_1', '2026-01-31T12:00:00Z', 'a'.repeat(43)];
const numbers = [1, 60, 300];

/** Something that the schema takes. */
function sample(schema: Schema): unknown {
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return sample(first);
  const fits = [...texts, ...numbers, true, {}, [], null].find((value) =>
    ajv.validate(schema, value),
  );
  if (fits !== undefined) return fits;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.items !== undefined) return [sample(schema.items)];
  const needed = (schema.required ?? []).map((name) => [
    name,
    sample(schema.properties?.[name] ?? {}),
  ]);
  return Object.fromEntries(needed) as unknown;
}

const nonsense = [
  7.5,
  -1,
  2 ** 40,
  true,
  [],
  ['x'],
  { other: 1 },
  null,
  '',
  '^[a-z]\\d{2}$',
  '\0',
  '\ud800',
  ' ',
  'x'.repeat(20_000),
];

/** Each place within a value, and values that it must not have. */
function* badParts(schema: Schema, place: string): Generator<{ place: string; value: unknown }> {
  const isGood = ajv.compile(schema);
  for (const value of nonsense) {
    const isText = typeof value === 'string';
    // Large ones are refused for their size; another kind is tried once.
    if (isText && value.length > 1_000 && schema.maxLength === undefined) continue;
    if (!isGood(value)) yield { place, value };
  }
  const object = schema.anyOf?.find(({ type }) => type === 'object') ?? schema;
  if (object.type !== 'object') return;
  const base = sample(object) as Record<string, unknown>;
  const inner = { ...object.properties };
  if (object.patternProperties !== undefined)
    inner['main'] = Object.values(object.patternProperties)[0] ?? {};
  for (const [name, part] of Object.entries(inner)) {
    for (const bad of badParts(part, `${place}.${name}`)) {
      yield { ...bad, value: { ...base, [name]: bad.value } };
    }
  }
  for (const name of object.required ?? []) {
    yield { place: `${place}.${name}`, value: { ...base, [name]: undefined } };
  }
  const unknown = { ...base, 'un known': 1 };
  if (!isGood(unknown)) yield { place, value: unknown };
}

/** What nobody should have to read: a pattern, or the words of a validator. */
const jargon =
  /[\^\\]|\[.*\]|pattern|schema|property|instance|must match|should|another form|another kind/;

test('whatever is wrong anywhere in a request, the answer has its place and the rule in words', async () => {
  const wrong: string[] = [];
  const seen = new Map<string, string>();
  const userId = 'main';
  const session = await gateway.call('POST', '/v1/sessions', { userId });
  const { token } = session.body as unknown as { token: string };
  let asked = 0;

  async function check(route: Route, place: string, url: string, body: unknown): Promise<void> {
    asked++;
    const { statusCode, payload } = await gateway.app.inject({
      method: route.method as 'POST',
      url,
      headers: {
        authorization: `Bearer ${url.startsWith('/api') ? token : apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const what = `${route.method} ${url.slice(0, 100)} ${place}: ${statusCode} ${payload.slice(0, 300)}`;
    const { error } = JSON.parse(payload) as { error?: { code: string; message: string } };
    const message = error?.message ?? '';
    const isPlaced = message.startsWith(`${place}:`) || message.startsWith(`${place}.`);
    if (statusCode !== 400 || !isPlaced || jargon.test(message)) wrong.push(what);
    seen.set(place, message);
  }

  const address = (route: Route) =>
    route.url.replaceAll(/:(\w+)/g, (_all, name: string) =>
      String(sample(route.schema.params?.properties?.[name] ?? { type: 'string' })),
    );
  for (const route of routes) {
    if (!/^\/(v1|api)\//.test(route.url) || route.method === 'HEAD') continue;
    const { body, querystring, params } = route.schema;
    for (const [name, part] of Object.entries(params?.properties ?? {})) {
      // A person's path is theirs or nobody's; what names nothing is not found.
      if (route.url.startsWith('/api') && name === 'userId') continue;
      if (ajv.validate(part, '^[a-z]\0')) continue;
      const path = route.url.replace(`:${name}`, encodeURIComponent('^[a-z]\0'));
      await check(route, `path.${name}`, address({ ...route, url: path }), undefined);
    }
    if (body !== undefined) {
      for (const { place, value } of badParts(body, 'body')) {
        await check(route, place, address(route), value);
      }
    }
    for (const [name, part] of Object.entries(querystring?.properties ?? {})) {
      for (const { place, value } of badParts(part, `query.${name}`)) {
        if (typeof value !== 'string' || value === '\ud800' || value.length > 1_000) continue;
        const rest = Object.entries(sample(querystring ?? {}) as object).map(
          ([k, v]) => `${k}=${String(v)}`,
        );
        const query = [
          ...rest.filter((one) => !one.startsWith(`${name}=`)),
          `${name}=${encodeURIComponent(value)}`,
        ].join('&');
        await check(route, place, `${address(route)}?${query}`, undefined);
      }
    }
    if (querystring !== undefined)
      await check(route, 'query', `${address(route)}?unknown=1`, undefined);
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(500);
  expect(seen.get('body.credentials.main.expiresAt')).toBe(
    'body.credentials.main.expiresAt: must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.',
  );
  // A page for people has no place to name.
  const page = await gateway.app.inject({ url: '/oauth/acme/start?integration=%5E%5Ba' });
  expect([page.statusCode, page.payload]).toEqual([
    400,
    expect.not.stringMatching(/must match|\{1,/),
  ]);
});

test.each([[[]], [['read', 'read']]])(
  'of how many entries, and that they differ: %j',
  async (scopes) => {
    const { status, body } = await gateway.call('POST', '/v1/keys', { name: 'n', scopes });
    expect([status, body.error.message]).toEqual([
      400,
      'body.scopes: must be a list of 1 to 5 different entries.',
    ]);
  },
);

test.each([
  [{ handlr: 'x' }, 'body.handlr: is not known here (Did you mean "handler"?).'],
  [{ nothing: 'x' }, 'body.nothing: is not known here.'],
  [
    { credentials: { 'a b': {} } },
    'body.credentials: each name in it must be 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or a digit, and "a b" is not.',
  ],
  [
    { credentials: { main: { accessToken: 'x', expiresAt: '0001-01-01T00:00:00Z' } } },
    'body.credentials.main.expiresAt: must be an RFC 3339 time after 1970.',
  ],
  [{ metadata: 'x' }, 'body.metadata: must be an object or null.'],
  [
    { handling: { concurrency: 21 } },
    'body.handling.concurrency: must be a whole number from 1 to 20.',
  ],
  [{ provider: 'shop' }, 'body.parameters.shop: is missing.'],
  [
    { provider: 'shop', parameters: { shop: 'else.example' } },
    "body.parameters.shop: must be letters, digits and ._~- of the form that the provider's declaration gives it.",
  ],
  [
    { webhookSecret: 'short' },
    'body.webhookSecret: must be "whsec_" and Base64, or "whpk_" and 32 bytes in Base64, for this provider.',
  ],
  [{ handler: 'forward' }, 'body.destination.url: is missing; forwarding needs it.'],
])('%j: %s', async (part, message) => {
  const body = { userId: 'u', name: 'n', provider: 'acme', handler: 'sync', ...part };
  const answer = await gateway.call('POST', '/v1/integrations', body);
  expect([answer.status, answer.body.error.message]).toEqual([400, message]);
});
