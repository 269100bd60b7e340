// The workers, and what became of their blocks.
import { get, path } from '../data/api.js';
import { poll } from '../data/poll.js';
import { h, notice } from '../parts/element.js';
import { count, decimal, plural, rate } from '../parts/format.js';
import { badge, showStatus } from '../parts/status.js';
import { table } from '../parts/table.js';

export const title = () => 'Cluster';

export function show(place, signal) {
  const problem = notice();
  const sum = h('p', { class: 'sum', role: 'status' });
  const before = new Map();
  let oldest = new Map();
  const workers = table({
    caption: 'Workers', key: worker => worker.worker_id, empty: 'No worker has joined. Start one with: metamap worker',
    columns: [
      { title: 'Worker', cell: worker => worker.worker_id },
      { title: 'Status', make: badge, update: (element, worker) => showStatus(element, worker.status) },
      { title: 'Lanes', isNumber: true, cell: worker => count(worker.lanes) },
      { title: 'Device', cell: worker => worker.device },
      { title: 'Kernels', cell: worker => worker.kernels || '–' },
      { title: 'Oldest lease', cell: worker => lease(oldest.get(worker.worker_id)) },
      { title: 'Blocks', isNumber: true, cell: worker => count(worker.counted_blocks) },
      { title: 'Blocks/s', isNumber: true, cell: blocksPerSecond },
      { title: 'Episodes', isNumber: true, cell: worker => count(worker.counted_episodes) },
      { title: 'Version', cell: worker => worker.version },
      { title: 'Address', isLong: true, cell: worker => worker.address },
    ],
  });
  const verdicts = table({
    caption: 'Blocks of runs', key: run => run.run_id, empty: 'No run has had a block yet.',
    columns: [
      { title: 'Run', make: run => h('a', { href: `#/runs/${encodeURIComponent(run.run_id)}` }, run.run_id) },
      { title: 'Counted', isNumber: true, cell: run => count(run.results.Counted ?? 0) },
      { title: 'Refused', cell: run => Object.entries(run.results).filter(([verdict]) => verdict !== 'Counted').map(([verdict, blocks]) => `${count(blocks)} ${verdict}`).join(', ') || 'none' },
      { title: 'Why the latest was refused', isLong: true, cell: run => run.last_refusal ?? '–' },
      { title: 'Leased again', isNumber: true, cell: run => count(run.speculative_leases) },
      { title: 'Excluded workers', isLong: true, cell: run => Object.entries(run.excluded_workers ?? {}).map(([worker, reason]) => `${worker}: ${reason}`).join('; ') || 'none' },
    ],
  });
  const lost = table({
    caption: 'Lost workers', key: one => `${one.run_id} ${one.worker_id} ${one.iteration}`, empty: 'No worker was lost with blocks.',
    columns: [
      { title: 'Worker', cell: one => one.worker_id },
      { title: 'Run', cell: one => one.run_id },
      { title: 'Iteration', isNumber: true, cell: one => count(one.iteration) },
      { title: 'What became of its blocks', isLong: true, cell: one => one.blocks.map(block => `block ${block.block} ${block.counted_from ? `counted from ${block.counted_from}` : 'is leased again'}`).join(', ') },
    ],
  });
  place.append(h('h1', {}, 'Cluster'), problem.element, sum, workers.element, h('h2', {}, 'Blocks'), verdicts.element, h('h2', {}, 'Lost workers'), lost.element);

  poll(1500, signal, async () => {
    const [all, runs] = await Promise.all([get('workers', signal), get('runs', signal)]);
    const lanes = all.filter(worker => worker.status === 'ready').reduce((total, worker) => total + worker.lanes, 0);
    sum.textContent = `${plural(all.length, 'worker')}, ${plural(lanes, 'ready lane')}`;
    const blocks = await Promise.all(runs.filter(run => run.status === 'training').map(async run => ({ run_id: run.run_id, ...await get(`runs/${path(run.run_id)}/blocks`, signal) })));
    oldest = new Map(blocks.flatMap(one => one.leases).sort((a, b) => a.seconds - b.seconds).map(held => [held.worker_id, held]));
    workers.show(all);
    lost.show(blocks.flatMap(one => one.lost_workers.map(worker => ({ run_id: one.run_id, ...worker }))).reverse());
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

const lease = held => held ? `${decimal(held.seconds, 1)} s, block ${held.block} of ${held.iteration === null || held.iteration === undefined ? 'an evaluation' : `iteration ${count(held.iteration)}`}` : '–';
