// A person's view of one node: what the agents have, as a page.

import { Client, Refusal } from "/chat/client.js";
import { History } from "/chat/history.js";
import { download, upload } from "/chat/files.js";
import { ask, showMembers, showMessages, showPlaces } from "/chat/view.js";

const byID = (id) => document.getElementById(id);
const stored = "peer-agent-token";

let client;
let tools = new Set();
let me;
let servers = [];
let channels = [];
let members = [];
let open;
let history;
/** What the composer does when it is sent: `undefined`, or `{reply}` or `{edit}` of a message. */
let context;
let listening = new AbortController();
let typedAt = 0;
let refusedAt;

// Entrance

function enterWithFragment() {
  // A fragment is never sent to anybody; it is taken out of the address all the same.
  const fragment = location.hash.slice(1);
  if (fragment) window.history.replaceState(null, "", location.pathname);
  if (fragment.startsWith("pat_")) sessionStorage.setItem(stored, fragment);
  const token = sessionStorage.getItem(stored);
  if (token) enter(token);
  else showEntrance("");
}

function showEntrance(error) {
  listening.abort();
  byID("chat").hidden = true;
  byID("entrance").hidden = false;
  byID("entrance-error").textContent = error;
  byID("token").focus();
}

async function enter(token) {
  client = new Client(token, (question) => ask(question));
  try {
    [me, tools] = await Promise.all([client.read("peer://identity"), client.tools()]);
  } catch (error) {
    if (error.code === 401) sessionStorage.removeItem(stored);
    return showEntrance(error.message);
  }
  sessionStorage.setItem(stored, token);
  byID("entrance").hidden = true;
  byID("chat").hidden = false;
  byID("me").textContent = me.display_name;
  byID("me").title = me.peer_id;
  for (const [id, tool] of [["join", "accept_invite"], ["invite", "generate_invite"],
    ["create", "create_channel"], ["found", "create_server"], ["composer", "send_message"]]) {
    byID(id).hidden = !tools.has(tool);
  }
  await attempt(refreshPlaces);
  const first = channels.find((channel) => channel.kind !== "voice");
  if (first) await openChannel(first);
  else listen();
}

function leave() {
  sessionStorage.removeItem(stored);
  location.reload();
}

// What the node tells

