import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  patched,
  log,
  setHandler,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { SettleInput } from '../activities/status/settle';
import { outgoing, rows } from './activity-options';
import { conditionWithin, createMutex, createRunEnd } from './concurrency';
import * as contract from './contract/messages';
import type { ActorInput, IntegrationView, SwitchRequest } from './contract/messages';
import { decideStatus, decideSwitch, type Decision } from './decide-status';
import { integrationHandlers as descriptions } from './handler-descriptions';
import * as inbox from './integration-drain-timer';
import * as actor from './integration-state';
import type { IntegrationState } from './integration-state';
import * as details from './integration-details';
import {
  checkActorInput,
  checkSwitchRequest,
  refuseEnable,
  ignoreUnknownSignals,
  logUnusable,
} from './message-guards';
import type { IntegrationFacts } from './contract/status';
import { publishIntegration } from './search-attributes';

/** One integration: owns its status, and decides when its inbox is drained. */
export async function integration(input: ActorInput<actor.IntegrationState>): Promise<void> {
  const state = checkActorInput(input).state ?? actor.newIntegrationState(input.id);
  const mutex = createMutex();
  let isDraining = false;
  const mustContinue = createRunEnd(
    () => mutex.isFree() && !isDraining && !state.look && !actor.drainIsDue(state),
    () => !isDraining,
  );

  // ---- handlers: they note what was said, and never throw ----

  setHandler(
    contract.webhookReceived,
    () => actor.noteWebhook(state),
    descriptions.webhookReceived,
  );
  setHandler(
    contract.credentialInvalidated,
    (...args: unknown[]) =>
      logUnusable('credentialInvalidated', actor.noteInvalidation(state, args)),
    descriptions.credentialInvalidated,
  );
  setHandler(
    contract.reauthorized,
    (...args: unknown[]) => logUnusable('reauthorized', actor.noteReauthorization(state, args)),
    descriptions.reauthorized,
  );
  setHandler(
    contract.holdChanged,
    (...args: unknown[]) => {
      actor.noteNews(state, args);
      inbox.wake(state);
    },
    descriptions.holdChanged,
  );
  setHandler(
    contract.deleted,
    () => {
      state.look = true;
    },
    descriptions.deleted,
  );
  ignoreUnknownSignals();
  setHandler(contract.integrationStatus, () => actor.viewOf(state, loaded()), descriptions.status);
  setHandler(contract.enable, (request) => mutex(() => change('enable', request)), {
    ...descriptions.enable,
    validator: (request: SwitchRequest) => {
      checkSwitchRequest(request);
      refuseEnable(state.facts);
    },
  });
  setHandler(contract.disable, (request) => mutex(() => change('disable', request)), {
    ...descriptions.disable,
    validator: checkSwitchRequest,
  });

  // ---- status: the credentials' rows decide ----

  function loaded() {
    if (state.facts !== null) return state.facts;
    throw ApplicationFailure.nonRetryable(
      `There is no integration ${state.id}, or its row was not read yet.`,
      'integration_not_found',
    );
  }

  async function look(): Promise<void> {
    const asked = actor.takeLook(state);
    const before = state.facts;
    const named = await fenced(asked);
    const read = await settle(named);
    // Code from before trials compared reasons without them, also in the histories of a rolling upgrade.
    const facts =
      read === null || !actor.tellsOfTrials(read) || patched('trials')
        ? read
        : actor.withoutTrials(read);
    if (facts === null) {
      Object.assign(state, { gone: true, facts: null });
      return;
    }
    const remark = details.remarkOn(asked, named, before, facts);
    if (remark !== null)
      log.warn('A signal had no effect', { event: 'signal.without_effect', remark });
    if (remark !== null || actor.askedBy(asked) === 'operator') state.remark = remark;
    actor.adopt(state, facts);
    await record(decideStatus(facts, actor.askedBy(asked)));
    publish(state, loaded());
  }

  /** Names the versions that an operator means: told twice, it must not reach what a reconnect stores meanwhile. */
  async function fenced(asked: SettleInput): Promise<SettleInput> {
    if (!asked.invalidateAll) return asked;
    return actor.nameCurrent(asked, await settle(actor.nothingAsked(state.id)));
  }

  const settle = (asked: SettleInput) =>
    rows.settle.executeWithOptions({ summary: details.lookSummary(asked) }, [asked]);

  /** @returns false where the row had moved on: it has to be looked at again */
  async function record(decision: Decision): Promise<boolean> {
    if (decision.kind === 'none') return true;
    const { kind, next } = decision;
    const write = kind === 'transition' ? rows.recordTransition : rows.recordReason;
    const asked = { integrationId: state.id, expected: loaded().transition, next };
    const summary = details.recordSummary(loaded(), next);
    const facts = await write.executeWithOptions({ summary }, [asked]);
    if (facts !== null) actor.adopt(state, facts);
    state.look ||= facts === null;
    return facts !== null;
  }

  async function change(
    to: 'enable' | 'disable',
    request: SwitchRequest,
  ): Promise<IntegrationView> {
    do {
      await look();
      if (to === 'enable') refuseEnable(loaded());
    } while (!(await record(decideSwitch(loaded(), to, request))));
    publish(state, loaded());
    return actor.viewOf(state, loaded());
  }

  // ---- main loop: two flows, so that a drain never keeps a status waiting ----

  async function keepStatus(): Promise<void> {
    for (;;) {
      await condition(() => state.gone || state.look || mustContinue());
      if (state.gone) return;
      // An update may have looked since this was woken: then there is nothing to do, and nothing to end.
      if (state.look) await mutex(look);
      else if (mustContinue()) return;
    }
  }

  async function keepInboxEmpty(): Promise<void> {
    for (;;) {
      const ready = () => state.gone || mustContinue() || actor.drainIsDue(state);
      const summary = details.pauseSummary(state, state.drainRetryAt);
      if (!(await conditionWithin(inbox.waitMs(state, Date.now()), ready, summary)))
        inbox.wake(state);
      if (state.gone || mustContinue()) return;
      if (!actor.drainIsDue(state)) continue;
      inbox.beginDrain(state);
      isDraining = true;
      const { drainInbox } = outgoing(loaded(), details.drainSummary(state));
      inbox.noteDrain(state, await drainInbox({ integrationId: state.id }), Date.now());
      isDraining = false;
      showDetails(state);
    }
  }

  showDetails(state);
  await Promise.all([keepStatus(), keepInboxEmpty()]);
  await condition(allHandlersFinished);
  if (!state.gone) await continueAsNew<typeof integration>({ id: state.id, state });
}

/** A run that follows another one begins without details. No command: histories don't know of it. */
function showDetails(state: IntegrationState): void {
  if (state.facts !== null) setCurrentDetails(details.describe(state, state.facts));
}

/** Shows the status to operators: search attributes for lists, details for the one who looks. */
function publish(state: IntegrationState, facts: IntegrationFacts): void {
  showDetails(state);
  publishIntegration(state, facts);
}
