import { type Envelope, openOrNull } from '../../../crypto/envelope';
import type { SealedContext } from '../../../crypto/encrypted-columns';
import type { NewGrant } from '../credentials/store-tokens';

/** A grant that waits for its confirmation, with what fills its provider's addresses. */
export interface WaitingGrant {
  grant: NewGrant;
  parameters: Record<string, string> | null;
}

/** Of a grant that waits: what nobody but the connection itself has named, a person is not to take for the provider's word. */
export const namedAccount = ({ account, accountProven }: NewGrant): NewGrant['account'] =>
  accountProven === true ? account : undefined;

type Written = Omit<NewGrant, 'expiresAt' | 'refreshExpiresAt'> & {
  expiresAt?: string;
  refreshExpiresAt?: string;
};

const contextOf = (codeHash: Buffer): SealedContext =>
  `confirmations.grant_tokens:${codeHash.toString('hex')}`;

export const sealGrant = (envelope: Envelope, codeHash: Buffer, waiting: WaitingGrant): Buffer =>
  envelope.seal(JSON.stringify(waiting), contextOf(codeHash));

/** @throws EnvelopeError where no key of this process opens it */
export const openGrant = (envelope: Envelope, codeHash: Buffer, sealed: Buffer): WaitingGrant =>
  readGrant(envelope.open(sealed, contextOf(codeHash)));

/** @returns null where no key of this process opens it */
export function openGrantOrNull(
  envelope: Envelope,
  codeHash: Buffer,
  sealed: Buffer,
): WaitingGrant | null {
  const text = openOrNull(envelope, sealed, contextOf(codeHash));
  return text === null ? null : readGrant(text);
}

function readGrant(text: string): WaitingGrant {
  const { grant, parameters } = JSON.parse(text) as Omit<WaitingGrant, 'grant'> & {
    grant: Written;
  };
  const { expiresAt, refreshExpiresAt, ...rest } = grant;
  return {
    grant: {
      ...rest,
      expiresAt: dateOf(expiresAt),
      refreshExpiresAt: dateOf(refreshExpiresAt),
    },
    parameters,
  };
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
