import { errors, jwtVerify } from 'jose';
import type { GooglePubsubScheme } from '../../providers/webhook-declaration';
import { HoldfastError } from '../../lib/errors';
import type { Jwks } from './jwks';
import { rejection, type Rejection } from './scheme';

const issuers = ['accounts.google.com', 'https://accounts.google.com'];
const leewaySeconds = 60;
/** Google's last an hour; one that claims to be older than this, or isn't born yet, is refused. */
const maxAgeSeconds = 24 * 3_600;

/**
 * Whether a token is Google's (RFC 7519, RS256), for this audience and of this service account.
 * @throws HoldfastError `sender_keys_unavailable`
 */
export async function checkGoogleToken(
  token: string,
  declaration: GooglePubsubScheme,
  keys: Jwks,
  nowMs: number,
): Promise<Rejection | null> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => findKey(keys, kid), {
      algorithms: ['RS256'],
      issuer: issuers,
      audience: declaration.audience,
      clockTolerance: leewaySeconds,
      maxTokenAge: maxAgeSeconds,
      requiredClaims: ['exp'],
      currentDate: new Date(nowMs),
    });
    const { email, email_verified: isVerified } = payload;
    return email === declaration.serviceAccount && isVerified === true
      ? null
      : rejection('wrong_sender');
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    return rejection(reasonOf(error));
  }
}

async function findKey(keys: Jwks, keyId: string | undefined) {
  const key = keyId === undefined ? undefined : await keys.find(keyId);
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key;
}

function reasonOf(error: unknown): Rejection['reason'] {
  if (error instanceof errors.JWTExpired) return 'stale_timestamp';
  if (error instanceof errors.JWKSNoMatchingKey) return 'wrong_signature';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong_signature';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed_signature';
  if (error.claim === 'aud') return 'wrong_audience';
  if (error.claim === 'iss') return 'wrong_sender';
  if (error.reason === 'missing') return 'missing_timestamp';
  return error.reason === 'invalid' ? 'malformed_timestamp' : 'future_timestamp';
}
