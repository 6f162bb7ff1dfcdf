import { request } from 'undici';
import { signStandardWebhook } from '../src/handlers/sign';
import { messageOf } from '../src/errors';

const timeoutMs = 8_000;

/**
 * Posts a notice, signed as Standard Webhooks; its id is the same at every attempt.
 *
 * @returns null where it was taken (2xx), else what went wrong, without the receiver's words
 */
export async function postNotice(
  notice: { id: string; payload: string },
  { url, secret }: { url: string; secret: string },
): Promise<string | null> {
  const body = Buffer.from(notice.payload);
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signStandardWebhook({ id: notice.id, body, secrets: [secret], now: new Date() }),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body.dump();
    const taken = answer.statusCode >= 200 && answer.statusCode < 300;
    return taken ? null : `the receiver answered ${answer.statusCode}`;
  } catch (error) {
    return messageOf(error);
  }
}
