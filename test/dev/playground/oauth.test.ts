import { ask, clientOf, play, post, releaseAll, tokensOf } from './client';

afterEach(releaseAll);

describe('connecting', () => {
  test('a consent becomes a code, the code tokens, and the tokens a name', async () => {
    const client = clientOf(await play());
    const { answer } = await client.exchange();
    expect(answer).toMatchObject({
      status: 200,
      json: { token_type: 'Bearer', expires_in: 150, scope: 'contacts.read' },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await client.me(tokensOf(answer).access)).toMatchObject({
      status: 200,
      json: { id: 'ada', email: 'ada@playground.example' },
    });
  });

  test('the consent page sends the request again, and nothing that was slipped in beside it', async () => {
    const { url, ...rest } = await play();
    const { authorization } = clientOf({ url, ...rest });
    const query = new URLSearchParams({ ...authorization, decision: 'allow', state: '"><b>' });
    const page = await ask(`${url}/oauth/authorize?${String(query)}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('name="state" value="&quot;&gt;&lt;b&gt;"');
    expect(page.text).not.toContain('type="hidden" name="decision"');
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' http://localhost:3000",
    );
  });

  test('a person who says no goes back with access_denied', async () => {
    const { headers } = await clientOf(await play()).consent({ decision: 'deny' });
    const location = new URL(headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('access_denied');
    expect(location.searchParams.get('state')).toBe('the-state');
  });

  test('nobody is redirected to an address that is not the client’s', async () => {
    const client = clientOf(await play());
    const foreign = await client.consent({ redirect_uri: 'http://evil.example/' });
    expect(foreign).toMatchObject({ status: 400 });
    expect(foreign.headers.get('location')).toBeNull();
    expect((await client.consent({ client_id: 'someone' })).status).toBe(400);
  });

  test('another website’s form can not consent', async () => {
    const { url, ...rest } = await play();
    const { authorization } = clientOf({ url, ...rest });
    const form = { ...authorization, account: 'ada', decision: 'allow' };
    for (const headers of [{}, { origin: 'http://evil.example' }, { origin: 'null' }]) {
      expect((await post(`${url}/oauth/authorize`, form, headers)).status).toBe(403);
    }
  });
});

describe('PKCE', () => {
  test.each([{ code_challenge: '' }, { code_challenge_method: 'plain' }])(
    'a request with %j goes back with invalid_request',
    async (form) => {
      const { headers } = await clientOf(await play()).consent(form);
      const { searchParams } = new URL(headers.get('location') ?? '');
      expect(searchParams.get('error')).toBe('invalid_request');
      expect(searchParams.get('code')).toBeNull();
    },
  );

  test.each(['', 'x'.repeat(43), 'short'])('the verifier "%s" gets no tokens', async (verifier) => {
    const client = clientOf(await play());
    const { form, answer } = await client.exchange({ code_verifier: verifier });
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    const second = await client.token({ grant_type: 'authorization_code', ...form });
    expect(second.status).toBe(400);
  });

  test('a code that is used twice takes its tokens with it', async () => {
    const client = clientOf(await play());
    const { form, answer } = await client.exchange();
    const again = await client.token({ grant_type: 'authorization_code', ...form });
    expect(again).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    expect((await client.me(tokensOf(answer).access)).status).toBe(401);
  });
});

describe('refreshing', () => {
  test('each refresh gives another refresh token, and the newest goes on working', async () => {
    const playground = await play();
    const client = clientOf(playground);
    const first = await client.connect();
    const second = tokensOf(await client.refresh(first.refresh));
    const third = await client.refresh(second.refresh);
    expect(third.status).toBe(200);
    expect(new Set([first.refresh, second.refresh, tokensOf(third).refresh]).size).toBe(3);
    expect((await client.me(first.access)).status).toBe(200);
    expect(playground.control.counts()).toMatchObject({ exchanges: 1, refreshes: 2, refused: 0 });
  });

  test('a refresh token that is shown twice ends the whole grant', async () => {
    const playground = await play();
    const client = clientOf(playground);
    const first = await client.connect();
    const second = tokensOf(await client.refresh(first.refresh));
    const reused = await client.refresh(first.refresh);
    expect(reused).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    expect((await client.refresh(second.refresh)).status).toBe(400);
    expect((await client.me(second.access)).status).toBe(401);
    expect(playground.control.counts()).toMatchObject({ reuses: 1, refused: 2 });
    expect(playground.control.grants()[0]?.revokedBecause).toMatch(/twice/);
  });

  test('an access token ends, and the refresh token brings the next', async () => {
    const client = clientOf(await play({ accessTokenSeconds: 0 }));
    const first = await client.connect();
    expect(await client.me(first.access)).toMatchObject({ status: 401 });
    expect((await client.refresh(first.refresh)).status).toBe(200);
  });

  test.each(['', 'refresh.x.0.y', 'nonsense'])('"%s" is no refresh token', async (token) => {
    const answer = await clientOf(await play()).refresh(token);
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  });

  test('an access token is no refresh token, nor the other way round', async () => {
    const client = clientOf(await play());
    const { access, refresh } = await client.connect();
    expect((await client.refresh(access)).status).toBe(400);
    expect((await client.me(refresh)).status).toBe(401);
    // Nor is it taken for a refresh token that was used before.
    expect((await client.me(access)).status).toBe(200);
  });
});

describe('who asks', () => {
  test('the secret may come in the form as well', async () => {
    const client = clientOf(await play());
    const { refresh } = await client.connect();
    const { clientId, clientSecret } = client;
    const form = { grant_type: 'refresh_token', refresh_token: refresh };
    const named = { ...form, client_id: clientId, client_secret: clientSecret };
    expect((await client.token(named, {})).status).toBe(200);
  });

  test('a wrong or missing secret is invalid_client, and costs no token', async () => {
    const client = clientOf(await play());
    const { refresh } = await client.connect();
    const form = { grant_type: 'refresh_token', refresh_token: refresh };
    const wrong = { authorization: `Basic ${btoa(`${client.clientId}:wrong`)}` };
    for (const headers of [{}, wrong, { authorization: 'Basic' }, { authorization: 'Bearer x' }]) {
      const answer = await client.token(form, headers);
      expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    }
    expect((await client.refresh(refresh)).status).toBe(200);
  });

  test('a request that says something twice, or nothing, is invalid_request', async () => {
    const { url, ...rest } = await play();
    const { basic } = clientOf({ url, ...rest });
    for (const body of ['grant_type=refresh_token&refresh_token=a&refresh_token=b', 'a=b']) {
      const answer = await ask(`${url}/oauth/token`, {
        method: 'POST',
        body,
        headers: { ...basic, 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    }
    const answer = await post(`${url}/oauth/token`, { grant_type: 'password' }, basic);
    expect(answer.json).toMatchObject({ error: 'unsupported_grant_type' });
  });
});

describe('revoking', () => {
  test('either token, given back, ends the grant; an unknown one is answered 200', async () => {
    const { url, ...rest } = await play();
    const client = clientOf({ url, ...rest });
    for (const which of ['access', 'refresh'] as const) {
      const tokens = await client.connect();
      const answer = await post(`${url}/oauth/revoke`, { token: tokens[which] }, client.basic);
      expect(answer.status).toBe(200);
      expect((await client.me(tokens.access)).status).toBe(401);
      expect((await client.refresh(tokens.refresh)).status).toBe(400);
    }
    expect((await post(`${url}/oauth/revoke`, { token: 'x' }, client.basic)).status).toBe(200);
  });

  test('a stranger can not give a token back', async () => {
    const { url, ...rest } = await play();
    const client = clientOf({ url, ...rest });
    const { access } = await client.connect();
    expect((await post(`${url}/oauth/revoke`, { token: access })).status).toBe(401);
    expect((await client.me(access)).status).toBe(200);
  });

  test('an account’s owner ends that account’s grants and no other', async () => {
    const playground = await play();
    const client = clientOf(playground);
    const { access } = await client.connect();
    expect(playground.control.revokeGrants('grace')).toBe(0);
    expect((await client.me(access)).status).toBe(200);
    expect(playground.control.revokeGrants('ada')).toBe(1);
    expect((await client.me(access)).status).toBe(401);
  });
});
