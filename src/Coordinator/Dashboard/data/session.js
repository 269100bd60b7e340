// An adaptation session: adapts a run's model to examples, and predicts with it. Only the newest question is worth an answer.
import { base64 } from '../parts/pictures.js';
import { path, post, remove } from './api.js';

const contentOf = example => example.image ? { image: base64(example.image) } : { text: example.text };

// classes: [{ label, examples }]; steps: null for those of the run.
export const adapt = (runId, classes, steps, signal) => post(`runs/${path(runId)}/adapt`, {
  support: classes.flatMap(one => one.examples.map(example => ({ label: one.label, ...contentOf(example) }))),
  ...steps !== null && { steps },
}, signal);

export const modelOf = session => `sessions/${path(session.sessionId)}/model`;

export const end = session => remove(`sessions/${path(session.sessionId)}`).catch(() => { /* It expires by itself. */ });

// Returns ask(example): onAnswer(prediction, milliseconds) is called with the answer, fail(error) with a refusal; while one is asked, of those that come only the newest waits.
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
      const content = contentOf(waiting);
      waiting = null;
      try {
        const began = performance.now();
        const { predictions } = await post(`sessions/${path(session.sessionId)}/predict`, content.image ? { images: [content.image] } : { texts: [content.text] });
        onAnswer(predictions[0], performance.now() - began);
      } catch (error) {
        fail(error);
      }
    }

    isBusy = false;
  };
}
