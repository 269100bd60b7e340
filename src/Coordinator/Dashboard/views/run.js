// One run: how far it is, its curves, its options.
import { download, get, path } from '../data/api.js';
import { watchRun } from '../data/watch.js';
import { chart } from '../parts/chart.js';
import { h, notice, setText } from '../parts/element.js';
import { count, decimal, percent, plural, rate } from '../parts/format.js';
import { runActions } from '../parts/run-actions.js';
import { badge, showStatus } from '../parts/status.js';
import { showProgress } from './runs.js';

export const title = id => id;

const facts = [
  ['Loss', run => decimal(run.query_loss)],
  ['Accuracy', run => percent(run.query_accuracy)],
  ['On validation classes', run => percent(run.validation_accuracy)],
  ['Best version', run => count(run.best_iteration)],
  ['Episodes a second', run => rate(run.episodes_per_second)],
  ['Workers', run => run.workers === undefined ? null : `${count(run.workers)} with ${plural(run.lanes, 'lane')}`],
  ['Blocks', run => Object.entries(run.results ?? {}).map(([verdict, blocks]) => `${count(blocks)} ${verdict.toLowerCase()}`).join(', ')],
  ['Latest refusal', run => run.last_refusal],
  ['Excluded workers', run => Object.entries(run.excluded_workers ?? {}).map(([worker, reason]) => `${worker}: ${reason}`).join('; ')],
  ['Coordinator', run => run.owner],
  ['Stored in', run => run.directory],
];

export function show(place, signal, id) {
  const problem = notice();
  const refused = notice();
  const fail = error => refused.say(error?.message);
  const status = badge();
  const bar = h('div', { class: 'progress wide' }, h('progress', { 'aria-label': `Progress of ${id}` }), h('span'));
  const actions = runActions(id, changed, fail);
  const save = h('button', { type: 'button', disabled: true, onclick: () => download(`runs/${path(id)}/model`, `${id}.safetensors`).catch(fail) }, 'Download model');
  const values = h('dl', { class: 'facts' });
  const options = h('dl', { class: 'facts' });
  const charts = [
    chart({ title: 'Loss', series: [{ key: 'query_loss', label: 'query', colour: '--first', show: decimal }, { key: 'validation_loss', label: 'validation', colour: '--second', show: decimal }] }, signal),
    chart({ title: 'Accuracy', range: [0, 1], series: [{ key: 'query_accuracy', label: 'query', colour: '--first', show: percent }, { key: 'validation_accuracy', label: 'validation', colour: '--second', show: percent }] }, signal),
    chart({ title: 'Episodes a second', series: [{ key: 'episodes_per_second', label: 'episodes/s', colour: '--first', show: rate }] }, signal),
  ];
  place.append(
    h('p', { class: 'back' }, h('a', { href: '#/runs' }, 'All runs')),
    h('div', { class: 'heading' }, h('h1', {}, id, ' ', status), h('div', { class: 'buttons' }, actions.element, h('a', { class: 'button', href: `#/try/${encodeURIComponent(id)}` }, 'Try it'), save)),
    problem.element, refused.element, bar, h('div', { class: 'charts' }, charts.map(one => one.element)),
    h('h2', {}, 'Now'), values, h('h2', {}, 'Options'), options);

  let run = {};
  let startsRuns = true;
  let isDue = false;
  const rows = new Map();
  get('parts', signal).then(parts => { startsRuns = parts.starts_runs; changed({}); }, fail);
  watchRun(id, signal, { onRun: changed, onMeasure: measured, fail: error => problem.say(error?.message ?? run.problem) });

  function changed(news) {
    run = { ...run, problem: null, ...news };
    if (run.status === undefined) {
      return;
    }

    showStatus(status, run.status);
    showProgress(bar, run);
    actions.update(startsRuns ? run : {});
    save.disabled = run.iteration === 0 && run.status !== 'finished';
    problem.say(run.problem);
    list(values, facts.map(([name, value]) => [name, value(run)]));
    list(options, Object.entries(run.options ?? {}).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : `${value}`]));
  }

  function measured(measure) {
    rows.set(measure.iteration, { ...rows.get(measure.iteration), ...Object.fromEntries(Object.entries(measure).filter(([, value]) => value !== null && value !== undefined)) });
    run = { ...run, ...Object.fromEntries(Object.entries(measure).filter(([key]) => key.startsWith('query_') || key.startsWith('validation_'))) };
    if (!isDue) {
      isDue = true;
      requestAnimationFrame(draw);
    }
  }

  function draw() {
    isDue = false;
    const sorted = [...rows.values()].filter(row => row.iteration > 0).sort((a, b) => a.iteration - b.iteration);
    charts.forEach(one => one.draw(sorted));
    changed({ problem: run.problem });
  }
}

// Names and values; those without a value are left out.
function list(element, pairs) {
  const given = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== '–');
  if (element.children.length !== given.length || given.some(([name], i) => element.children[i].firstChild.textContent !== name)) {
    element.replaceChildren(...given.map(([name]) => h('div', {}, h('dt', {}, name), h('dd'))));
  }

  given.forEach(([, value], i) => setText(element.children[i].lastChild, value));
}
