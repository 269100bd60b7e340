// Asks before something that is not easily undone.
import { h } from './element.js';

export const confirmed = (question, action) => new Promise(resolve => {
  const dialog = h('dialog', { class: 'ask', 'aria-labelledby': 'question', onclose: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } },
    h('p', { id: 'question' }, question),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, action),
      h('button', { type: 'button', autofocus: true, onclick: () => dialog.close('no') }, 'Cancel')));
  document.body.append(dialog);
  dialog.showModal();
});
