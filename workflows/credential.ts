import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { probing, refreshing, refreshingAhead, rows, revoking, trying } from './activity-options';
import { conditionWithin, createRunEnd } from './concurrency';
import * as contract from './contract/messages';
import type { ActorInput, RefreshAnswer, RefreshRequest } from './contract/messages';
import { describe, doing, dueSummary } from './credential-details';
import * as actor from './credential-state';
import { credentialHandlers as descriptions } from './handler-descriptions';
import * as guards from './message-guards';
import type { CredentialRow } from './contract/status';
import { outdates } from './rules';
import { publishCredential } from './search-attributes';
import type { RefreshResult } from '../activities/credential/refresh';

/** One grant: refreshes it, one at a time, ahead of its expiry and when it is asked to. */
export async function credential(input: ActorInput<actor.CredentialActorState>): Promise<void> {
  const state = guards.checkActorInput(input).state ?? actor.newCredentialState(input.id);
  let flight: Promise<RefreshAnswer> | null = null;
  const mustContinue = createRunEnd(() => flight === null && allHandlersFinished() && !state.look);
  let landings = 0;
  /** Nobody looks any more in this run: whoever waited for that would keep it from its end, for ever. */
  let hasLooked = false;

  // ---- handlers ----

  setHandler(
    contract.stored,
    (message) => guards.logUnusable('stored', actor.noteStored(state, message)),
    descriptions.stored,
  );
  setHandler(
    contract.deleted,
    () => {
      state.look = true;
    },
    descriptions.deleted,
  );
  guards.ignoreUnknownSignals();
  setHandler(contract.credentialStatus, () => actor.viewOf(state, loaded()), descriptions.status);
  setHandler(contract.refresh, answer, {
    ...descriptions.refresh,
    validator: guards.checkRefreshRequest,
  });

  async function answer(request?: RefreshRequest): Promise<RefreshAnswer> {
    await condition(() => state.gone || (state.facts !== null && (!state.look || hasLooked)));
    const asked = request ?? {};
    const facts = loaded();
    const isOutdone = state.look || actor.isOutdone(facts, asked);
    const answer = isOutdone ? null : actor.answerAtOnce(facts, asked, Date.now());
    return answer ?? joinOrRefresh(asked);
  }

  /** Who joins a refresh that was asked for otherwise may hear of the very version that it can't use. */
  async function joinOrRefresh(asked: RefreshRequest): Promise<RefreshAnswer> {
    const ask = () => refresh(asked.rejectedVersion ?? null, false, asked.traceparent);
    const joined = flight !== null;
    const answer = await ask();
    return joined && !outdates(answer, asked) ? ask() : answer;
  }

  // ---- the grant ----

  function loaded(): CredentialRow {
    if (state.facts !== null) return state.facts;
    throw ApplicationFailure.nonRetryable(
      `There is no credential ${state.id}, or its row was not read yet.`,
      'credential_not_found',
    );
  }

  /** @param seen how many refreshes had ended when the reading began: it may be older than the last one's */
  function adopt(facts: CredentialRow | null, seen = landings): void {
    if (facts !== null && seen !== landings && facts.version < (state.facts?.version ?? 0)) return;
    // Code from before trials let the dead alone, also in the histories of a rolling upgrade.
    const isKnown = facts?.trialAt == null || patched('trials');
    const known = facts === null || isKnown ? facts : { ...facts, trialAt: null };
    Object.assign(state, { facts: known, gone: facts === null });
    show();
    if (known !== null) publishCredential(state, known);
  }

  /** A run that follows another one begins without details. No command: histories don't know of it. */
  function show(): void {
    if (state.facts !== null || state.gone)
      setCurrentDetails(state.facts === null ? 'deleted' : describe(state.facts));
  }

  function refresh(rejectedVersion: number | null, ahead: boolean, traceparent?: string) {
    const asked = { credentialId: state.id, rejectedVersion, ahead, traceparent };
    const { refreshCredential } = ahead ? refreshingAhead : refreshing;
    const { version } = loaded();
    const summary = ahead ? doing('refresh', version) : `refresh asked for, version ${version}`;
    return alone(() => refreshCredential.executeWithOptions({ summary }, [asked]));
  }

  /** Single flight: some providers revoke a grant whose refresh token is shown twice. */
  function alone(show: () => Promise<RefreshResult>): Promise<RefreshAnswer> {
    flight ??= show()
      .then(({ facts, answer }) => {
        landings++;
        adopt(facts);
        return answer;
      })
      .finally(() => {
        flight = null;
      });
    return flight;
  }

  async function act(): Promise<void> {
    if (state.look) {
      state.look = false;
      const seen = landings;
      const asked = { credentialId: state.id };
      adopt(
        await rows.inspectCredential.executeWithOptions({ summary: 'look at the row' }, [asked]),
        seen,
      );
      // An operator has just asked for it, and looks: it is not put off to the next timer.
      if (actor.dueAction(state, Date.now())?.kind !== 'trial') return;
    }
    await actByClock();
  }

  async function actByClock(): Promise<void> {
    const due = actor.dueAction(state, Date.now());
    if (due === null) return;
    const later = actor.spreadLate(due, state.spreads[due.kind], Date.now(), Math.random());
    if (later !== null) {
      actor.putOff(state, later);
      return;
    }
    const seen = landings;
    const summary = doing(due.kind, loaded().version);
    const asked = { credentialId: state.id };
    switch (due.kind) {
      case 'refresh':
        await refresh(loaded().version, true);
        break;
      case 'probe': {
        const { probeCredential } = probing;
        const { facts, refusedVersion } = await probeCredential.executeWithOptions({ summary }, [
          asked,
        ]);
        adopt(facts, seen);
        if (refusedVersion !== null) await refresh(refusedVersion, false);
        break;
      }
      case 'trial':
        await alone(() => trying.tryCredential.executeWithOptions({ summary }, [asked]));
        break;
      case 'notice':
        adopt(await rows.noticeDegraded.executeWithOptions({ summary }, [asked]), seen);
        break;
    }
  }

  // ---- main loop ----

  show();
  while (!state.gone && (state.look || !mustContinue())) {
    // A refresh that a caller asked for may move the time for which this waits.
    const at = actor.nextActionAt(state);
    const moved = () => actor.nextActionAt(state) !== at;
    await conditionWithin(
      actor.waitMs(state, Date.now()),
      () => state.look || moved() || mustContinue(),
      dueSummary(state),
    );
    await act();
  }
  hasLooked = true;
  if (state.gone) await revoke(state.id);
  await condition(allHandlersFinished);
  if (!state.gone) await continueAsNew<typeof credential>({ id: state.id, state });
}

/** Revokes a deleted credential's grant, until the provider has done so or nobody tries any more. */
async function revoke(credentialId: string): Promise<void> {
  for (;;) {
    const summary = 'revoke the grant at the provider';
    const { retryAt } = await revoking.revokeGrant.executeWithOptions({ summary }, [
      { credentialId },
    ]);
    if (retryAt === null) return;
    const ms = Math.max(1_000, Date.parse(retryAt) - Date.now());
    await sleep(ms, { summary: `${summary} again, due ${retryAt}` });
  }
}
