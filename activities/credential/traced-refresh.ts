import { refreshTokens } from '../../src/oauth/refresh';
import { answered, requestSpan, serverOf } from '../../src/tracing/http-span';
import { inSpan, type SpanEnd, type SpanStart } from '../../src/tracing/in-span';

type Ask = Parameters<typeof refreshTokens>;
type Told = Awaited<ReturnType<typeof refreshTokens>>;

/** `refreshTokens` in a span. @param of whose refresh token it is */
export function tracedRefresh(of: Of, ...ask: Ask): Promise<Told> {
  return inSpan(
    () => tokenRequestSpan(of),
    () => refreshTokens(...ask),
    tokenRequestEnd,
  );
}

interface Of {
  credentialId: string;
  provider: string;
}

function tokenRequestSpan({ credentialId, provider }: Of): SpanStart {
  const { attributes, ...request } = requestSpan('POST', 'token endpoint');
  const ids = { 'holdfast.provider': provider, 'holdfast.credential.id': credentialId };
  return { ...request, attributes: { ...attributes, ...ids } };
}

function tokenRequestEnd(told: Told): SpanEnd {
  const { status, client = '' } = told.asked ?? {};
  // Behind the client's id, which may be anything.
  const origin = client.slice(client.lastIndexOf(' ') + 1);
  return {
    attributes: {
      ...serverOf(origin),
      ...(status !== undefined && answered(status).attributes),
      'holdfast.result': told.kind,
    },
    error: told.kind === 'refreshed' ? undefined : { type: told.code },
  };
}
