import { createLog } from '../../../../src/lib/log';
import {
  createRecordReason,
  createRecordTransition,
  createSettle,
} from '../../../../activities/status/settle';
import type { Pool } from '../../../../src/db/pool';
import { type Decision, decideStatus, decideSwitch } from '../../../../workflows/decide-status';
import * as actor from '../../../../workflows/integration-state';
import { errorReason } from '../../../../workflows/rules';
import type { Mail } from './mailbox';
import { trialPauseMs } from './rows';

/** An integration's actor without Temporal: the workflow's own functions, and the activities that it runs. */
export interface Actor {
  id: string;
  state: actor.IntegrationState;
  receive(mail: Mail): void;
  /** @param meanwhile happens between the reading and the writing */
  look(meanwhile?: () => Promise<void>): Promise<void>;
  /** @returns whether it was refused */
  flip(to: 'enable' | 'disable', meanwhile: () => Promise<void>): Promise<boolean>;
  /** Begins anew; with `emptied` Temporal has lost what it knew. */
  restart(how: 'continued' | 'emptied'): void;
  /** Runs every activity a second time, from now on: the first one's result was lost. */
  runTwice(twice: boolean): void;
}

const log = createLog('silent');
const nothing = () => Promise.resolve();

/** Wired as `workflows/integration.ts` has it. */
export function createActor(id: string, pool: Pool): Actor {
  const rows = {
    settle: createSettle({
      ...{ pool, durations: { trialPauseMs } },
      actors: { lookAtCredential: nothing, reauthorized: nothing },
      log,
    }),
    recordTransition: createRecordTransition({
      ...{ pool, publicUrl: 'http://holdfast.test', notifyUrl: 'http://application.test' },
      actors: { noticeWaiting: nothing },
      log,
    }),
    recordReason: createRecordReason({ pool }),
  };
  let state = actor.newIntegrationState(id);
  let twice = false;

  async function run<T>(activity: () => Promise<T>): Promise<T> {
    if (twice) await activity();
    return activity();
  }

  function loaded() {
    if (state.facts === null) throw new Error(`${id} has no row`);
    return state.facts;
  }

  async function look(meanwhile = nothing): Promise<void> {
    const asked = actor.takeLook(state);
    const facts = await run(() => rows.settle(asked));
    if (facts === null) throw new Error(`${id} has no row`);
    actor.adopt(state, facts);
    const decision = decideStatus(facts, actor.askedBy(asked));
    await meanwhile();
    await record(decision);
  }

  async function record(decision: Decision): Promise<boolean> {
    if (decision.kind === 'none') return true;
    const { transition: expected } = loaded();
    const write = decision.kind === 'transition' ? rows.recordTransition : rows.recordReason;
    const facts = await run(() => write({ integrationId: id, expected, next: decision.next }));
    if (facts !== null) actor.adopt(state, facts);
    state.look ||= facts === null;
    return facts !== null;
  }

  return {
    id,
    get state() {
      return state;
    },
    receive: (mail) => {
      if (mail.kind === 'reauthorized') actor.noteReauthorization(state, mail.args);
      else actor.noteInvalidation(state, mail.args);
    },
    look,
    flip: async (to, meanwhile) => {
      let decision: Decision;
      do {
        await look();
        const { status, credentials } = loaded();
        const isBroken = status === 'ERROR' && errorReason(credentials) !== null;
        if (to === 'enable' && isBroken) return true;
        decision = decideSwitch(loaded(), to, { by: 'a person' });
        await meanwhile();
      } while (!(await record(decision)));
      return false;
    },
    restart: (how) => {
      state =
        how === 'emptied'
          ? actor.newIntegrationState(id)
          : (JSON.parse(JSON.stringify(state)) as actor.IntegrationState);
    },
    runTwice: (next) => {
      twice = next;
    },
  };
}
