// All runs, with what can be done to them.
import { get } from '../data/api.js';
import { poll } from '../data/poll.js';
import { h, notice, setText } from '../parts/element.js';
import { accuracy, count, rate } from '../parts/format.js';
import { runActions } from '../parts/run-actions.js';
import { badge, showStatus } from '../parts/status.js';
import { table } from '../parts/table.js';
import { startDialog } from './start.js';

export const title = () => 'Runs';

export function show(place, signal) {
  const problem = notice();
  const refused = notice();
  const fail = error => refused.say(error?.message);
  const start = h('button', { type: 'button', class: 'primary', hidden: true, onclick: () => startDialog(parts, run => { location.hash = `#/runs/${encodeURIComponent(run.run_id)}`; }) }, 'Start a run');
  const list = table({
    caption: 'Runs', key: run => run.run_id, empty: 'There is no run yet.',
    columns: [
      { title: 'Name', make: run => h('a', { href: `#/runs/${encodeURIComponent(run.run_id)}` }, run.run_id) },
      { title: 'Status', make: badge, update: (element, run) => { showStatus(element, run.status); element.title = run.problem ?? ''; } },
      { title: 'Iteration', make: progress, update: showProgress },
      { title: 'Accuracy', isNumber: true, cell: accuracy },
      { title: 'Episodes/s', isNumber: true, cell: run => rate(run.episodes_per_second) },
      { title: 'Data', cell: run => run.options.dataset },
      { title: 'Algorithm', cell: run => run.options.algorithm },
      { title: '', make: actions, update: (element, run) => element.actions?.update(run) },
    ],
  });
  place.append(h('div', { class: 'heading' }, h('h1', {}, 'Runs'), start), problem.element, refused.element, list.element);

  let parts = null;
  poll(1500, signal, look, error => problem.say(error?.message));

  async function look() {
    parts ??= await get('parts', signal);
    start.hidden = !parts.starts_runs;
    list.show((await get('runs', signal)).reverse());
  }

  function actions(run) {
    const element = h('div');
    if (parts.starts_runs) {
      element.actions = runActions(run.run_id, look, fail);
      element.append(element.actions.element);
    }

    return element;
  }
}

function progress(run) {
  return h('div', { class: 'progress' }, h('progress', { 'aria-label': `Progress of ${run.run_id}` }), h('span'));
}

export function showProgress(element, run) {
  const [bar, text] = element.children;
  bar.max = Math.max(1, run.iterations);
  bar.value = run.iteration;
  setText(text, `${count(run.iteration)} of ${count(run.iterations)}`);
}
