// A table whose rows stay the same elements while their values change, so that a focused button keeps its focus; on narrow screens each row is a card.
import { h, setText } from './element.js';

// columns: [{ title, cell(row), isNumber }], where a cell is a text or an element that was made once by make(row) and is given to update(element, row).
export function table({ caption, columns, key, empty }) {
  const rows = new Map();
  const body = h('tbody');
  const nothing = h('p', { class: 'empty', hidden: true }, empty);
  const whole = h('table', {}, h('caption', { class: 'unseen' }, caption),
    h('thead', {}, h('tr', {}, columns.map(column => h('th', { scope: 'col', class: column.isNumber ? 'number' : null }, column.title)))), body);

  function add(item) {
    const cells = columns.map((column, i) => {
      const content = column.make?.(item);
      const cell = h(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: column.isNumber ? 'number' : null, 'data-title': column.title || null }, content ?? '');
      return { update: now => column.make ? column.update?.(content, now) : setText(cell, column.cell(now)), cell };
    });
    return { element: h('tr', {}, cells.map(cell => cell.cell)), cells };
  }

  return {
    element: h('div', { class: 'table' }, whole, nothing),
    show(items) {
      const keys = new Set(items.map(key));
      for (const [name, row] of rows) {
        if (!keys.has(name)) {
          row.element.remove();
          rows.delete(name);
        }
      }

      items.forEach((item, i) => {
        const name = key(item);
        const row = rows.get(name) ?? add(item);
        rows.set(name, row);
        row.cells.forEach(cell => cell.update(item));
        if (body.children[i] !== row.element) {
          body.insertBefore(row.element, body.children[i] ?? null);
        }
      });
      nothing.hidden = items.length > 0;
      whole.hidden = items.length === 0;
    },
  };
}
