// Probabilities as bars, the most probable named aloud.
import { h, setText } from './element.js';
import { percent } from './format.js';

export function bars() {
  const best = h('p', { class: 'best', role: 'status', 'aria-live': 'polite' });
  const list = h('ul', { class: 'bars', 'aria-label': 'Probabilities' });
  const element = h('div', { hidden: true }, best, list);

  return {
    element,
    show(prediction) {
      element.hidden = !prediction;
      const labels = Object.entries(prediction?.probabilities ?? {});
      if (list.children.length !== labels.length || labels.some(([label], i) => list.children[i].dataset.label !== label)) {
        list.replaceChildren(...labels.map(([label]) => h('li', { 'data-label': label },
          h('span', { class: 'name' }, label), h('div', { class: 'bar', role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 1 }, h('div')), h('span', { class: 'number' }))));
      }

      labels.forEach(([, probability], i) => {
        const [, bar, number] = list.children[i].children;
        bar.firstChild.style.width = percent(probability).replace(' ', '');
        bar.setAttribute('aria-valuenow', probability.toFixed(3));
        setText(number, percent(probability));
        list.children[i].classList.toggle('first', labels[i][0] === prediction.label);
      });
      setText(best, !prediction ? '' : `${prediction.label}, ${percent(prediction.probabilities[prediction.label])}`);
    },
  };
}
