// Turns what is known into elements. What others wrote is only ever set as text.

const byID = (id) => document.getElementById(id);

/** A new element; `children` are elements or texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Asks in a dialog: `true` or `false`, or with `field` what was written, `undefined` for no. */
export function ask(question, field) {
  const [dialog, answer] = [byID("dialog"), byID("answer")];
  byID("question").textContent = question;
  answer.hidden = field === undefined;
  answer.value = "";
  answer.placeholder = field ?? "";
  dialog.returnValue = "no";
  dialog.showModal();
  (field === undefined ? byID("yes") : answer).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const said = dialog.returnValue === "yes";
      resolve(field === undefined ? said : (said && answer.value.trim()) || undefined);
    }, { once: true });
  });
}

/** The list of servers, channels and direct conversations. */
export function showPlaces({ servers, channels, open }, acts) {
  const groups = servers.filter((server) => server.kind !== "direct");
  const direct = servers.filter((server) => server.kind === "direct");
  const rows = [];
  for (const server of groups) {
    if (server.current) {
      rows.push(make("h2", {}, server.name));
      for (const channel of channels) {
        const sign = channel.kind === "voice" ? "🔊 " : "#";
        rows.push(place(sign + channel.name, channel, channel.id === open?.id,
          () => acts.open(channel)));
      }
    } else {
      rows.push(make("h2", {}, place(server.name, server, false, () => acts.enter(server))));
    }
  }
  if (direct.length > 0) rows.push(make("h2", {}, "Direct"));
  for (const server of direct) {
    rows.push(place(server.name, server, server.id === open?.id,
      () => acts.open({ id: server.id, name: server.name, kind: "direct" })));
  }
  byID("places").replaceChildren(...rows);
}

function place(name, counts, isOpen, onclick) {
  const classes = `place${counts.unread > 0 ? " unread" : ""}`;
  const badge = counts.unread > 0
    ? make("span", { class: `count${counts.mentions > 0 ? " mention" : ""}` }, `${counts.unread}`)
    : undefined;
  return make("button",
    { class: classes, type: "button", onclick, "aria-current": isOpen && "true" },
    make("span", {}, name), badge);
}

export function showMembers(members, me, acts) {
  const order = { owner: 0, admin: 1, moderator: 2 };
  const sorted = members.toSorted((one, other) =>
    (order[one.level] ?? 3) - (order[other.level] ?? 3)
    || one.display_name.localeCompare(other.display_name));
  byID("members").replaceChildren(...sorted.map((member) => {
    const state = member.is_online ? member.presence?.state ?? "online" : "offline";
    const shown = ["away", "busy"].includes(state) ? "away" : state;
    const name = member.nickname ?? member.display_name;
    return make("li", {},
      make("button", {
        class: `place ${shown}`, type: "button", title: member.peer_id,
        onclick: () => member.peer_id !== me.peer_id && acts.direct(member),
      }, make("span", {}, name),
      member.agent ? make("span", { class: "badge" }, "agent") : undefined,
      member.level !== "member" ? make("span", { class: "badge" }, member.level) : undefined));
  }));
}

/** Rows by message, so that one that is as it was keeps its element, with pointer and focus. */
let shown = new Map();

/** Makes these the children of an element; what is in its place is not touched. */
function settle(parent, rows) {
  rows.forEach((one, index) => {
    if (parent.children[index] !== one) parent.insertBefore(one, parent.children[index] ?? null);
  });
  while (parent.children.length > rows.length) parent.lastElementChild.remove();
}

