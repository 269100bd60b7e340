// The workers, and what became of their blocks.
import { get } from '../data/api.js';
import { poll } from '../data/poll.js';
import { h, notice } from '../parts/element.js';
import { count, plural, rate } from '../parts/format.js';
import { badge, showStatus } from '../parts/status.js';
import { table } from '../parts/table.js';

export const title = () => 'Cluster';

export function show(place, signal) {
  const problem = notice();
  const sum = h('p', { class: 'sum', role: 'status' });
  const before = new Map();
  const workers = table({
    caption: 'Workers', key: worker => worker.worker_id, empty: 'No worker has joined. Start one with: metamap worker',
    columns: [
      { title: 'Worker', cell: worker => worker.worker_id },
      { title: 'Status', make: badge, update: (element, worker) => showStatus(element, worker.status) },
      { title: 'Lanes', isNumber: true, cell: worker => count(worker.lanes) },
      { title: 'Device', cell: worker => worker.device },
      { title: 'Kernels', cell: worker => worker.kernels || '–' },
      { title: 'Blocks', isNumber: true, cell: worker => count(worker.counted_blocks) },
      { title: 'Blocks/s', isNumber: true, cell: blocksPerSecond },
      { title: 'Episodes', isNumber: true, cell: worker => count(worker.counted_episodes) },
      { title: 'Version', cell: worker => worker.version },
      { title: 'Address', cell: worker => worker.address },
    ],
  });
  const verdicts = table({
    caption: 'Blocks of runs', key: run => run.run_id, empty: 'No run has had a block yet.',
    columns: [
      { title: 'Run', make: run => h('a', { href: `#/runs/${encodeURIComponent(run.run_id)}` }, run.run_id) },
      { title: 'Counted', isNumber: true, cell: run => count(run.results.Counted ?? 0) },
      { title: 'Refused', cell: run => Object.entries(run.results).filter(([verdict]) => verdict !== 'Counted').map(([verdict, blocks]) => `${count(blocks)} ${verdict}`).join(', ') || 'none' },
      { title: 'Why the latest was refused', cell: run => run.last_refusal ?? '–' },
      { title: 'Leased again', isNumber: true, cell: run => count(run.speculative_leases) },
      { title: 'Excluded workers', cell: run => Object.entries(run.excluded_workers ?? {}).map(([worker, reason]) => `${worker}: ${reason}`).join('; ') || 'none' },
    ],
  });
  place.append(h('h1', {}, 'Cluster'), problem.element, sum, workers.element, h('h2', {}, 'Blocks'), verdicts.element);

  poll(1500, signal, async () => {
    const [all, runs] = await Promise.all([get('workers', signal), get('runs', signal)]);
    const lanes = all.filter(worker => worker.status === 'ready').reduce((total, worker) => total + worker.lanes, 0);
    sum.textContent = `${plural(all.length, 'worker')}, ${plural(lanes, 'ready lane')}`;
    workers.show(all);
    verdicts.show(runs.filter(run => Object.keys(run.results).length > 0).reverse());
  }, error => problem.say(error?.message));

  // Over the last ten seconds, so that one slow block does not look like standstill.
  function blocksPerSecond(worker) {
    const now = { at: performance.now(), blocks: worker.counted_blocks };
    const seen = (before.get(worker.worker_id) ?? []).filter(one => now.at - one.at < 10_000 && one.blocks <= now.blocks);
    before.set(worker.worker_id, [...seen, now]);
    return seen.length === 0 ? '–' : rate(1000 * (now.blocks - seen[0].blocks) / (now.at - seen[0].at));
  }
}
