// Requests to the coordinator. A refusal is an ApiError with the coordinator's own sentence.
import { askToken, token } from './token.js';

export class ApiError extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

export const path = (...parts) => parts.map(encodeURIComponent).join('/');

// The raw answer; asks for a token where one is wanted, and tries again.
export async function request(address, { headers = {}, ...options } = {}) {
  for (;;) {
    const used = token();
    let answer;
    try {
      answer = await fetch(`api/${address}`, { ...options, headers: used ? { ...headers, Authorization: `Bearer ${used}` } : headers, cache: 'no-store' });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new ApiError('The coordinator does not answer. Is it still running?', 0);
    }

    if (answer.ok) {
      return answer;
    }

    const refusal = new ApiError(await sentenceOf(answer), answer.status);
    if (answer.status !== 401 || token() === used && !await askToken(used ? refusal.message : null)) {
      throw refusal;
    }
  }
}

export const get = async (address, signal) => (await request(address, { signal })).json();

export async function post(address, body, signal) {
  const answer = await request(address, { method: 'POST', signal, ...body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } });
  return answer.json();
}

export const remove = address => request(address, { method: 'DELETE', keepalive: true });

// Saves a file: by the browser alone where no token is needed, so that its size does not matter.
export async function download(address, name) {
  const link = document.createElement('a');
  link.download = name;
  link.href = token() ? URL.createObjectURL(await (await request(address)).blob()) : `api/${address}`;
  link.click();
  if (token()) {
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}

async function sentenceOf(answer) {
  const body = await answer.json().catch(() => ({}));
  return body.detail ?? body.error ?? `The coordinator refused with status ${answer.status}.`;
}
