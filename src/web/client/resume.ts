import type { BannerSettings } from './banner-settings.js';

/** Ends the person's own pause. Never throws. @returns the answer's HTTP status, 0 where there was none */
export async function endPause(
  { baseUrl, userId }: BannerSettings,
  token: string | null,
): Promise<number> {
  try {
    const response = await fetch(`${baseUrl}/api/users/${encodeURIComponent(userId)}/pause`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      credentials: token === null ? 'same-origin' : 'omit',
      redirect: 'error',
      body: '{"paused":false}',
      signal: AbortSignal.timeout(15_000),
    });
    return response.status;
  } catch {
    return 0;
  }
}
