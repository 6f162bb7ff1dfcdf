import { bannerModel, spokenModel } from '../../../src/web/client/banner-model';
import type { ConnectorStatus, PersonStatus } from '../../../src/web/client/person-status';

const broken = (fields: Partial<ConnectorStatus> = {}): ConnectorStatus => ({
  status: 'needs_reauth',
  errorCode: 'invalid_grant',
  lastSuccessAt: null,
  lastFailureAt: null,
  pending: 0,
  reconnectUrl: 'https://holdfast.example/reconnect/int_1',
  label: 'Acme',
  ...fields,
});

const known = (
  connectors: PersonStatus['connectors'],
  hold: PersonStatus['hold'] = null,
): ReturnType<typeof bannerModel> =>
  bannerModel({ kind: 'known', status: { userId: 'ada', connectors, anyNeedsReauth: true, hold } });

const onlyLine = (fields: Partial<ConnectorStatus>) => known({ contacts: broken(fields) }).lines[0];

describe('bannerModel', () => {
  it('is nothing before anything is known, and nothing when all is well', () => {
    expect(bannerModel({ kind: 'waiting' })).toMatchObject({ isWell: false, lines: [] });
    const well = known({
      contacts: broken({ status: 'connected' }),
      files: broken({ status: 'disabled' }),
    });
    expect(well).toEqual({ isWell: true, unknown: null, pause: null, lines: [] });
    expect(spokenModel(well)).toBe('');
  });

  it('has a line for each broken connection, what a click mends first, and in the order of their titles', () => {
    const { lines } = known({
      b: broken(),
      ok: broken({ status: 'connected' }),
      a: broken({ label: 'Shop' }),
      c: broken({ label: 'Abacus', reconnectUrl: null }),
      notes: broken({ label: 'notes' }),
      'northwind-mail': broken({ label: 'Northwind Mail' }),
    });
    expect(lines.map(({ title }) => title)).toEqual([
      'Acme (b) has to be reconnected',
      'Northwind Mail has to be reconnected',
      'notes has to be reconnected',
      'Shop (a) has to be reconnected',
      'Abacus (c) has to be reconnected',
    ]);
  });

  it('S47 is one line for more than two where each stands below, and a line for each up to two', () => {
    const brief = (connectors: PersonStatus['connectors']) =>
      bannerModel(
        { kind: 'known', status: { userId: 'ada', connectors, anyNeedsReauth: true, hold: null } },
        true,
      );
    const several = brief({
      a: broken({ pending: 3 }),
      b: broken({ pending: 1_000 }),
      c: broken(),
    });
    expect(several.lines).toMatchObject([
      { title: '3 connections need reconnecting', text: '1,003 updates wait until then.' },
    ]);
    expect(several.lines[0]?.reconnectUrl).toBeNull();
    expect(spokenModel(several)).toBe('3 connections need reconnecting');
    expect(brief({ a: broken(), b: broken() }).lines).toMatchObject([
      { title: 'Acme (a) has to be reconnected' },
      { title: 'Acme (b) has to be reconnected' },
    ]);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//', 'reconnect/int_1', ''])(
    'never leads to %j',
    (reconnectUrl) => {
      expect(onlyLine({ reconnectUrl })?.reconnectUrl).toBeNull();
    },
  );

  it('says what to do where there is nothing to click', () => {
    const line = onlyLine({ reconnectUrl: null });
    expect(line?.reconnectUrl).toBeNull();
    expect(line?.text).toBe(
      'Nothing is handled until it is reconnected. It needs new access data where it was set up.',
    );
  });

  it('S46 shows nothing of what was never connected: it is not broken', () => {
    const fresh = { contacts: broken({ errorCode: 'not_connected' }) };
    expect(known(fresh)).toMatchObject({ isWell: true, lines: [] });
    expect(known({ ...fresh, files: broken() })).toMatchObject({
      isWell: false,
      lines: [{ key: 'files' }],
    });
  });

  it.each([
    ['contacts', 'Acme (contacts)'],
    ['acme', 'Acme'],
  ])('calls %j %s', (name, of) => {
    expect(known({ [name]: broken() }).lines[0]).toMatchObject({ of, key: name });
  });

  it.each([
    [0, 'Nothing is handled until it is reconnected.'],
    [1, '1 update waits until it is reconnected.'],
    [1284, '1,284 updates wait until it is reconnected.'],
  ])('counts %d', (pending, text) => {
    expect(onlyLine({ pending })?.text).toBe(text);
  });

  it('offers Resume for the own pause only', () => {
    const own = known({}, { by: 'user', reason: 'moving', since: null });
    expect(own.pause).toMatchObject({ button: 'Resume', reason: 'moving' });
    const others = known({}, { by: 'operator', reason: null, since: null });
    expect(others.pause).toMatchObject({ title: 'Your connections are paused by the operator' });
    expect(others.pause).not.toHaveProperty('button');
    expect(others.pause).not.toHaveProperty('reason');
    const hold = { by: 'user', reason: null, since: null } as const;
    const status = { userId: 'ada', connectors: {}, anyNeedsReauth: false, hold };
    const readOnly = bannerModel({ kind: 'known', status: { ...status, isReadOnly: true } });
    expect(readOnly.pause).toMatchObject({ title: 'You paused your connections' });
    expect(readOnly.pause).not.toHaveProperty('button');
  });

  it('shows nothing else where the state is unknown', () => {
    const unknown = bannerModel({ kind: 'unknown', why: 'unreachable' });
    expect(unknown).toMatchObject({ isWell: false, pause: null, lines: [] });
    expect(unknown.unknown).toMatchObject({ button: 'Try again' });
    expect(bannerModel({ kind: 'unknown', why: 'misconfigured' }).unknown).not.toHaveProperty(
      'button',
    );
  });

  it('is said in the order in which it is seen', () => {
    const model = known({ contacts: broken() }, { by: 'user', reason: null, since: null });
    expect(spokenModel(model)).toBe(
      'You paused your connections. Acme (contacts) has to be reconnected',
    );
    const many = known({ a: broken(), b: broken(), c: broken(), d: broken() });
    expect(spokenModel(many)).toBe(
      'Acme (a) has to be reconnected. Acme (b) has to be reconnected. And 2 more',
    );
  });
});
