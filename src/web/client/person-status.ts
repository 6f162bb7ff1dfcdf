/** What the gateway says about a person's connections: `GET /api/connectors/:userId/status`, and each event. */
export interface PersonStatus {
  userId: string;
  /** By the connection's name. */
  connectors: Record<string, ConnectorStatus>;
  anyNeedsReauth: boolean;
  /** Under a hold everything is kept and nothing is handled. */
  hold: Hold | null;
  /** Whoever asks may read and reconnect and change nothing; an answer's header says so. */
  isReadOnly?: true;
}

export interface ConnectorStatus {
  status: 'connected' | 'needs_reauth' | 'disabled';
  errorCode: string | null;
  /** RFC 3339, UTC. */
  lastSuccessAt: string | null;
  lastFailureAt: string | null;
  /** How many webhooks wait. */
  pending: number;
  reconnectUrl: string | null;
  /** The provider's name as people know it. */
  label?: string;
  /** Whether what waits is taken where it goes to. */
  deliveryHealth?: { state: string };
}

export interface Hold {
  by: 'user' | 'operator';
  reason: string | null;
  since: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isTextOrNull = (value: unknown) => value === null || typeof value === 'string';
const statuses = new Set<unknown>(['connected', 'needs_reauth', 'disabled']);

/** @returns null for anything else, such as the page of a proxy: nothing is shown that was only half understood */
export function parsePersonStatus(text: string): PersonStatus | null {
  try {
    const value: unknown = JSON.parse(text);
    return isPersonStatus(value) ? value : null;
  } catch {
    return null;
  }
}

function isPersonStatus(value: unknown): value is PersonStatus {
  if (!isFields(value)) return false;
  const { userId, connectors, anyNeedsReauth, hold } = value;
  return (
    typeof userId === 'string' &&
    isFields(connectors) &&
    Object.values(connectors).every(isConnector) &&
    typeof anyNeedsReauth === 'boolean' &&
    (hold === null || isHold(hold))
  );
}

const isConnector = (value: unknown): boolean =>
  isFields(value) &&
  statuses.has(value['status']) &&
  isTextOrNull(value['reconnectUrl']) &&
  typeof value['pending'] === 'number' &&
  (value['label'] === undefined || typeof value['label'] === 'string');

const isHold = (value: unknown): boolean =>
  isFields(value) &&
  (value['by'] === 'user' || value['by'] === 'operator') &&
  isTextOrNull(value['reason']);
