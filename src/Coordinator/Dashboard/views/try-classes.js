// "Try it" with images and texts: classes that somebody names, with examples of each, and one example after the other to name.
import { bars } from '../parts/bars.js';
import { classCard } from '../parts/class-card.js';
import { h } from '../parts/element.js';
import { exampleInput } from '../parts/example-input.js';
import { plural } from '../parts/format.js';
import { problemOf } from './try-checks.js';

export function examples({ examples: kind }, changed) {
  let cards = [];
  const list = h('div', { class: 'classes' });
  const named = () => cards.map(card => ({ label: card.label(), examples: card.examples() }));
  const support = () => named().flatMap(one => one.examples.map(example => ({ label: one.label, ...example })));
  add('Class 1');
  add('Class 2');
  return {
    content: [
      h('p', { class: 'hint' }, kind === 'text' ? 'Name your classes and write a few texts of each.' : 'Name your classes and draw, drop or photograph a few examples of each.'),
      list, h('button', { type: 'button', onclick: () => add(`Class ${cards.length + 1}`).focus() }, 'Add a class'),
    ],
    problem: () => problemOf(named()),
    support,
    counted: () => `${plural(support().length, 'example')} of ${plural(cards.length, 'class', 'classes')}`,
  };

  function add(name) {
    const card = classCard({ kind, name }, changed, gone => { cards = cards.filter(one => one !== gone); changed(); });
    cards = [...cards, card];
    list.append(card.element);
    changed();
    return card;
  }
}

export function question({ examples: kind }, ask, [problem, took]) {
  const result = bars();
  return {
    title: 'Let it name others',
    element: h('div', { class: 'question' },
      exampleInput({ kind, label: 'what shall it name?', isLive: true }, ask), h('div', { class: 'answer' }, problem, result.element, took)),
    begin: () => result.show(null),
    show: ([prediction]) => result.show(prediction),
  };
}
