import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { errorAnswer } from './holdfast-schemas';

/** Holdfast answered with an error, or not at all (`unreachable`, status 0). */
export class HoldfastApiError extends Error {
  override readonly name = 'HoldfastApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface HoldfastApi {
  /**
   * @param expected what the answer must have
   * @throws HoldfastApiError
   */
  call<T extends TSchema>(
    expected: T,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Static<T>>;
}

const timeoutMs = 15_000;

/** Holdfast's API as the developer's own application calls it. */
export function createHoldfastApi(url: string, apiKey: string): HoldfastApi {
  return {
    call: async (expected, method, path, body) => {
      const { status, text } = await send(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = parse(text);
      if (status >= 400 && Value.Check(errorAnswer, answer)) {
        throw new HoldfastApiError(status, answer.error.code, answer.error.message);
      }
      if (status < 400 && Value.Check(expected, answer)) return answer;
      const message = `Holdfast answered ${method} ${path} with ${status} and something unexpected.`;
      throw new HoldfastApiError(status, 'unexpected_answer', message);
    },
  };
}

async function send(address: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(address, init);
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const { origin } = new URL(address);
    throw new HoldfastApiError(0, 'unreachable', `Holdfast does not answer at ${origin}.`, {
      cause,
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
