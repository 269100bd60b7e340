// A class that somebody names, and its examples.
import { h } from './element.js';
import { exampleInput } from './example-input.js';
import { plural } from './format.js';

let made = 0;

export function classCard({ kind, name }, onChanged, onRemoved) {
  const id = `class-${++made}`;
  let examples = [];
  const field = h('input', { id, value: name, class: 'class-name', autocomplete: 'off', spellcheck: 'false', oninput: onChanged });
  const number = h('span', { class: 'hint', role: 'status' });
  const list = h('ul', { class: kind === 'text' ? 'texts' : 'thumbnails', 'aria-label': `Examples of ${name}` });
  const element = h('section', { class: 'card class', 'aria-label': name },
    h('div', { class: 'class-head' }, h('label', { for: id, class: 'unseen' }, 'Name of the class'), field,
      h('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${name}`, onclick: () => { element.remove(); onRemoved(card); } }, '✕')),
    exampleInput({ kind, label: name }, add), number, list);
  const card = { element, label: () => field.value.trim(), examples: () => examples, focus: () => field.select() };
  count();

  function add(example) {
    examples = [...examples, example];
    const item = h('li', {}, h('button', { type: 'button', 'aria-label': `Remove example ${examples.length}`, title: 'Remove', onclick: () => {
      examples = examples.filter(one => one !== example);
      item.remove();
      count();
      onChanged();
    } }, example.image ? h('img', { src: example.image, alt: '', width: 44, height: 44 }) : example.text));
    list.append(item);
    count();
    onChanged();
  }

  function count() {
    number.textContent = examples.length === 0 ? 'No examples yet' : plural(examples.length, 'example');
  }

  return card;
}
