import { answerParent } from '../child';
import { quantile } from '../statistics';
import { openBurst } from './burst';
import type { LoadJob, LoadResult } from './job';
import { createSignedRequests } from './signed-requests';

/** The load generator: a process of its own, so that it shares no event loop with what it measures. */
const warmUpRequests = 20_000;
/** The warm-up's rate and some more: signing during the measurement would be measured with it. */
const margin = 1.5;

async function runLoad(job: LoadJob): Promise<LoadResult> {
  const url = new URL(job.url);
  const requests = createSignedRequests(url, job.secret);
  requests.sign(warmUpRequests);
  const burst = await openBurst(url, { ...job, requests });
  try {
    const warmUp = await burst.run(job.warmUpSeconds);
    const enough = (warmUp.times.length / warmUp.tookMs) * 1_000 * job.seconds * margin + 1_000;
    requests.sign(Math.max(0, Math.ceil(enough) - requests.left()));

    const before = process.cpuUsage();
    const { times, tookMs } = await burst.run(job.seconds);
    const { user, system } = process.cpuUsage(before);
    times.sort();
    return {
      accepted: warmUp.times.length + times.length,
      rate: (times.length / tookMs) * 1_000,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      generatorLoad: (user + system) / 1_000 / tookMs,
    };
  } finally {
    burst.close();
  }
}

answerParent((message) => runLoad(message as LoadJob));
