// "Try it" with tables and ratings: labelled rows to adapt to, and rows to predict.
import { h } from '../parts/element.js';
import { figure, percent, plural } from '../parts/format.js';
import { rowInput } from '../parts/row-input.js';
import { table } from '../parts/table.js';

const mostShown = 100;

export function examples({ row }, changed) {
  const input = rowInput({ label: `Rows with ${row.target}`, columns: [...row.columns, row.target], isLabelled: true }, changed);
  return {
    content: [
      h('p', { class: 'hint' }, `Paste a few rows of one task, or drop a CSV file: ${row.columns.join(', ')}, and ${row.target}, which is to be predicted. A first line may name the columns.`),
      input.element,
    ],
    problem: () => input.rows().length === 0 ? `Give a few rows with their ${row.target}.` : null,
    support: () => input.rows().map(one => ({ row: one })),
    counted: () => plural(input.rows().length, 'row'),
  };
}

export function question({ row }, ask, [problem, took]) {
  const input = rowInput({ label: 'Rows to predict', columns: [...row.columns, row.target], isLabelled: false }, look);
  const more = h('p', { class: 'hint', role: 'status' });
  const result = table({
    caption: 'Predictions', key: one => one.i, empty: 'Nothing is predicted yet.',
    columns: [
      { title: 'Row', cell: one => inputsOf(one.row), isLong: true },
      { title: row.target, cell: one => row.is_value ? figure(one.prediction.value) : one.prediction.label, isNumber: row.is_value },
      ...row.is_value ? [] : [{ title: 'Probability', cell: one => percent(one.prediction.probabilities[one.prediction.label]), isNumber: true }],
    ],
  });
  show([], { rows: [] });
  return {
    title: 'Let it predict others',
    element: h('div', { class: 'question of-rows' }, input.element, h('div', { class: 'answer' }, problem, result.element, more, took)),
    begin: () => { show([], { rows: [] }); look(input.rows()); },
    // The answer to rows that were cleared meanwhile is nobody's.
    show: (predictions, asked) => input.rows().length > 0 && show(predictions, asked),
  };

  function inputsOf(given) {
    const inputs = Object.entries(given).filter(([name]) => name !== row.target);
    return inputs.length === 1 ? inputs[0][1] : inputs.map(([name, field]) => `${name} ${field}`).join(', ');
  }

  function look(rows) {
    rows.length > 0 ? ask({ rows }) : show([], { rows });
  }

  function show(predictions, { rows }) {
    result.show(predictions.slice(0, mostShown).map((prediction, i) => ({ i, prediction, row: rows[i] })));
    more.textContent = rows.length > mostShown ? `The first ${mostShown} of ${plural(rows.length, 'row')}; metamap predict writes them all.` : '';
  }
}
