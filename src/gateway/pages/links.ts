/** Where a person with a session begins to connect a credential; the worst one where none is named. */
export function startPath(provider: string, integrationId: string, credential?: string): string {
  const query = new URLSearchParams({ integration: integrationId });
  if (credential !== undefined) query.set('credential', credential);
  return `/oauth/${encodeURIComponent(provider)}/start?${query.toString()}`;
}

/** Where a person begins who may have no session, and whatever needs them most is connected. */
export const reconnectPath = (integrationId: string): string => `/reconnect/${integrationId}`;