/** The messages of a channel; stays at the end when it was there. Without `acts` just to read. */
export function showMessages(messages, hasOlder, acts) {
  const scroll = byID("scroll");
  const fromEnd = scroll.scrollHeight - scroll.scrollTop;
  const wasAtEnd = fromEnd - scroll.clientHeight < 40;
  const rows = [];
  const used = new Map();
  const reuse = (key, value, build) => {
    const text = JSON.stringify(value);
    const known = shown.get(key);
    const entry = known?.text === text && known.acts === acts
      ? known : { text, acts, element: build() };
    used.set(key, entry);
    rows.push(entry.element);
  };
  let day;
  for (const message of messages) {
    const date = new Date(message.at).toLocaleDateString();
    if (date !== day) reuse(`before ${message.id}`, date, () => make("li", { class: "day" }, date));
    day = date;
    reuse(message.id, message, () => row(message, acts));
  }
  shown = used;
  settle(byID("messages"), rows);
  byID("older").hidden = !hasOlder;
  scroll.scrollTop = wasAtEnd ? scroll.scrollHeight : scroll.scrollHeight - fromEnd;
}

/** Whose name proves nothing yet: shown with a question mark, as in the lines for agents. */
const unproven = new Set(["new", "former"]);

function row(message, acts) {
  const classes = [message.mention && "mention", message.deleted && "gone"].filter(Boolean);
  const preview = message.reply_preview;
  return make("li", { class: classes.join(" "), "data-id": message.id },
    preview && make("div", { class: "answered quiet" }, `${preview.from}: `,
      make("span", { class: "body" },
        preview.text ?? (preview.deleted ? "deleted" : "its key is missing"))),
    make("span", { class: "author", title: `${message.from_id} · ${message.trust}` },
      `${message.from}${unproven.has(message.trust) ? "?" : ""}`),
    message.agent ? make("span", { class: "badge" }, "agent") : undefined,
    make("time", { datetime: message.at },
      new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
    make("div", { class: "body", dir: "auto" }, ...words(message)),
    ...filesOf(message).map((file) =>
      make("button", { type: "button", onclick: () => acts?.download(file) },
        `${file.name} (${size(file.size)})`)),
    reactions(message, acts),
    acts && !message.deleted ? tools(message, acts) : undefined);
}

function filesOf(message) {
  if (message.deleted) return [];
  return message.files ?? (message.file ? [message.file] : []);
}

function words(message) {
  if (message.deleted) return ["deleted"];
  if (message.unreadable) return ["cannot be read here yet: its key is missing"];
  const parts = linked(message.text);
  const notes = [message.edited && "edited", message.pinned && "pinned",
    message.late && "arrived late", message.via && `by ${message.via}`,
    message.truncated && "cut short"];
  const said = notes.filter(Boolean).join(", ");
  if (said) parts.push(make("span", { class: "quiet" }, ` (${said})`));
  return parts;
}

/** Addresses can be followed, and say where they lead: text and target are the same. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+)/u).map((part, index) =>
    index % 2 === 0 ? part
      : make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part));
}

function reactions(message, acts) {
  const given = Object.entries(message.reactions ?? {});
  if (given.length === 0 || message.deleted) return undefined;
  return make("div", {}, ...given.map(([emoji, names]) => {
    const isMine = message.my_reactions?.includes(emoji) ?? false;
    return make("button", {
      class: `reaction${isMine ? " mine" : ""}`, type: "button", title: names.join(", "),
      onclick: () => acts?.react(message, emoji, !isMine),
    }, `${emoji} ${names.length}`);
  }));
}

function tools(message, acts) {
  const isOwn = message.trust === "self";
  const act = (name, label, run) =>
    make("button", { type: "button", title: label, "aria-label": label, onclick: run }, name);
  return make("div", { class: "tools" },
    act("👍", "React", () => acts.react(message, "👍", true)),
    act("↩", "Reply", () => acts.reply(message)),
    isOwn && filesOf(message).length === 0 ? act("✎", "Edit", () => acts.edit(message)) : undefined,
    isOwn ? act("🗑", "Delete", () => acts.remove(message)) : undefined);
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let index = 0;
  let value = bytes;
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 ? value : value.toFixed(1)} ${units[index]}`;
}
