// Where somebody gives examples: a pad, files and the camera for models of images, a field for models of texts.
import { h, notice } from './element.js';
import { drawingPad } from './drawing-pad.js';
import { takesFiles } from './drop.js';
import { hasCamera, photograph } from './camera.js';
import { pictureOf } from './pictures.js';

// onExample({ image } or { text }) is called for each one; with isLive, drawings and texts are told as they grow, and stay.
export function exampleInput({ kind, label, isLive = false }, onExample) {
  return (kind === 'text' ? textInput : imageInput)(label, isLive, onExample);
}

function imageInput(label, isLive, onExample) {
  const problem = notice();
  const give = () => onExample({ image: pad.image() });
  const pad = drawingPad(`Draw here: ${label}`, () => isLive ? give() : add.disabled = false);
  const clear = () => { pad.clear(); add.disabled = true; };
  const add = h('button', { type: 'button', class: 'primary', disabled: true, hidden: isLive, 'aria-label': `Add drawing to ${label}`, onclick: () => { give(); clear(); } }, 'Add');
  const files = h('input', { type: 'file', accept: 'image/*', multiple: true, 'aria-label': `Choose pictures: ${label}`, onchange: async () => { await take(files.files); files.value = ''; } });
  const element = h('div', { class: 'input' }, pad.element,
    h('div', { class: 'buttons' }, add,
      h('button', { type: 'button', 'aria-label': `Clear drawing: ${label}`, onclick: clear }, 'Clear'),
      h('label', { class: 'button file' }, files, 'Files'),
      hasCamera() && h('button', { type: 'button', 'aria-label': `Photograph: ${label}`, onclick: () => photograph(label, image => onExample({ image })) }, 'Camera')),
    problem.element);

  async function take(list) {
    problem.say(null);
    for (const file of [...list]) {
      try {
        onExample({ image: await pictureOf(file) });
      } catch (error) {
        problem.say(error.message);
      }
    }
  }

  return takesFiles(element, take);
}

function textInput(label, isLive, onExample) {
  const field = h('textarea', {
    rows: 3, 'aria-label': `Texts, one a line: ${label}`, placeholder: isLive ? 'Write a text' : 'One text a line',
    oninput: () => isLive && lines().length > 0 && onExample({ text: field.value.trim() }),
  });
  const lines = () => field.value.split('\n').map(line => line.trim()).filter(Boolean);
  return h('div', { class: 'input' }, field, h('div', { class: 'buttons' },
    !isLive && h('button', { type: 'button', class: 'primary', 'aria-label': `Add texts to ${label}`, onclick: () => { lines().forEach(text => onExample({ text })); field.value = ''; field.focus(); } }, 'Add')));
}
