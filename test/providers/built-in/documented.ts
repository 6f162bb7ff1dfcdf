import type { BuiltInName } from '../../../src/providers/built-in';
import type { SeenRequest } from '../../oauth/loopback';
import { client, type Answer, type Answers } from './vendor';

/** What becomes of a refresh token that was used. */
type Rotation =
  /** Nothing: it is the same one for good. */
  | 'kept'
  /** It is worth nothing from then on. */
  | 'once'
  /** It is good until its successor is used. */
  | 'until_successor';

interface Documented {
  token: string;
  /** `fields`: both parts of the client in the form; `key`: the secret alone, as HTTP Basic's user. */
  client: 'fields' | 'key';
  wrongClient: Answer;
  /** To too many requests. */
  limit: Answer;
  parameters?: Record<string, string>;
  accountId: string;
  /** All but the tokens in the answer to a code and to a refresh token. */
  beside: Record<string, unknown>;
  /** Absent: there are no refresh tokens. */
  refresh?: { rotation: Rotation; dead: Answer };
  /** The address that tells of the account, of a token that is good and of one that isn't. */
  api?: { address: string; header: string; good: Answer; bad: Answer };
  /** Which token takes the grant away, and where the request has it. */
  revocation?: {
    address: string;
    /** `account`: the id of the account, and the client's key. */
    token: 'access' | 'refresh' | 'account';
    at: (request: SeenRequest) => unknown;
    done: Answer;
  };
}

const bearer = 'authorization';
/** The secret key alone (https://docs.stripe.com/api/authentication). */
const key = `Basic ${Buffer.from(`${client.clientSecret}:`).toString('base64')}`;
const rfc = (status: number, error: string): Answer => [status, { error }];
const stripeLimit: Answer = [429, { error: { type: 'invalid_request_error', code: 'rate_limit' } }];
const stripeAccount = { stripe_user_id: 'acct_1032D82eZvKYlo2C', token_type: 'bearer' };

