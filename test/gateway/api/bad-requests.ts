import { errorStatuses } from '../../../src/lib/errors';
import { apiKey, type GatewayFixture } from '../gateway-fixture';

export const json = { 'content-type': 'application/json' };

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** With `:id` where an id stands. */
  url: string;
}

export interface Refusal {
  status: number;
  error: { code: string; message: string } | undefined;
  headers: Record<string, unknown>;
}

/** Sends what is to be refused, byte for byte. */
export async function ask(
  { app }: GatewayFixture,
  { method, url }: Route,
  options: { id?: string; payload?: string; headers?: object } = {},
): Promise<Refusal> {
  const answer = await app.inject({
    method,
    url: url.replace(':id', options.id ?? 'int_0'),
    headers: { authorization: `Bearer ${apiKey}`, ...options.headers },
    ...(options.payload === undefined ? {} : { payload: options.payload }),
  });
  const { error } = JSON.parse(answer.body) as Pick<Refusal, 'error'>;
  return { status: answer.statusCode, error, headers: answer.headers };
}

/** Every refusal has its code, that code's status, and a sentence. */
export function expectRefusal(answer: Refusal, code: keyof typeof errorStatuses): void {
  expect(answer.error).toEqual({
    code,
    message: expect.stringMatching(/^.{8,300}[.>]$/s) as unknown,
    requestId: answer.headers['holdfast-request-id'],
  });
  expect(answer.status).toBe(errorStatuses[code]);
}
