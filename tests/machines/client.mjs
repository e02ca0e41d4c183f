// A small agent of a user's own: asks one of the four APIs and runs what the model calls the shell with, until it ends.
// Usage: client.mjs chat|responses|continued|messages|gemini [PROMPT]. Without a prompt it reads its standard input.
import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { OPENAI_BASE_URL, ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL, OPENAI_MODEL: model } = process.env;
const [api, prompt = readFileSync(0, "utf8")] = process.argv.slice(2);
const shell = { name: "bash", description: "Runs a command." };
const schema = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };
const run = (command) => execSync(command, { encoding: "utf8" });

async function ask(url, body) {
  const headers = { "content-type": "application/json", authorization: "Bearer none", "x-api-key": "none" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

// Each takes the conversation, adds a turn and what its calls brought, and returns the text of a turn without calls.
const apis = {
  async chat(talk) {
    const tools = [{ type: "function", function: { ...shell, parameters: schema } }];
    const said = (await ask(`${OPENAI_BASE_URL}/chat/completions`, { model, messages: talk, tools })).choices[0].message;
    const told = (said.tool_calls ?? []).map((call) => {
      return { role: "tool", tool_call_id: call.id, content: run(JSON.parse(call.function.arguments).command) };
    });
    talk.push(said, ...told);
    return told.length ? "" : said.content;
  },
  // As clients do that leave the conversation to the server: only what is new, and the answer as a stream.
  async continued(talk) {
    const tools = [{ type: "function", parameters: schema, ...shell }];
    const before = talk.id ? { previous_response_id: talk.id } : {};
    const body = JSON.stringify({ model, input: talk, tools, stream: true, ...before });
    const headers = { "content-type": "application/json", authorization: "Bearer none" };
    const answer = await fetch(`${OPENAI_BASE_URL}/responses`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const events = (await answer.text()).split("\n").filter((line) => line.startsWith("data: "));
    const { type, response } = JSON.parse(events.at(-1).slice(6));
    if (type !== "response.completed") throw new Error(type);
    const calls = response.output.filter((item) => item.type === "function_call");
    talk.length = 0;
    talk.id = response.id;
    for (const call of calls) {
      const output = run(JSON.parse(call.arguments).command);
      talk.push({ type: "function_call_output", call_id: call.call_id, output });
    }
    return calls.length ? "" : response.output.at(-1).content[0].text;
  },
  async responses(talk) {
    const tools = [{ type: "function", parameters: schema, ...shell }];
    const { output } = await ask(`${OPENAI_BASE_URL}/responses`, { model, input: talk, tools });
    const calls = output.filter((item) => item.type === "function_call");
    const told = calls.map((call) => {
      const brought = run(JSON.parse(call.arguments).command);
      return { type: "function_call_output", call_id: call.call_id, output: brought };
    });
    talk.push(...output, ...told);
    return told.length ? "" : output.at(-1).content[0].text;
  },
  async messages(talk) {
    const tools = [{ input_schema: schema, ...shell }];
    const body = { model, max_tokens: 1000, messages: talk, tools };
    const { content } = await ask(`${ANTHROPIC_BASE_URL}/v1/messages`, body);
    const calls = content.filter((part) => part.type === "tool_use");
    const told = calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: run(call.input.command) }));
    talk.push({ role: "assistant", content });
    if (told.length) talk.push({ role: "user", content: told });
    return told.length ? "" : content.at(-1).text;
  },
  async gemini(talk) {
    const contents = talk.map((turn) => (turn.parts ? turn : { role: "user", parts: [{ text: turn.content }] }));
    const tools = [{ functionDeclarations: [{ parameters: schema, ...shell }] }];
    const url = `${GOOGLE_GEMINI_BASE_URL}/v1beta/models/${model}:generateContent`;
    const { content } = (await ask(url, { contents, tools })).candidates[0];
    const calls = content.parts.filter((part) => part.functionCall).map((part) => part.functionCall);
    const parts = calls.map(({ name, args }) => ({ functionResponse: { name, response: { output: run(args.command) } } }));
    talk.push(content);
    if (parts.length) talk.push({ role: "user", parts });
    return parts.length ? "" : content.parts.at(-1).text;
  },
};

const talk = [{ role: "user", content: prompt }];
let last = "";
while (!last) last = await apis[api](talk);
console.log(last);
