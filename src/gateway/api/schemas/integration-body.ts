import { type Static, Type } from 'typebox';
import {
  credentialNamePattern,
  freeText,
  nameText,
  oneOf,
  parameterNamePattern,
  printableText,
} from '../../http/schemas/text';
import { tokenProperties } from './tokens';

const strict = { additionalProperties: false };

const metadata = Type.Union([
  Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
  Type.Null(),
]);
const destination = Type.Object({ url: freeText(2_048) }, strict);
const policy = oneOf(['keep', 'discard']);
const whenTokenUnavailable = oneOf(['wait', 'send']);
const handling = Type.Object(
  {
    order: Type.Optional(oneOf(['strict', 'none'])),
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    giveUpAfterSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  },
  strict,
);
const handler = Type.String({ minLength: 1, maxLength: 128 });

/**
 * Tokens, or the id of a credential that another integration of the same user has, or `external`: the application keeps
 * the tokens.
 */
const credential = Type.Object(
  {
    ...Type.Partial(Type.Object(tokenProperties)).properties,
    id: Type.Optional(freeText(64)),
    external: Type.Optional(Type.Literal(true)),
  },
  strict,
);

export const createBody = Type.Object(
  {
    userId: nameText,
    name: nameText,
    provider: Type.String({ minLength: 1, maxLength: 64 }),
    metadata: Type.Optional(metadata),
    webhookSecret: Type.Optional(printableText(1_024)),
    credentials: Type.Optional(
      Type.Record(Type.String({ pattern: credentialNamePattern }), credential, {
        ...strict,
        maxProperties: 10,
      }),
    ),
    handler: Type.Optional(handler),
    destination: Type.Optional(destination),
    whenError: Type.Optional(policy),
    whenDisabled: Type.Optional(policy),
    whenTokenUnavailable: Type.Optional(whenTokenUnavailable),
    handling: Type.Optional(handling),
    parameters: Type.Optional(
      Type.Record(Type.String({ pattern: parameterNamePattern }), freeText(255), {
        ...strict,
        maxProperties: 10,
      }),
    ),
    webhookAccount: Type.Optional(freeText(256)),
  },
  strict,
);
export type CreateBody = Static<typeof createBody>;
export type CredentialBody = Static<typeof credential>;

export const patchBody = Type.Object(
  {
    metadata: Type.Optional(metadata),
    handler: Type.Optional(handler),
    destination: Type.Optional(Type.Union([destination, Type.Null()])),
    whenError: Type.Optional(policy),
    whenDisabled: Type.Optional(policy),
    whenTokenUnavailable: Type.Optional(whenTokenUnavailable),
    handling: Type.Optional(handling),
  },
  strict,
);
export type PatchBody = Static<typeof patchBody>;
