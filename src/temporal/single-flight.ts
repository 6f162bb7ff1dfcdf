import type { RefreshAnswer, RefreshRequest } from '../../workflows/contract/messages';
import { outdates } from '../../workflows/rules';

type Refresh = (credentialId: string, request: RefreshRequest) => Promise<RefreshAnswer>;

/**
 * Lets all callers of one process share the refresh that is in flight: Temporal takes ten updates at a
 * time for one workflow. A caller whose version the shared answer doesn't outdate asks once more; so does one who
 * joined and hears of a death, which may be from before a reconnect.
 */
export function shareFlights(send: Refresh): Refresh {
  const flights = new Map<string, Promise<RefreshAnswer>>();

  const join = (credentialId: string, request: RefreshRequest): Promise<RefreshAnswer> => {
    const inFlight = flights.get(credentialId);
    if (inFlight !== undefined) return inFlight;
    const flight = send(credentialId, request).finally(() => flights.delete(credentialId));
    flights.set(credentialId, flight);
    return flight;
  };

  return async (credentialId, request) => {
    const shared = flights.has(credentialId);
    const answer = await join(credentialId, request);
    const holds = answer.kind !== 'dead' && outdates(answer, request);
    return holds || !shared ? answer : join(credentialId, request);
  };
}
