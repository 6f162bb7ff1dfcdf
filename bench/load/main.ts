import { answerParent } from '../child';
import { quantile } from '../statistics';
import { openBurst, type Burst } from './burst';
import type { Load, LoadResult, WarmUp } from './job';
import { createSignedRequests, type SignedRequests } from './signed-requests';

/** The load generator: a process of its own, so that it shares no event loop with what it measures. */
const warmUpRequests = 20_000;
/** The warm-up's rate and some more: signing during the measurement would be measured with it. */
const margin = 1.5;

interface Ready {
  burst: Burst;
  requests: SignedRequests;
  /** Requests that a second may take. */
  enough: number;
}
let ready: Ready | null = null;

async function run(burst: Burst, seconds: number): Promise<LoadResult> {
  const before = process.cpuUsage();
  const { times, tookMs } = await burst.run(seconds);
  const { user, system } = process.cpuUsage(before);
  times.sort();
  return {
    accepted: times.length,
    rate: (times.length / tookMs) * 1_000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    generatorLoad: (user + system) / 1_000 / tookMs,
  };
}

async function warmUp(job: WarmUp): Promise<LoadResult> {
  const url = new URL(job.url);
  const requests = createSignedRequests(url, job.secret);
  requests.sign(warmUpRequests);
  const burst = await openBurst(url, { ...job, requests });
  const result = await run(burst, job.seconds);
  ready = { burst, requests, enough: result.rate * margin + 1_000 };
  return result;
}

async function load({ seconds }: Load): Promise<LoadResult> {
  if (ready === null) throw new Error('no warm-up went before');
  const { burst, requests, enough } = ready;
  ready = null;
  requests.sign(Math.max(0, Math.ceil(enough * seconds) - requests.left()));
  try {
    return await run(burst, seconds);
  } finally {
    burst.close();
  }
}

const isWarmUp = (message: WarmUp | Load): message is WarmUp => 'url' in message;

answerParent((message) => {
  const job = message as WarmUp | Load;
  return isWarmUp(job) ? warmUp(job) : load(job);
});
