// The official openai client, unmodified, against the endpoint. Arguments: the library, the base URL, the name of a scenario, the model. Prints one JSON object.
import { pathToFileURL } from 'node:url';

const [, , library, baseURL, scenario, model] = process.argv;
const { default: OpenAI } = await import(pathToFileURL(library).href);
const client = new OpenAI({ apiKey: 'none', baseURL, maxRetries: 0 });
const request = 'write a function that merges two dictionaries';

const tools = [{
  type: 'function',
  function: { name: 'weather', description: 'The weather of a town', parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] } },
}];

const scenarios = {
  async models() {
    const listed = await client.models.list();
    return { ids: listed.data.map((entry) => entry.id), one: (await client.models.retrieve('edgecoder-local')).id };
  },
  async chat() {
    const { data, response } = await client.chat.completions.create({ model, messages: [{ role: 'user', content: request }] }).withResponse();
    return { text: data.choices[0].message.content, finish: data.choices[0].finish_reason, usage: data.usage, edgecoder: data.edgecoder, route: response.headers.get('x-edgecoder-route') };
  },
  async stream() {
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: request }], stream: true, stream_options: { include_usage: true } });
    const pieces = [];
    for await (const piece of stream) pieces.push(piece);
    return {
      text: pieces.map((piece) => piece.choices[0]?.delta?.content ?? '').join(''),
      roles: pieces.filter((piece) => piece.choices[0]?.delta?.role).length,
      finish: pieces.map((piece) => piece.choices[0]?.finish_reason).filter(Boolean),
      usage: pieces.at(-1).usage,
      edgecoder: pieces[0].edgecoder,
    };
  },
  async tools() {
    const messages = [{ role: 'user', content: 'How is the weather in Bern?' }];
    const first = await client.chat.completions.create({ model, messages, tools });
    const call = first.choices[0].message.tool_calls[0];
    messages.push(first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '{"sky":"clear"}' });
    const second = await client.chat.completions.create({ model, messages, tools });
    return { finish: first.choices[0].finish_reason, name: call.function.name, arguments: JSON.parse(call.function.arguments), text: second.choices[0].message.content };
  },
  async toolStream() {
    const runner = client.chat.completions.stream({ model, messages: [{ role: 'user', content: 'How is the weather in Bern?' }], tools });
    const final = await runner.finalChatCompletion();
    return { finish: final.choices[0].finish_reason, name: final.choices[0].message.tool_calls[0].function.name, arguments: JSON.parse(final.choices[0].message.tool_calls[0].function.arguments) };
  },
  async responses() {
    const whole = await client.responses.create({ model, input: request });
    const again = await client.responses.retrieve(whole.id);
    const stream = client.responses.stream({ model, input: request, store: false });
    const types = [];
    for await (const event of stream) types.push(event.type);
    const final = await stream.finalResponse();
    await client.responses.delete(whole.id);
    return { text: whole.output_text, again: again.output_text, streamed: final.output_text, status: final.status, types: [...new Set(types)], usage: final.usage };
  },
  async structured() {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'], additionalProperties: false };
    const chat = await client.chat.completions.create({
      model, messages: [{ role: 'user', content: 'What is two and two?' }], response_format: { type: 'json_schema', json_schema: { name: 'sum', schema, strict: true } },
    });
    const response = await client.responses.create({ model, input: 'What is two and two?', store: false, text: { format: { type: 'json_schema', name: 'sum', schema, strict: true } } });
    return { chat: JSON.parse(chat.choices[0].message.content), response: JSON.parse(response.output_text) };
  },
  async completion() {
    const whole = await client.completions.create({ model, prompt: 'def add(a, b):', suffix: 'print(add(1, 2))', max_tokens: 64 });
    let streamed = '';
    for await (const piece of await client.completions.create({ model, prompt: 'def add(a, b):', suffix: 'print(add(1, 2))', max_tokens: 64, stream: true })) streamed += piece.choices[0]?.text ?? '';
    return { text: whole.choices[0].text, finish: whole.choices[0].finish_reason, usage: whole.usage, streamed };
  },
  async embeddings() {
    const floats = await client.embeddings.create({ model, input: ['one', 'three'], encoding_format: 'float' });
    const packed = await client.embeddings.create({ model, input: 'three' });
    return { vectors: floats.data.map((entry) => entry.embedding), packed: packed.data[0].embedding, usage: floats.usage };
  },
  async cut() {
    const seen = {};
    const outcome = async (name, read) => {
      try {
        await read();
        seen[name] = 'no error';
      } catch (error) {
        seen[name] = { type: error.constructor.name, code: error.code ?? error.error?.code };
      }
    };
    await outcome('chat', async () => {
      for await (const piece of await client.chat.completions.create({ model, messages: [{ role: 'user', content: request }], stream: true })) seen.first ||= piece.choices[0].delta.content;
    });
    await outcome('response', async () => {
      for await (const event of await client.responses.create({ model, input: request, store: false, stream: true })) seen.last = event.type;
    });
    return seen;
  },
  async leave() {
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: request }], stream: true });
    for await (const piece of stream) if (piece.choices[0].delta.content) break;
    return { left: true };
  },
  async errors() {
    const seen = {};
    for (const [name, body] of Object.entries({
      unknown: { model: 'no-such-model', messages: [{ role: 'user', content: 'hi' }] },
      long: { model, messages: [{ role: 'user', content: 'word '.repeat(60000) }] },
      several: { model, messages: [{ role: 'user', content: 'hi' }], n: 3 },
      role: { model, messages: [{ role: 'robot', content: 'hi' }] },
    })) {
      try {
        await client.chat.completions.create(body);
        seen[name] = 'no error';
      } catch (error) {
        seen[name] = { type: error.constructor.name, status: error.status, code: error.code, message: error.message };
      }
    }
    return seen;
  },
};

process.stdout.write(JSON.stringify(await scenarios[scenario]()));
