// The token of a coordinator with --tokens: kept by this tab, and asked for when the coordinator wants one.
import { h, notice } from '../parts/element.js';

const key = 'metamap-token';
const listeners = [];
let asked = null;

export const token = () => sessionStorage.getItem(key);

export function onToken(listener) {
  listeners.push(listener);
  listener(token());
}

export function forgetToken() {
  sessionStorage.removeItem(key);
  listeners.forEach(listener => listener(null));
}

function keep(value) {
  sessionStorage.setItem(key, value);
  listeners.forEach(listener => listener(value));
}

// Asks once, however many requests wait for the answer; false when the dialog is dismissed.
export function askToken(sentence) {
  asked ??= new Promise(resolve => {
    const input = h('input', { type: 'password', id: 'token', name: 'token', autocomplete: 'off', required: true, spellcheck: 'false' });
    const problem = notice();
    const dialog = h('dialog', { class: 'ask', 'aria-labelledby': 'token-title', onclose: () => { dialog.remove(); asked = null; resolve(dialog.returnValue === 'ok'); } },
      h('form', { onsubmit: event => { event.preventDefault(); keep(input.value.trim()); dialog.close('ok'); } },
        h('h2', { id: 'token-title' }, 'Token'),
        problem.element,
        h('label', { for: 'token' }, 'A token of this coordinator'),
        input,
        h('p', { class: 'hint' }, 'It stays in this tab until the tab is closed.'),
        h('div', { class: 'buttons' },
          h('button', { type: 'submit', class: 'primary' }, 'Use it'),
          h('button', { type: 'button', onclick: () => dialog.close('cancel') }, 'Cancel'))));
    document.body.append(dialog);
    dialog.showModal();
    problem.say(sentence);
  });
  return asked;
}
