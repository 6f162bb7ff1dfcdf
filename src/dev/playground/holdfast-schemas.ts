/** What the playground and the demo read of Holdfast's answers. */
import { type Static, Type } from 'typebox';
import { statuses } from '../../../workflows/contract/status';

const nullableText = Type.Union([Type.String(), Type.Null()]);

export const integrationAnswer = Type.Object({
  id: Type.String(),
  status: Type.Enum([...statuses]),
  health: Type.String(),
  reason: Type.Union([
    Type.Object({ code: Type.String(), credential: nullableText, message: Type.String() }),
    Type.Null(),
  ]),
  credentials: Type.Array(
    Type.Object({
      name: Type.String(),
      version: Type.Integer(),
      state: Type.String(),
      accountId: nullableText,
      expiresAt: nullableText,
    }),
  ),
  inbox: Type.Object({
    pending: Type.Integer(),
    failed: Type.Integer(),
    handled: Type.Integer(),
    discarded: Type.Integer(),
  }),
});
export type IntegrationAnswer = Static<typeof integrationAnswer>;

export const createdAnswer = Type.Object({
  id: Type.String(),
  webhookUrl: Type.String(),
  webhookSecret: Type.String(),
  destination: Type.Object({ secret: Type.String() }),
});

export const sessionAnswer = Type.Object({ url: Type.String() });

export const tokenAnswer = Type.Object({
  accessToken: Type.String(),
  expiresAt: nullableText,
  version: Type.Integer(),
});

export const deliveriesAnswer = Type.Object({
  items: Type.Array(
    Type.Object({ id: Type.String(), state: Type.String(), outcome: Type.String() }),
  ),
});

export const errorAnswer = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});
