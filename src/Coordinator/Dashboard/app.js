// Chooses the view by the fragment of the address, and ends the one before.
import { h } from './parts/element.js';
import { forgetToken, onToken } from './data/token.js';
import * as runs from './views/runs.js';
import * as run from './views/run.js';
import * as cluster from './views/cluster.js';
import * as tryIt from './views/try.js';

const views = { runs, cluster, try: tryIt };
const main = document.getElementById('main');
const forget = document.getElementById('forget');
let shown = new AbortController();

function show(isFirst) {
  shown.abort();
  shown = new AbortController();
  const [name = 'runs', id] = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
  const view = name === 'runs' && id ? run : views[name] ?? runs;
  for (const link of document.querySelectorAll('nav a')) {
    const isCurrent = link.hash === `#/${view === run ? 'runs' : name}`;
    isCurrent ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  }

  const place = h('div', { class: 'view' });
  main.replaceChildren(place);
  document.title = `${view.title(id)} · MetaMap`;
  view.show(place, shown.signal, id);
  if (!isFirst) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

onToken(token => { forget.hidden = !token; });
forget.addEventListener('click', () => { forgetToken(); show(false); });
document.getElementById('skip').addEventListener('click', () => main.focus());
addEventListener('hashchange', () => show(false));
show(true);
