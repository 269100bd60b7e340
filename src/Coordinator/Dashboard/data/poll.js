// Calls a function again and again until the view ends; while nobody looks at the tab, it waits.
export async function poll(milliseconds, signal, look, fail) {
  while (!signal.aborted) {
    try {
      await look();
      fail?.(null);
    } catch (error) {
      if (signal.aborted) {
        return;
      }

      fail?.(error);
    }

    await pause(milliseconds, signal);
    if (document.hidden && !signal.aborted) {
      await next(document, 'visibilitychange', signal);
    }
  }
}

export const pause = (milliseconds, signal) => new Promise(resolve => {
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

const next = (target, event, signal) => new Promise(resolve => {
  target.addEventListener(event, resolve, { once: true });
  signal.addEventListener('abort', resolve, { once: true });
});
