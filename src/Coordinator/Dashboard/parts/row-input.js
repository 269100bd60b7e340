// Where somebody gives rows of a table: a field to write or paste into, and files.
import { RowsError, rowsOf } from '../data/rows.js';
import { takesFiles } from './drop.js';
import { h, notice } from './element.js';
import { plural } from './format.js';

// columns: inputs, and last the target, which only isLabelled rows must have. onChanged(rows) is called as they grow; none are there while they cannot be read.
export function rowInput({ label, columns, isLabelled }, onChanged) {
  const problem = notice();
  const number = h('p', { class: 'hint', role: 'status' });
  let rows = [];
  const field = h('textarea', { rows: 6, class: 'rows', 'aria-label': label, placeholder: (isLabelled ? columns : columns.slice(0, -1)).join(','), spellcheck: 'false', oninput: read });
  const files = h('input', { type: 'file', accept: '.csv,.tsv,.txt,text/*', 'aria-label': `Choose a file: ${label}`, onchange: async () => { await take(files.files); files.value = ''; } });
  const element = takesFiles(h('div', { class: 'input' }, field, h('div', { class: 'buttons' },
    h('label', { class: 'button file' }, files, 'File'),
    h('button', { type: 'button', 'aria-label': `Clear: ${label}`, onclick: () => { field.value = ''; read(); field.focus(); } }, 'Clear')), number, problem.element), take);
  count();
  return { element, rows: () => rows };

  async function take([file]) {
    if (file) {
      field.value = await file.text();
      read();
    }
  }

  function read() {
    try {
      rows = rowsOf(field.value, columns, isLabelled ? 0 : 1);
      problem.say(null);
    } catch (error) {
      if (!(error instanceof RowsError)) {
        throw error;
      }

      rows = [];
      problem.say(error.message);
    }

    count();
    onChanged(rows);
  }

  function count() {
    number.textContent = rows.length === 0 ? 'No rows yet' : plural(rows.length, 'row');
  }
}
