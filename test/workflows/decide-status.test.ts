import fc from 'fast-check';
import type { CredentialInvalidated } from '../../workflows/contract/messages';
import { decideStatus } from '../../workflows/decide-status';
import { noteInvalidation, noteReauthorization } from '../../workflows/integration-state';
import { refuseEnable } from '../../workflows/message-guards';
import {
  anyInvalidation,
  type Actor,
  deliver,
  flip,
  look,
  type Message,
  newActor,
  newRows,
  settle,
  statusByTable,
  store,
} from './model';

const death = (name = 'main', version = 1): CredentialInvalidated => ({
  credentialId: `crd_${name}`,
  version,
  code: 'invalid_grant',
});

function tell(actor: Actor, ...messages: Message[]): void {
  const { status } = actor.rows;
  for (const message of messages) deliver(actor, message);
  look(actor);
  if (status !== 'DISABLED' || actor.rows.status === 'DISABLED') return;
  // Only a reconnect that asked for it, with every credential alive, ends a switch-off.
  expect(actor.rows.status).toBe('ENABLED');
  expect(actor.rows.credentials.every(({ state }) => state === 'alive')).toBe(true);
  expect(actor.rows.credentials.some((row) => row.resumeVersion > row.disabledVersion)).toBe(true);
}

const invalidated = (message = death()): Message => ({ kind: 'credentialInvalidated', message });

