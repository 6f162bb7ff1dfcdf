import { isNobodyThere, nothingListens } from '../cli/nothing-listens';
import { forTerminal } from '../cli/output';
import { fetchFailure } from '../lib/errors';
import { answerLimitMs, well, wrong, type Finding } from './finding';

/** Looks where this machine's gateway would listen. */
export async function checkGateway(host: string, port: number): Promise<Finding[]> {
  const everywhere = host === '0.0.0.0' || host === '::';
  const shown = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const address = `http://${shown}:${port}/readyz`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(answerLimitMs) });
    const said = forTerminal((await answer.text()).slice(0, 200));
    const text = `Gateway ${address}: ${answer.status} ${said}`;
    return [answer.ok ? well(text) : wrong(text)];
  } catch (error) {
    const why = isNobodyThere(error) ? nothingListens(`${shown}:${port}`) : fetchFailure(error);
    return [wrong(`Gateway ${address}: ${why}`)];
  }
}
