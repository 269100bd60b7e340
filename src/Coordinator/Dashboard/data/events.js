// Server-sent events, read from a stream: an EventSource cannot send a token.
import { request } from './api.js';

// Yields { event, id, data } until the stream ends.
export async function* events(address, signal, lastId) {
  const answer = await request(address, { signal, headers: { Accept: 'text/event-stream', ...lastId && { 'Last-Event-ID': lastId } } });
  if (answer.status === 204) {
    return;
  }

  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }

    const blocks = (rest + value).replace(/\r\n?/g, '\n').split('\n\n');
    rest = blocks.pop();
    yield* blocks.map(parse).filter(event => event.data !== undefined);
  }
}

function parse(block) {
  const event = { event: 'message' };
  for (const line of block.split('\n')) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === 'data') {
      event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    } else if (field === 'event' || field === 'id') {
      event[field] = value;
    }
  }

  return event.data === undefined ? event : { ...event, data: JSON.parse(event.data) };
}