describe('the status, decided', () => {
  test('S1 S11 a dead credential at its current version is one transition to ERROR, with a reason', () => {
    const actor = newActor(newRows());
    tell(actor, invalidated());
    expect(actor.rows).toMatchObject({
      status: 'ERROR',
      transition: 1,
      reason: { code: 'invalid_grant', credential: 'main', by: 'system' },
    });
    expect(actor.rows.reason?.message).toContain('"main" was revoked');
  });

  test.each([1, 0, 9999])('S2 a second signal that names version %d changes nothing', (version) => {
    const actor = newActor(newRows());
    tell(actor, invalidated());
    tell(actor, invalidated(death('main', version)));
    expect(actor.rows.audit).toEqual([{ number: 1, from: 'ENABLED', to: 'ERROR' }]);
  });

  test('S2 a version that the row never had kills nothing', () => {
    const actor = newActor(newRows());
    tell(actor, invalidated(death('main', 9999)), invalidated(death('main', 0)));
    expect(actor.rows).toMatchObject({ status: 'ENABLED', transition: 0 });
  });

  test('S4 two dead, one back: still ERROR, for the other; both back: ENABLED', () => {
    const actor = newActor(newRows());
    tell(actor, invalidated(), invalidated(death('backup')));
    expect(actor.rows.reason?.message).toMatch(/"main" .* and "backup"/);
    tell(actor, { kind: 'reauthorized', message: store(actor.rows, 'main', false) });
    expect(actor.rows).toMatchObject({
      status: 'ERROR',
      transition: 1,
      reason: { credential: 'backup' },
    });
    tell(actor, { kind: 'reauthorized', message: store(actor.rows, 'backup', false) });
    expect(actor.rows).toMatchObject({ status: 'ENABLED', transition: 2, reason: null });
  });

  test('S5 S6 what was switched off stays off, unless this reconnect asks for it to be resumed', () => {
    const actor = newActor(newRows(['main']));
    flip(actor, 'disable');
    tell(actor, invalidated());
    expect(actor.rows.status).toBe('DISABLED');
    tell(actor, { kind: 'reauthorized', message: store(actor.rows, 'main', false) });
    expect(actor.rows.status).toBe('DISABLED');
    tell(actor, { kind: 'reauthorized', message: store(actor.rows, 'main', true) });
    expect(actor.rows.status).toBe('ENABLED');
  });

  test('S6 enabling with a dead credential is ERROR', () => {
    const actor = newActor(newRows(['main']));
    flip(actor, 'disable');
    tell(actor, invalidated());
    flip(actor, 'enable');
    expect(actor.rows).toMatchObject({ status: 'ERROR', reason: { code: 'invalid_grant' } });
  });

  test('a resume that was asked for before the switch-off does not undo it', () => {
    const actor = newActor(newRows(['main']));
    const late = store(actor.rows, 'main', true);
    flip(actor, 'disable');
    tell(actor, { kind: 'reauthorized', message: late });
    expect(actor.rows.status).toBe('DISABLED');
  });

  test('S7 enable in ERROR is refused by a sentence that names the credential', () => {
    const actor = newActor(newRows());
    tell(actor, invalidated(death('backup')));
    expect(flip(actor, 'enable')).toBe('refused');
    const facts = settle(actor.rows, { ...noAsk });
    expect(() => refuseEnable(facts)).toThrow(/"backup".*Reconnect/);
    expect(actor.rows.audit).toHaveLength(1);
  });

  test('S8 a reauthorization with nothing wrong decides nothing', () => {
    const rows = newRows();
    expect(decideStatus(settle(rows, { ...noAsk }))).toEqual({ kind: 'none' });
  });

  test.each([undefined, null, 7, 'x', [], {}, { credentialId: 5 }, { version: '1' }])(
    'S9 junk %j is refused by every signal and changes nothing',
    (junk) => {
      const actor = newActor(newRows());
      look(actor);
      const before = JSON.stringify(actor);
      expect(noteInvalidation(actor.state, [junk])).toBe(false);
      if (JSON.stringify(junk) !== '{}')
        expect(noteReauthorization(actor.state, [junk])).toBe(false);
      if (JSON.stringify(junk) !== '{}') expect(JSON.stringify(actor)).toBe(before);
    },
  );

  test('S3 any order of the same messages, some lost, some doubled, ends in the same status', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('store' as const), name: name(), resume: fc.boolean() }),
      anyInvalidation,
      fc.record({ kind: fc.constant('die' as const), name: name() }),
      fc.record({
        kind: fc.constant('switch' as const),
        to: fc.constantFrom('enable' as const, 'disable' as const),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.infiniteStream(fc.nat(3)),
        (steps, chance) => {
          const actor = newActor(newRows());
          const underWay: Message[] = [];
          let disabled = false;
          const draw = () => Number(chance.next().value);
          for (const one of steps) {
            switch (one.kind) {
              case 'store': {
                underWay.push({
                  kind: 'reauthorized',
                  message: store(actor.rows, one.name, one.resume),
                });
                break;
              }
              case 'die': {
                const row = actor.rows.credentials.find(({ name }) => name === one.name);
                if (row?.state !== 'alive') break;
                // The refresh activity commits the death, and then its signal may be lost.
                Object.assign(row, { state: 'dead', code: 'invalid_grant' });
                underWay.push(invalidated(death(one.name, row.version)));
                break;
              }
              case 'credentialInvalidated':
                underWay.push(one);
                break;
              case 'switch':
                if (flip(actor, one.to) === 'done') disabled = one.to === 'disable';
                break;
            }
            // Each message comes now, later, twice or never.
            for (let index = underWay.length - 1; index >= 0; index--) {
              const fate = draw();
              const message = underWay[index];
              if (message === undefined || fate === 3) continue;
              if (fate < 2) tell(actor, message);
              if (fate > 0) underWay.splice(index, 1);
            }
          }
          // The sweep's look, without a message.
          actor.state.look = true;
          look(actor);
          if (actor.rows.status !== 'DISABLED') disabled = false;
          expect(actor.rows.status).toBe(statusByTable(actor.rows, disabled));
          expect(actor.rows.audit.map(({ number }) => number)).toEqual(
            actor.rows.audit.map((_row, index) => index + 1),
          );
          expect(actor.rows.audit.every(({ from, to }) => from !== to)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('S3 a death that arrives after the reconnect that outdates it is ignored', () => {
    const actor = newActor(newRows(['main']));
    const reconnect = store(actor.rows, 'main', false);
    tell(actor, { kind: 'reauthorized', message: reconnect });
    tell(actor, invalidated(death('main', 1)));
    expect(actor.rows).toMatchObject({ status: 'ENABLED', transition: 0 });
  });
});

const noAsk = {
  integrationId: 'int_1',
  invalidations: [],
  invalidateAll: false,
  revivals: [],
  reviveAll: false,
  resume: false,
};

function name() {
  return fc.constantFrom('main', 'backup');
}
