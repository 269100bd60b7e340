// The current episode of a run as pictures: what the model was adapted to, and what it then predicts.
import { get, path } from '../data/api.js';
import { poll } from '../data/poll.js';
import { h, notice } from './element.js';
import { count, milliseconds, percent } from './format.js';

const pause = 5000;

// It asks only while somebody has it open.
export function episode(id, signal) {
  const problem = notice('hint');
  const about = h('p', { class: 'hint', role: 'status' });
  const classes = h('div', { class: 'episode' });
  const element = h('details', { class: 'wide' }, h('summary', {}, 'Current episode'), problem.element, about, classes);
  let closing = null;
  element.addEventListener('toggle', () => {
    closing?.abort();
    closing = element.open ? new AbortController() : null;
    closing && poll(pause, AbortSignal.any([signal, closing.signal]), look, error => problem.say(error?.message));
  });

  async function look() {
    const shown = await get(`runs/${path(id)}/episode`, signal);
    about.textContent = `Iteration ${count(shown.iteration)}: version ${count(shown.version)}, adapted in ${milliseconds(shown.milliseconds)}, names ${percent(shown.accuracy)} of the query images rightly.`;
    classes.replaceChildren(...shown.classes.map((one, label) => h('section', { class: 'card', 'aria-label': nameOf(one) },
      h('h3', {}, nameOf(one)),
      pictures('Adapted to', one.support.map((image, i) => h('li', {}, picture(image, `Support image ${i + 1}`)))),
      pictures('Then predicted', one.query.map(query => h('li', { class: query.predicted === label ? 'right' : 'wrong' },
        picture(query.image, `Query image, ${query.predicted === label ? 'right' : 'wrong'}`), h('span', {}, query.predicted === label ? '✓' : '✗', ` ${nameOf(shown.classes[query.predicted])} ${percent(query.probability, 0)}`)))))));
  }

  return element;
}

const nameOf = one => `${one.name.split('/').slice(-2).join('/')}${one.degrees ? ` turned ${one.degrees}°` : ''}`;

const pictures = (title, items) => [h('h4', {}, title), h('ul', { class: 'pictures' }, items)];

const picture = (image, alt) => h('img', { src: `data:image/png;base64,${image}`, alt, width: 56, height: 56 });
