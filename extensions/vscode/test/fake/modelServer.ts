import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Call { readonly stream?: boolean; readonly tools?: readonly unknown[]; readonly messages: readonly { readonly role: string; readonly content: unknown; readonly tool_calls?: unknown }[] }

/** An answer of the model: text, or a call of a tool. */
export type Turn = string | { readonly tool: string; readonly args: object };

/** A model server of this machine that says what a script says; it speaks the OpenAI chat API as llama-server does. */
export async function startModelServer(next: (call: Call) => Turn): Promise<{ readonly address: string; stop(): Promise<void> }> {
  let calls = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Uint8Array[] = [];
      for await (const part of request) parts.push(part as Uint8Array);
      if (request.method === 'GET') {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model', created: 1, owned_by: 'test' }] }));
        return;
      }

      const call = JSON.parse(Buffer.concat(parts).toString('utf8')) as Call;
      const turn = next(call);
      calls += 1;
      const message = typeof turn === 'string' ? { content: turn } : { content: '', tool_calls: [{ index: 0, id: `call_${calls}`, type: 'function', function: { name: turn.tool, arguments: JSON.stringify(turn.args) } }] };
      const finish = typeof turn === 'string' ? 'stop' : 'tool_calls';
      const base = { id: 'chatcmpl-1', created: 1, model: 'scripted' };
      if (call.stream !== true) {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ ...base, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }] }));
        return;
      }

      const chunk = (delta: object, finish_reason: string | null): string => `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(`${chunk({ role: 'assistant', content: '' }, null)}${chunk(message, null)}${chunk({}, finish)}data: [DONE]\n\n`);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop: async () => { server.closeAllConnections(); await new Promise((resolve) => server.close(resolve)); },
  };
}
