// Follows a run: its history and its events where the coordinator has them, else what it says of itself once a second.
import { get, path } from './api.js';
import { events } from './events.js';
import { pause, poll } from './poll.js';

const over = new Set(['finished', 'stopped', 'failed']);
export const isOver = run => over.has(run.status);

// onRun(run) is called with what is new of the run, onMeasure(measure) with what was measured at one iteration, fail(error or null) with what is wrong.
export async function watchRun(id, signal, { onRun, onMeasure, fail }) {
  const address = `runs/${path(id)}`;
  let last = null;
  let sinceStatus = null;
  const look = async () => onRun(await get(address, signal));
  const measured = (place, measure) => { last = place; onMeasure(measure); };

  await attempt(async () => {
    await look();
    for (let from = 0; from !== undefined && from !== null;) {
      const page = await get(`${address}/metrics?from=${from}`, signal);
      page.measures.forEach(measure => measured(placeOf(measure), measure));
      from = page.next;
    }

    while (!signal.aborted) {
      for await (const { event, id: place, data } of events(last ? `${address}/events` : `${address}/events?from=0`, signal, last)) {
        fail(null);
        if (event === 'status') {
          onRun(data);
          onMeasure({ iteration: data.iteration, episodes_per_second: data.episodes_per_second });
          sinceStatus === data.status || await look();
          sinceStatus = data.status;
        } else {
          measured(place, data);
        }
      }

      await pause(2000, signal);
      await look();
    }
  });

  // Runs the events; where there are none, polls; where they break, says so and goes on.
  async function attempt(follow) {
    while (!signal.aborted) {
      try {
        return await follow();
      } catch (error) {
        if (signal.aborted) {
          return;
        }

        if (error.status === 404) {
          return poll(1000, signal, async () => {
            const run = await get(address, signal);
            onRun(run);
            onMeasure(run);
          }, fail);
        }

        fail(error);
        await pause(2000, signal);
      }
    }
  }
}

const placeOf = measure => measure.best_iteration === undefined || measure.best_iteration === null ? `${measure.iteration}` : `${measure.iteration}-validation`;