/** Listens for changes for as long as the page lives; after a break everything is read again. */
async function listen() {
  listening.abort();
  const control = listening = new AbortController();
  for (let wait = 500; !control.signal.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      for await (const message of client.listen(subscriptions(), control.signal)) {
        wait = 500;
        if (message.method.endsWith("/acknowledged")) await refreshAll();
        else changed(message.params.uri);
      }
    } catch (error) {
      if (control.signal.aborted) return;
      if (error.code === 401) return showEntrance(error.message);
    }
    byID("link").textContent = "The node does not answer; trying again…";
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function subscriptions() {
  const uris = ["servers", "server/channels", "server/members", "inbox", "connection"];
  if (open) uris.push(`channel/${open.id}/messages`, `channel/${open.id}/typing`);
  return {
    resourcesListChanged: true, toolsListChanged: true,
    resourceSubscriptions: uris.map((uri) => `peer://${uri}`),
  };
}

const pending = new Set();

/** Gathers what changes at once, so that a burst costs one reading. */
function changed(uri) {
  const what = uri?.match(/(messages|typing|members|connection)$/)?.[1] ?? "places";
  if (pending.size === 0) setTimeout(() => attempt(refreshPending), 100);
  pending.add(what);
}

async function refreshPending() {
  const now = [...pending];
  pending.clear();
  const refreshes = {
    messages: refreshMessages, typing: refreshTyping, members: refreshMembers,
    connection: refreshLink, places: refreshPlaces,
  };
  await Promise.all(now.map((what) => refreshes[what]()));
}

async function refreshAll() {
  await Promise.all([refreshPlaces(), refreshMembers(), refreshLink(), refreshMessages()]);
}

async function refreshPlaces() {
  const [known, list] = await Promise.all([
    client.read("peer://servers"), client.read("peer://server/channels").catch(noServer)]);
  servers = known.servers;
  channels = list.channels;
  showPlaces({ servers, channels, open }, { open: openChannel, enter: enterServer });
  const unread = servers.reduce((sum, server) => sum + server.unread, 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${open?.name ?? "peer-agent"}`;
  await markRead();
}

/** Who is in no server yet has no channels: such a resource is not there. */
function noServer(error) {
  if (error.code !== -32602) throw error;
  return { channels: [], members: [] };
}

async function refreshMembers() {
  ({ members } = await client.read("peer://server/members").catch(noServer));
  showMembers(members, me, { direct: openDirect });
}

async function refreshLink() {
  const { peer_count: count, sync } = await client.read("peer://connection");
  const behind = sync.behind > 0 ? `, ${sync.behind} messages behind` : "";
  byID("link").textContent =
    (count === 0 ? "no peer connected" : `${count} connected`) + behind;
}

async function refreshMessages() {
  const shown = history;
  if (!shown) return;
  await shown.refresh();
  if (shown !== history) return;
  display();
  await markRead();
}

const messageActs = {
  react: (message, emoji, isOn) => attempt(() =>
    client.call(isOn ? "react" : "unreact", { message_id: message.id, emoji })),
  reply: (message) => setContext({ reply: message }),
  edit: (message) => setContext({ edit: message }),
  remove: (message) => attempt(() => remove(message)),
  download: (file) => attempt(() => download(client, file, say)),
};

function display() {
  showMessages(history.messages, history.hasOlder, messageActs);
}

async function refreshTyping() {
  if (!open) return;
  const { typing } = await client.read(`peer://channel/${open.id}/typing`);
  const names = typing.map((one) => one.name ?? one.display_name ?? one.peer_id.slice(0, 8));
  byID("typing").textContent = names.length > 0 ? `${names.join(", ")} …` : "";
}

/** What is in front of the person counts as read. */
async function markRead() {
  if (!history || document.visibilityState !== "visible" || !tools.has("mark_read")) return;
  const counts = [...channels, ...servers].find((place) => place.id === open.id);
  if ((counts?.unread ?? 0) > 0) await client.call("mark_read", { channel: open.id });
}

// What the person does

/** Does something and shows what the node said against it. */
async function attempt(act) {
  try {
    await act();
    if (refusedAt && Date.now() - refusedAt > 3_000) say("");
    return true;
  } catch (error) {
    if (error.code === 401) showEntrance(error.message);
    else {
      refusedAt = Date.now();
      say(error instanceof Refusal ? error.message : "The node could not be reached.");
    }
    return false;
  }
}

function say(text) {
  byID("error").textContent = text;
}

async function openChannel(channel) {
  open = channel;
  history = new History(client, channel.id);
  setContext(undefined);
  say("");
  byID("typing").textContent = "";
  const sign = { direct: "", voice: "🔊 " }[channel.kind] ?? "#";
  byID("title").textContent = sign + channel.name;
  byID("topic").textContent = channel.topic ?? "";
  byID("messages").replaceChildren();
  byID("body").placeholder = `Message ${sign}${channel.name}`;
  listen();
}

async function enterServer(server) {
  await attempt(async () => {
    await client.call("switch_server", { id: server.id });
    await refreshPlaces();
    if (channels[0]) await openChannel(channels[0]);
  });
}

async function openDirect(member) {
  await attempt(async () => {
    const found = await client.call("open_direct", { peer_ids: [member.peer_id] });
    await openChannel({ id: found.channel_id, name: found.channel, kind: "direct" });
  });
}

function setContext(next) {
  const wasEdit = context?.edit !== undefined;
  context = next;
  const [note, body] = [byID("context"), byID("body")];
  note.hidden = next === undefined;
  if (next?.reply) {
    note.firstElementChild.textContent = `Answers ${next.reply.from}: ${next.reply.text.slice(0, 80)}`;
  }
  if (next?.edit) {
    note.firstElementChild.textContent = "Edits your message";
    body.value = next.edit.text;
  } else if (wasEdit) {
    body.value = "";
  }
  if (next) body.focus();
}

async function send() {
  const body = byID("body").value.trim();
  if (!body || !open) return;
  const channel = open.id;
  // The same id when it is sent again, so that nothing is posted twice.
  const args = { channel, client_msg_id: sendingID(channel, body) };
  const act = () => {
    if (context?.edit) {
      return client.call("edit_message", { message_id: context.edit.id, new_body: body });
    }
    if (context?.reply) {
      return client.call("send_reply", { ...args, parent_id: context.reply.id, body });
    }
    return client.call("send_message", { ...args, body });
  };
  byID("send").disabled = true;
  if (await attempt(act)) {
    sending = undefined;
    setContext(undefined);
    byID("body").value = "";
    typedAt = 0;
    changed("messages");
  }
  byID("send").disabled = false;
  byID("body").focus();
}

let sending;

function sendingID(channel, body) {
  if (sending?.channel !== channel || sending.body !== body) {
    const random = crypto.getRandomValues(new Uint8Array(12));
    const id = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sending = { channel, body, id: `page-${id}` };
  }
  return sending.id;
}

async function remove(message) {
  if (await ask("Take this message away for everyone?")) {
    await client.call("delete_message", { message_id: message.id });
  }
}

function typed() {
  if (!open || !tools.has("send_typing") || Date.now() - typedAt < 3_000) return;
  typedAt = Date.now();
  // Nobody misses it when it does not arrive.
  client.call("send_typing", { channel: open.id }).catch(() => undefined);
}

async function search(query) {
  const { messages, total } = await client.call("search_messages",
    { query, limit: 50, format: "detailed" });
  byID("title").textContent = `${total ?? messages.length} found`;
  byID("topic").textContent = query;
  history = undefined;
  showMessages(messages.toReversed(), false);
}

async function join() {
  const code = await ask("The invite or link that you were given:", "pa1_…");
  if (!code) return;
  await client.call("accept_invite", { code });
  await refreshAll();
  if (!open && channels[0]) await openChannel(channels[0]);
}

async function invite() {
  const peer = await ask("The peer id of whoever is to join this server:", "64 digits");
  if (!peer) return;
  const made = await client.call("generate_invite", { recipient_peer_id: peer });
  await ask(`Hand this over privately:\n\n${made.invite_code}`);
}

async function create() {
  const name = await ask("The name of the new channel:", "name");
  if (!name) return;
  const made = await client.call("create_channel", { name });
  await refreshPlaces();
  await openChannel({ id: made.channel_id, name: made.name, kind: "text" });
}

async function found() {
  const name = await ask("The name of the new server:", "name");
  if (!name) return;
  await client.call("create_server", { name });
  await refreshPlaces();
  if (channels[0]) await openChannel(channels[0]);
}

// The page's own events

byID("entrance").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(byID("token").value.trim());
  byID("token").value = "";
});
byID("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
byID("body").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
  if (event.key === "Escape") setContext(undefined);
});
byID("body").addEventListener("input", typed);
byID("context").lastElementChild.addEventListener("click", () => setContext(undefined));
byID("attach").addEventListener("click", () => byID("file").click());
byID("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file && open) await attempt(() => upload(client, open.id, file, say));
  event.target.value = "";
});
byID("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = byID("query").value.trim();
  attempt(() => (query ? search(query) : openChannel(open)));
});
byID("older").addEventListener("click", () => attempt(async () => {
  await history?.loadOlder();
  if (history) display();
}));
byID("join").addEventListener("click", () => attempt(join));
byID("invite").addEventListener("click", () => attempt(invite));
byID("create").addEventListener("click", () => attempt(create));
byID("found").addEventListener("click", () => attempt(found));
byID("leave").addEventListener("click", leave);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && history) attempt(refreshMessages);
});
window.addEventListener("hashchange", enterWithFragment);

enterWithFragment();
