// A model with a script instead of a mind, so that real agents work on real prompts without a network.
// It speaks Anthropic's Messages API (https://docs.anthropic.com/en/api/messages-streaming) on loopback, and the last
// prompt chooses what it does:
//
//   touch FILE     asks for the shell command `touch FILE`, and says "done" when it ran; with "slowly" behind it not
//                  before the file /tmp/go exists
//   fail           asks for the shell command `false`
//   nested         asks for the shell command `claude -p think`
//   ask            asks the user a question with choices, where the agent has a tool for that
//   subagent       asks for a sub-agent, whose prompt is `touch by-subagent`
//   think          starts an answer and ends it once the file /tmp/go exists
//   recall         says every prompt of the conversation so far
//   anything else  says it back
//
//   BUN_BE_BUN=1 /opt/model/bun /opt/model/model.mjs
import { existsSync } from "node:fs";
import { createServer } from "node:http";

const PORT = 8111;
const GO = "/tmp/go";
// Short, because a test waits for it; it is a file's existence, so there is nothing to be told by.
const LOOK_MS = 20;

const blocks = ({ content }) => (typeof content === "string" ? [{ type: "text", text: content }] : content);

// What the user wrote, and results of tools; beside them agents put reminders of their own.
const meant = (messages) =>
  messages
    .filter(({ role }) => role === "user")
    .flatMap(blocks)
    .filter(({ type, text }) => type === "tool_result" || (type === "text" && !/^\s*(<|\[Request interrupted)/.test(text)));

function tool(request, names, input) {
  const name = names.find((name) => request.tools.some((tool) => tool.name === name));
  return name ? { tool: name, input } : { text: `there is no tool ${names[0]}` };
}

// What to answer: `{text}`, `{text, hold}` or `{tool, input}`.
function answer(request) {
  if (!request.tools?.length) return { text: "A title" };
  const last = meant(request.messages.slice(request.messages.findLastIndex(({ role }) => role === "assistant") + 1)).at(-1);
  if (last?.type !== "text") {
    const before = meant(request.messages).findLast(({ type }) => type === "text");
    return { text: "done", hold: /^"?touch .* slowly"?$/.test(before?.text.trim()) };
  }
  // OpenCode passes a prompt of its command line on in quotes.
  const prompt = last.text.trim().replace(/^"(.*)"$/s, "$1");
  const [word, argument] = prompt.split(/\s+/);
  switch (word) {
    case "touch":
      return tool(request, ["Bash", "bash"], { command: `touch ${argument}`, description: "Makes a file" });
    case "fail":
      return tool(request, ["Bash", "bash"], { command: "false", description: "Fails" });
    case "nested":
      return tool(request, ["Bash", "bash"], { command: "claude -p think", description: "Asks another agent" });
    case "ask": {
      const options = ["red", "blue"].map((label) => ({ label, description: `Paint it ${label}` }));
      return tool(request, ["AskUserQuestion", "question"], {
        questions: [{ question: "Which colour?", header: "Colour", multiSelect: false, options }],
      });
    }
    case "subagent":
      return tool(request, ["Agent", "Task", "task"], {
        description: "Makes a file",
        prompt: "touch by-subagent",
        subagent_type: request.tools.some((tool) => tool.name === "task") ? "general" : "general-purpose",
      });
    case "think":
      return { text: "thought about it", hold: true };
    case "recall":
      return { text: `prompts: ${meant(request.messages).flatMap(({ text }) => text ?? []).join(" | ")}` };
    default:
      return { text: `you said: ${prompt}` };
  }
}

const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
let count = 0;

async function stream(response, message, { text, tool, input, hold }) {
  const send = (type, rest) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  send("message_start", { message: { ...message, content: [], stop_reason: null } });
  const block = tool ? { type: "tool_use", id: `toolu_${message.id}`, name: tool, input: {} } : { type: "text", text: "" };
  send("content_block_start", { index: 0, content_block: block });
  if (hold) send("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Thinking it over.\n\n" } });
  if (hold) console.log("holding");
  while (hold && !existsSync(GO) && !response.destroyed) await new Promise((done) => setTimeout(done, LOOK_MS));
  const delta = tool ? { type: "input_json_delta", partial_json: JSON.stringify(input) } : { type: "text_delta", text };
  send("content_block_delta", { index: 0, delta });
  send("content_block_stop", { index: 0 });
  send("message_delta", { delta: { stop_reason: tool ? "tool_use" : "end_turn", stop_sequence: null }, usage });
  send("message_stop", {});
  response.end();
}

function whole(message, { text, tool, input }) {
  const block = tool ? { type: "tool_use", id: `toolu_${message.id}`, name: tool, input } : { type: "text", text };
  return { ...message, content: [block], stop_reason: tool ? "tool_use" : "end_turn" };
}

const server = createServer(async (incoming, response) => {
  const json = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  let body = "";
  for await (const chunk of incoming) body += chunk;
  const path = new URL(incoming.url, "http://localhost").pathname;
  if (process.env.MODEL_LOG) console.log(path, body);
  if (incoming.method === "POST" && path === "/v1/messages/count_tokens") return json(200, { input_tokens: 1 });
  if (incoming.method !== "POST" || path !== "/v1/messages") {
    return json(404, { type: "error", error: { type: "not_found_error", message: path } });
  }
  const request = JSON.parse(body);
  const message = {
    id: `msg_${process.pid}_${++count}`,
    type: "message",
    role: "assistant",
    model: request.model,
    stop_sequence: null,
    usage,
  };
  const reply = answer(request);
  if (request.stream) return stream(response, message, reply);
  json(200, whole(message, reply));
});
server.listen(PORT, "127.0.0.1", () => console.log(`listening on ${PORT}`));
