// A line chart of uPlot with the page's colours; it follows the width of its place, and the change between dark and light.
import uPlot from '../vendor/uplot/uPlot.esm.js';
import { h } from './element.js';

const height = 200;
const dark = matchMedia('(prefers-color-scheme: dark)');

// series: [{ key, label, colour (a CSS variable), show(value) }]; rows: [{ iteration, … }], ascending.
export function chart({ title, series, range }, signal) {
  const place = h('div', { class: 'plot' });
  const latest = h('span', { class: 'latest' });
  const element = h('figure', { class: 'chart', role: 'group', 'aria-label': title }, h('figcaption', {}, title, ' ', latest), place);
  let plot = null;
  let data = [[], ...series.map(() => [])];

  function build() {
    plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui' };
    plot = new uPlot({
      width: Math.max(200, place.clientWidth), height,
      scales: { x: { time: false }, y: range ? { range } : {} },
      axes: [{ ...axis, space: 70, size: 30, values: (_, splits) => splits.map(split => Number.isInteger(split) ? `${split}` : '') }, { ...axis, size: 52 }],
      series: [{ label: 'Iteration' }, ...series.map(one => ({
        label: one.label, stroke: colour(one.colour), width: 2, spanGaps: true, value: (_, value) => value === null || value === undefined ? '–' : one.show(value),
      }))],
      cursor: { y: false }, legend: { live: true },
    }, data, place);
  }

  const observer = new ResizeObserver(() => plot ? plot.setSize({ width: Math.max(200, place.clientWidth), height }) : build());
  observer.observe(place);
  dark.addEventListener('change', build, { signal });
  signal.addEventListener('abort', () => { observer.disconnect(); plot?.destroy(); });

  return {
    element,
    draw(rows) {
      const shown = rows.filter(row => series.some(one => row[one.key] !== undefined && row[one.key] !== null));
      data = [shown.map(row => row.iteration), ...series.map(one => shown.map(row => row[one.key] ?? null))];
      const newest = shown.findLast(row => row[series[0].key] !== undefined)?.[series[0].key];
      latest.textContent = newest === undefined || newest === null ? 'nothing yet' : series[0].show(newest);
      plot?.setData(data);
    },
  };
}
