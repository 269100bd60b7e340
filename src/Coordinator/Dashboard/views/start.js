// The form that starts a run: the few options that people set; the others keep their defaults.
import { post } from '../data/api.js';
import { h, notice } from '../parts/element.js';

export function startDialog(parts, onStarted) {
  const problem = notice();
  const choice = (name, of, first) => h('select', { id: name, name },
    of.map(part => h('option', { value: part.name, title: part.summary, selected: part.name === first }, part.needs_data ? `${part.name} (needs data)` : part.name)));
  const number = (name, least) => h('input', { id: name, name, type: 'number', min: least, step: 1, inputmode: 'numeric', placeholder: 'default' });
  const summary = h('p', { class: 'hint', id: 'summary' });
  const dataset = choice('dataset', parts.datasets, 'glyphs');
  const algorithm = choice('algorithm', [{ name: '', summary: '' }, ...parts.algorithms], '');
  algorithm.options[0].text = 'default for the data';
  const form = h('form', { onsubmit: start, oninput: explain, 'aria-describedby': 'summary' },
    h('h2', { id: 'start-title' }, 'Start a run'),
    problem.element,
    h('div', { class: 'fields' },
      field('Name', h('input', { id: 'name', name: 'name', placeholder: 'made of its options', autocomplete: 'off', spellcheck: 'false' })),
      field('Dataset', dataset), field('Algorithm', algorithm), field('Ways', number('ways', 2)), field('Shots', number('shots', 1)), field('Iterations', number('iterations', 1))),
    summary,
    h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'primary' }, 'Start'), h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')));
  const dialog = h('dialog', { class: 'ask', 'aria-labelledby': 'start-title', onclose: () => dialog.remove() }, form);
  document.body.append(dialog);
  explain();
  dialog.showModal();

  function explain() {
    const chosen = [parts.datasets.find(part => part.name === dataset.value), parts.algorithms.find(part => part.name === algorithm.value)];
    summary.textContent = chosen.filter(Boolean).map(part => `${part.name}: ${part.summary}.`).join(' ')
      + (chosen[0]?.needs_data ? ' Its files must have been given to the coordinator and its workers (--data).' : '');
  }

  async function start(event) {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== ''));
    const { name, ...options } = given;
    for (const key of ['ways', 'shots', 'iterations']) {
      options[key] &&= Number(options[key]);
    }

    try {
      const run = await post('runs', { name, options });
      dialog.close();
      onStarted(run);
    } catch (error) {
      problem.say(error.message);
    }
  }
}

const field = (title, input) => h('div', { class: 'field' }, h('label', { for: input.id }, title), input);
