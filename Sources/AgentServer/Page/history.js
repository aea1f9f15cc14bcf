// What is known of one channel's messages, in the order in which the node shows them.

const pageSize = 50;

export class History {
  messages = [];
  #cursor;
  #older;
  #turn = Promise.resolve();

  constructor(client, channel) {
    this.client = client;
    this.channel = channel;
  }

  get hasOlder() {
    return this.#older !== undefined;
  }

  /** Reads what is new, then the newest page again for its edits, reactions and deletions. */
  refresh() {
    return this.#inTurn(() => this.#refresh());
  }

  loadOlder() {
    return this.#inTurn(() => this.#loadOlder());
  }

  /** One reading after another: two at once would both add what they found. */
  #inTurn(act) {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #refresh() {
    const arrived = this.#cursor ? await this.#since(this.#cursor) : [];
    const page = await this.#page({ limit: pageSize });
    const isFirst = this.#cursor === undefined;
    this.#cursor = page.cursor;
    const first = page.messages[0]?.id;
    const at = this.messages.findIndex((message) => message.id === first);
    const fresh = new Set(page.messages.map((message) => message.id));
    // A message whose place lies before what is shown would be put wrongly: begin again.
    if (isFirst || arrived.some((message) => message.late)) {
      this.messages = page.messages;
      this.#older = page.prev_cursor;
    } else {
      const kept = at < 0 ? this.messages.concat(arrived) : this.messages.slice(0, at);
      this.messages = kept.filter((message) => !fresh.has(message.id)).concat(page.messages);
    }
  }

  async #loadOlder() {
    if (!this.hasOlder) return;
    const page = await this.#page({ limit: pageSize, before: this.#older });
    this.#older = page.prev_cursor;
    this.messages = page.messages.concat(this.messages);
  }

  async #since(cursor) {
    const found = [];
    for (;;) {
      const page = await this.#page({ limit: pageSize, after: cursor });
      found.push(...page.messages);
      if (!page.has_more) return found;
      cursor = page.cursor;
    }
  }

  #page(range) {
    return this.client.call("read_channel", {
      channel: this.channel, format: "detailed", ...range,
    });
  }
}
