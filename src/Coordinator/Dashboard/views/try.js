// Three steps on one page: name classes and give examples, adapt, and see what the model makes of others.
import { download, get, path } from '../data/api.js';
import { adapt, asker, end, modelOf } from '../data/session.js';
import { bars } from '../parts/bars.js';
import { classCard } from '../parts/class-card.js';
import { h, notice } from '../parts/element.js';
import { exampleInput } from '../parts/example-input.js';
import { milliseconds, plural } from '../parts/format.js';
import { problemOf } from './try-checks.js';

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
    if (info.examples === 'image' || info.examples === 'text') {
      build(steps, signal, run, info.examples);
    } else {
      problem.say(`The model was trained on ${run.options.dataset}, of which examples can be given by HTTP only, or not at all; choose a run of images or texts.`);
    }
  } catch (error) {
    signal.aborted || problem.say(error.message);
  }
}

function build(steps, signal, run, kind) {
  const refused = notice();
  const adapted = notice('hint');
  const stale = notice('hint');
  const asked = notice();
  const took = notice('hint');
  const result = bars();
  let cards = [];
  let session = null;
  let ask = null;

  const list = h('div', { class: 'classes' });
  const innerSteps = h('input', { id: 'steps', type: 'number', min: 0, max: 10000, inputmode: 'numeric', placeholder: 'default' });
  const start = h('button', { type: 'button', class: 'primary', onclick: begin }, 'Adapt');
  const working = h('progress', { 'aria-label': 'Adapting', hidden: true });
  const save = h('button', { type: 'button', hidden: true, onclick: () => download(modelOf(session), `${run.run_id}-adapted.safetensors`).catch(error => refused.say(error.message)) }, 'Download adapted model');
  const question = h('div', { class: 'question', hidden: true },
    exampleInput({ kind, label: 'what shall it name?', isLive: true }, example => ask(example)), h('div', { class: 'answer' }, asked.element, result.element, took.element));
  const first = h('p', { class: 'hint' }, 'Adapt first.');
  steps.append(
    step('1', 'Show examples', h('p', { class: 'hint' }, kind === 'text' ? 'Name your classes and write a few texts of each.' : 'Name your classes and draw, drop or photograph a few examples of each.'),
      list, h('button', { type: 'button', onclick: () => add(`Class ${cards.length + 1}`).focus() }, 'Add a class')),
    step('2', 'Adapt', h('div', { class: 'buttons' }, start, working, save), adapted.element, stale.element, refused.element,
      h('details', {}, h('summary', {}, 'More'), h('div', { class: 'field inline' }, h('label', { for: 'steps' }, 'Inner steps'), innerSteps))),
    step('3', 'Let it name others', first, question));
  add('Class 1');
  add('Class 2');
  signal.addEventListener('abort', () => session && end(session));

  function add(name) {
    const card = classCard({ kind, name }, changed, gone => { cards = cards.filter(one => one !== gone); changed(); });
    cards = [...cards, card];
    list.append(card.element);
    changed();
    return card;
  }

  function changed() {
    stale.say(session ? 'The examples have changed: adapt again to use them.' : null);
  }

  async function begin() {
    const classes = cards.map(card => ({ label: card.label(), examples: card.examples() }));
    const bad = problemOf(classes);
    refused.say(bad);
    if (bad) {
      return;
    }

    [start.disabled, working.hidden] = [true, false];
    try {
      const opened = await adapt(run.run_id, classes, innerSteps.value === '' ? null : Number(innerSteps.value), signal);
      session && end(session);
      session = opened;
      ask = asker(session, answered, error => asked.say(error.message));
      adapted.say(`Adapted version ${session.version} to ${plural(classes.reduce((sum, one) => sum + one.examples.length, 0), 'example')} of ${plural(classes.length, 'class', 'classes')} in ${milliseconds(session.milliseconds)}.`);
      changed();
      stale.say(null);
      [save.hidden, question.hidden, first.hidden] = [false, false, true];
      result.show(null);
    } catch (error) {
      signal.aborted || refused.say(error.message);
    } finally {
      [start.disabled, working.hidden] = [false, true];
    }
  }

  function answered(prediction, time) {
    asked.say(null);
    result.show(prediction);
    took.say(`Answered in ${milliseconds(time)}.`);
  }
}

const step = (number, name, ...content) => h('section', { class: 'step', 'aria-labelledby': `step-${number}` }, h('h2', { id: `step-${number}` }, h('span', { class: 'number', 'aria-hidden': 'true' }, number), name), content);
