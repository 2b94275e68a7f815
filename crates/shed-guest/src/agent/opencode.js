// Tells shed what OpenCode is doing. Written by `shed-guest agent opencode`; changes are lost.
// No imports but Node's own, so nothing has to be installed. Nothing here may fail or hold OpenCode up.
import { spawn } from "node:child_process"

const WANTED = new Set([
  "session.idle", "session.status", "session.error", "session.compacted",
  "permission.asked", "permission.updated", "permission.replied",
  "question.asked", "question.replied", "question.rejected",
])
// Sub-agents ask in the main screen, so this counts from them too.
const ASKING = new Set(["permission.asked", "permission.updated", "permission.replied"])
// More than this waits only if the hook hangs; then what is newer is dropped.
const QUEUE_MAX = 64

export const Shed = async () => {
  // It may be installed for all starts and given for this one; once is enough.
  if (globalThis.shedReports) return {}
  globalThis.shedReports = true
  const program = process.env.SHED_GUEST ?? "/opt/shed/shed-guest"
  // Sessions of sub-agents: what happens in them is not what the person waits for.
  const children = new Set()
  let last = Promise.resolve()
  let waiting = 0

  const send = (type, properties) => {
    if (waiting >= QUEUE_MAX) return
    if (children.has(properties.sessionID)) {
      if (!ASKING.has(type)) return
      // Not the conversation that can be resumed.
      properties = { ...properties, sessionID: "" }
    }
    waiting += 1
    // One after the other, so that they arrive in order.
    last = last.then(() => new Promise((done) => {
      const finish = () => { waiting -= 1; done() }
      try {
        const hook = spawn(program, ["hook", "opencode"], { stdio: ["pipe", "ignore", "ignore"] })
        hook.once("error", finish)
        hook.once("exit", finish)
        hook.stdin.on("error", () => {})
        hook.stdin.end(JSON.stringify({ type, properties }))
      } catch {
        finish()
      }
    }))
  }

  send("plugin.started", {})
  return {
    event: async ({ event }) => {
      const properties = event.properties ?? {}
      if (event.type === "session.created" && properties.info?.parentID) children.add(properties.info.id)
      if (WANTED.has(event.type)) send(event.type, properties)
    },
    "tool.execute.before": async (input, output) => {
      send("tool.execute.before", { sessionID: input.sessionID, tool: input.tool, args: output?.args })
    },
    "tool.execute.after": async (input) => {
      send("tool.execute.after", { sessionID: input.sessionID, tool: input.tool, args: input.args })
    },
    // OpenCode ends, and waits for this.
    dispose: async () => {
      globalThis.shedReports = false
      send("plugin.disposed", {})
      await last
    },
  }
}