export const documented: Record<BuiltInName, Documented> = {
  attio: {
    token: 'POST https://app.attio.com/oauth/token',
    client: 'fields',
    wrongClient: rfc(401, 'invalid_client'),
    limit: [429, { status_code: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' }],
    accountId: '14beef7a-99f7-4534-a87e-70b564330a4c',
    beside: { token_type: 'Bearer' },
    api: {
      address: 'GET https://api.attio.com/v2/self',
      header: bearer,
      good: { active: true, workspace_id: '14beef7a-99f7-4534-a87e-70b564330a4c' },
      bad: { active: false },
    },
    revocation: {
      address: 'POST https://app.attio.com/oauth/revoke',
      token: 'access',
      at: ({ headers }) => headers.authorization,
      done: [204, ''],
    },
  },
  github: {
    token: 'POST https://github.com/login/oauth/access_token',
    client: 'fields',
    wrongClient: { error: 'incorrect_client_credentials' },
    limit: [403, { message: 'You have exceeded a secondary rate limit.' }],
    accountId: '583231',
    beside: { expires_in: 28800, refresh_token_expires_in: 15897600, token_type: 'bearer' },
    refresh: { rotation: 'once', dead: { error: 'bad_refresh_token' } },
    api: {
      address: 'GET https://api.github.com/user',
      header: bearer,
      good: { id: 583231, login: 'octocat' },
      bad: [401, { message: 'Bad credentials' }],
    },
    revocation: {
      address: `DELETE https://api.github.com/applications/${client.clientId}/grant`,
      token: 'access',
      at: ({ body }) => (JSON.parse(body) as Record<string, unknown>)['access_token'],
      done: [204, ''],
    },
  },
  google: {
    token: 'POST https://oauth2.googleapis.com/token',
    client: 'fields',
    wrongClient: rfc(401, 'invalid_client'),
    limit: [403, { error: { code: 403, errors: [{ reason: 'userRateLimitExceeded' }] } }],
    accountId: '110248495921238986420',
    beside: { expires_in: 3599, token_type: 'Bearer', scope: 'openid email' },
    refresh: { rotation: 'kept', dead: rfc(400, 'invalid_grant') },
    api: {
      address: 'GET https://openidconnect.googleapis.com/v1/userinfo',
      header: bearer,
      good: { sub: '110248495921238986420' },
      bad: rfc(401, 'invalid_request'),
    },
    revocation: {
      address: 'POST https://oauth2.googleapis.com/revoke',
      token: 'refresh',
      at: ({ form }) => form.get('token'),
      done: {},
    },
  },
  hubspot: {
    token: 'POST https://api.hubapi.com/oauth/2026-03/token',
    client: 'fields',
    wrongClient: [400, { error: 'invalid_client', status: 'BAD_CLIENT_SECRET' }],
    limit: [429, { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' }],
    accountId: '62515',
    beside: { expires_in: 1800, token_type: 'bearer', hub_id: 62515, scopes: ['oauth'] },
    refresh: {
      rotation: 'kept',
      dead: [400, { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' }],
    },
    revocation: {
      address: 'POST https://api.hubapi.com/oauth/2026-03/token/revoke',
      token: 'refresh',
      at: ({ form }) => form.get('token'),
      done: [200, ''],
    },
  },
  shopify: {
    token: 'POST https://{shop}/admin/oauth/access_token',
    client: 'fields',
    wrongClient: [400, { error: 'application_cannot_be_found' }],
    limit: [429, { errors: 'Exceeded 2 calls per second for api client.' }],
    parameters: { shop: 'johns-apparel.myshopify.com' },
    accountId: 'johns-apparel.myshopify.com',
    beside: { scope: 'read_products', expires_in: 3600, refresh_token_expires_in: 7776000 },
    refresh: {
      rotation: 'until_successor',
      dead: [
        401,
        {
          error: 'invalid_request',
          error_description: 'This request requires an active refresh_token',
        },
      ],
    },
    api: {
      address: 'GET https://{shop}/admin/oauth/access_scopes.json',
      header: 'x-shopify-access-token',
      good: { access_scopes: [{ handle: 'read_products' }] },
      bad: [401, { errors: '[API] Invalid API key or access token' }],
    },
  },
  slack: {
    token: 'POST https://slack.com/api/oauth.v2.access',
    client: 'fields',
    wrongClient: { ok: false, error: 'bad_client_secret' },
    limit: [429, { ok: false, error: 'ratelimited' }],
    accountId: 'T9TK3CUKW',
    beside: { ok: true, token_type: 'bot', expires_in: 43200, team: { id: 'T9TK3CUKW' } },
    refresh: { rotation: 'once', dead: { ok: false, error: 'invalid_refresh_token' } },
    api: {
      address: 'GET https://slack.com/api/auth.test',
      header: bearer,
      good: { ok: true, team_id: 'T9TK3CUKW' },
      bad: { ok: false, error: 'account_inactive' },
    },
    revocation: {
      address: 'POST https://slack.com/api/auth.revoke',
      token: 'access',
      at: ({ headers }) => headers.authorization,
      done: { ok: true, revoked: true },
    },
  },
  stripe: {
    token: 'POST https://connect.stripe.com/oauth/token',
    client: 'key',
    wrongClient: [401, { error: 'invalid_client', error_description: 'Invalid API Key provided' }],
    limit: stripeLimit,
    accountId: stripeAccount.stripe_user_id,
    beside: { ...stripeAccount, livemode: false, scope: 'read_write' },
    refresh: { rotation: 'kept', dead: rfc(400, 'invalid_grant') },
    api: {
      address: 'GET https://api.stripe.com/v1/account',
      header: bearer,
      good: { id: stripeAccount.stripe_user_id },
      bad: [401, { error: { type: 'invalid_request_error', message: 'Expired API Key' } }],
    },
    revocation: {
      address: 'POST https://connect.stripe.com/oauth/deauthorize',
      token: 'account',
      at: ({ headers, form }) =>
        headers.authorization === key &&
        form.get('client_id') === client.clientId &&
        form.get('stripe_user_id'),
      done: { stripe_user_id: stripeAccount.stripe_user_id },
    },
  },
  'stripe-apps': {
    token: 'POST https://api.stripe.com/v1/oauth/token',
    client: 'key',
    wrongClient: [401, { error: { type: 'invalid_request_error', message: 'Invalid API Key' } }],
    limit: stripeLimit,
    accountId: stripeAccount.stripe_user_id,
    beside: { ...stripeAccount, livemode: false, scope: 'stripe_apps' },
    refresh: { rotation: 'once', dead: rfc(400, 'invalid_grant') },
  },
};

/** One grant at a vendor that behaves as it is documented; numbers its tokens from 1. */
export function behaving({ token, beside, refresh, api, revocation, ...vendor }: Documented) {
  let [issued, current, isOver, isCodeUsed] = [0, 0, false, false];

  function issue(): Answer {
    current = issued += 1;
    const isNew = refresh !== undefined && (refresh.rotation !== 'kept' || issued === 1);
    const again = isNew ? { refresh_token: `refresh-${issued}` } : {};
    return { ...beside, access_token: `access-${issued}`, ...again };
  }

  function mayRefresh(given: string | null): boolean {
    if (isOver || refresh === undefined) return false;
    if (refresh.rotation === 'kept') return given === 'refresh-1';
    const isBefore = refresh.rotation === 'until_successor' && given === `refresh-${current - 1}`;
    return isBefore || given === `refresh-${current}`;
  }

  function answerToken({ form, headers }: SeenRequest): Answer {
    const isProven =
      vendor.client === 'key'
        ? headers.authorization === key
        : form.get('client_id') === client.clientId &&
          form.get('client_secret') === client.clientSecret;
    if (!isProven) return vendor.wrongClient;
    if (form.get('grant_type') === 'refresh_token') {
      return mayRefresh(form.get('refresh_token')) ? issue() : (refresh?.dead ?? [400, '']);
    }
    if (isCodeUsed || form.get('code') !== 'the-code') return rfc(400, 'invalid_grant');
    isCodeUsed = true;
    return issue();
  }

  const answers: Answers = { [token]: answerToken };
  if (api !== undefined) {
    answers[api.address] = ({ headers }) => {
      const isGood = !isOver && String(headers[api.header]).endsWith(`access-${current}`);
      return isGood ? api.good : api.bad;
    };
  }
  if (revocation !== undefined) {
    answers[revocation.address] = (request) => {
      const good = {
        access: `access-${current}`,
        refresh: 'refresh-1',
        account: vendor.accountId,
      }[revocation.token];
      if (String(revocation.at(request)).replace('Bearer ', '') !== good) return [400, ''];
      isOver = true;
      return revocation.done;
    };
  }
  return { answers, uninstall: () => void (isOver = true) };
}
