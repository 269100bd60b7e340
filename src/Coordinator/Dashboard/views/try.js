// Three steps on one page: give examples, adapt, and see what the model makes of others.
import { download, get, path } from '../data/api.js';
import { adapt, asker, end, modelOf } from '../data/session.js';
import { h, notice } from '../parts/element.js';
import { milliseconds } from '../parts/format.js';
import * as classes from './try-classes.js';
import * as rows from './try-rows.js';

export const title = () => 'Try it';

export async function show(place, signal, wanted) {
  const problem = notice();
  const choice = h('select', { id: 'model', onchange: () => { location.hash = `#/try/${encodeURIComponent(choice.value)}`; } });
  const steps = h('div', { class: 'steps' });
  place.append(h('h1', {}, 'Try it'),
    h('div', { class: 'field inline' }, h('label', { for: 'model' }, 'Model of run'), choice), problem.element, steps);
  try {
    const runs = (await get('runs', signal)).reverse();
    const run = runs.find(one => one.run_id === wanted) ?? runs.find(one => one.iteration > 0) ?? runs[0];
    choice.append(...runs.map(one => h('option', { value: one.run_id, selected: one === run }, one.run_id)));
    if (!run) {
      problem.say('There is no run yet, so there is no model to try.');
      return;
    }

    const info = await get(`runs/${path(run.run_id)}/model/info`, signal);
    if (info.examples) {
      build(steps, signal, run, info);
    } else {
      problem.say(`The model was trained on ${run.options.dataset}, of which nobody has examples of their own; choose a run of images, texts, ratings or a table.`);
    }
  } catch (error) {
    signal.aborted || problem.say(error.message);
  }
}

function build(steps, signal, run, info) {
  const { examples, question } = info.examples === 'row' ? rows : classes;
  const refused = notice();
  const adapted = notice('hint');
  const stale = notice('hint');
  const asked = notice();
  const took = notice('hint');
  let session = null;
  let ask = null;

  const given = examples(info, changed);
  const others = question(info, example => ask(example), [asked.element, took.element]);
  const innerSteps = h('input', { id: 'steps', type: 'number', min: 0, max: 10000, inputmode: 'numeric', placeholder: 'default' });
  const start = h('button', { type: 'button', class: 'primary', onclick: begin }, 'Adapt');
  const working = h('progress', { 'aria-label': 'Adapting', hidden: true });
  const save = h('button', { type: 'button', hidden: true, onclick: () => download(modelOf(session), `${run.run_id}-adapted.safetensors`).catch(error => refused.say(error.message)) }, 'Download adapted model');
  const first = h('p', { class: 'hint' }, 'Adapt first.');
  others.element.hidden = true;
  steps.append(
    step('1', 'Show examples', given.content),
    step('2', 'Adapt', h('div', { class: 'buttons' }, start, working, save), adapted.element, stale.element, refused.element,
      h('details', {}, h('summary', {}, 'More'), h('div', { class: 'field inline' }, h('label', { for: 'steps' }, 'Inner steps'), innerSteps))),
    step('3', others.title, first, others.element));
  signal.addEventListener('abort', () => session && end(session));

  function changed() {
    stale.say(session ? 'The examples have changed: adapt again to use them.' : null);
  }

  async function begin() {
    const bad = given.problem();
    refused.say(bad);
    if (bad) {
      return;
    }

    [start.disabled, working.hidden] = [true, false];
    try {
      const counted = given.counted();
      const opened = await adapt(run.run_id, given.support(), innerSteps.value === '' ? null : Number(innerSteps.value), signal);
      session && end(session);
      session = opened;
      ask = asker(session, answered, error => asked.say(error.message));
      adapted.say(`Adapted version ${session.version} to ${counted} in ${milliseconds(session.milliseconds)}.`);
      changed();
      stale.say(null);
      [save.hidden, others.element.hidden, first.hidden] = [false, false, true];
      others.begin();
    } catch (error) {
      signal.aborted || refused.say(error.message);
    } finally {
      [start.disabled, working.hidden] = [false, true];
    }
  }

  function answered(predictions, time, example) {
    asked.say(null);
    others.show(predictions, example);
    took.say(`Answered in ${milliseconds(time)}.`);
  }
}

const step = (number, name, ...content) => h('section', { class: 'step', 'aria-labelledby': `step-${number}` }, h('h2', { id: `step-${number}` }, h('span', { class: 'number', 'aria-hidden': 'true' }, number), name), content.flat());
