/** The events of a text/event-stream body, as WHATWG HTML section 9.2 parses them (the parts that we use). */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let event = { event: 'message', data: '', id: undefined };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === '') {
          if (event.data !== '' || event.event !== 'message') yield { ...event, data: event.data.replace(/\n$/, '') };
          event = { event: 'message', data: '', id: undefined };
          continue;
        }
        const colon = line.indexOf(':');
        if (colon === 0) continue; // a comment keeps proxies awake
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'data') event.data += `${text}\n`;
        else if (field === 'event') event.event = text;
        else if (field === 'id') event.id = text;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
