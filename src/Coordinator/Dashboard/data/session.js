// An adaptation session: adapts a run's model to examples, and predicts with it. Only the newest question is worth an answer.
import { base64 } from '../parts/pictures.js';
import { path, post, remove } from './api.js';

const contentOf = example => example.image ? { ...example, image: base64(example.image) } : example;

const queriesOf = example => example.rows ? example : example.image ? { images: [base64(example.image)] } : { texts: [example.text] };

// examples: [{ label, image }], [{ label, text }] or [{ row }]; steps: null for those of the run.
export const adapt = (runId, examples, steps, signal) => post(`runs/${path(runId)}/adapt`, {
  support: examples.map(contentOf),
  ...steps !== null && { steps },
}, signal);

export const modelOf = session => `sessions/${path(session.sessionId)}/model`;

export const end = session => remove(`sessions/${path(session.sessionId)}`).catch(() => { /* It expires by itself. */ });

// Returns ask(example), where that is { image }, { text } or { rows }: onAnswer(predictions, milliseconds, example) is called with the answer, fail(error) with a refusal; while one is asked, of those that come only the newest waits.
export function asker(session, onAnswer, fail) {
  let waiting = null;
  let isBusy = false;

  return async function ask(example) {
    waiting = example;
    if (isBusy) {
      return;
    }

    isBusy = true;
    while (waiting) {
      const asked = waiting;
      waiting = null;
      try {
        const began = performance.now();
        const { predictions } = await post(`sessions/${path(session.sessionId)}/predict`, queriesOf(asked));
        onAnswer(predictions, performance.now() - began, asked);
      } catch (error) {
        fail(error);
      }
    }

    isBusy = false;
  };
}
