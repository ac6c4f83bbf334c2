"use strict";
/* The conversation: sends a message to the page's Gradio event, shows the answer, keeps no copy. */
const Chat = {
  earlier: [], busy: false, turn: 0, limit: 500, turns: 20,

  element: (id) => document.getElementById(id),

  begin(page) {
    const data = JSON.parse(this.element("data").textContent);
    this.limit = data.limit;
    this.turns = data.turns;
    Words.begin(data.strings);
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => this.key(event));
    page.addEventListener("focusin", (event) => this.reached(event.target));
    this.element("ask").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.element("question").addEventListener("input", () => this.typed());
    Article.begin();
    page.hidden = false;
    this.typed();
  },

  typed() {
    const box = this.element("question");
    const count = [...box.value].length;
    const over = count > this.limit;
    const line = this.element("count");
    line.classList.toggle("over", over);
    line.textContent = over ? Words.say("page_over", { limit: this.limit })
      : Words.say("page_count", { count, limit: this.limit });
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  },

  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const work = {
      cite: () => { this.element("notice").close(); Article.cite(button); },
      ask: () => this.ask(button.textContent),
      safe: () => this.safe(), new: () => this.renew(),
      notice: () => this.element("notice").showModal(), shut: () => this.element("notice").close(),
      article: () => Article.open(button), close: () => Article.close(),
      goto: () => { event.preventDefault(); Article.goto(button); },
      language: () => { Words.choose(button.dataset.language); this.label(document); this.typed(); },
      larger: () => larger(button),
      copy: () => this.copy(button), print: () => this.print(button),
      vote: () => this.vote(button),
    }[button.dataset.do];
    if (work) work();
  },

  key(event) {
    if (event.key === "Escape") {
      this.element("contents").open = false;
      Article.close();
    }
    const box = this.element("question");
    if (event.key === "Enter" && event.target === box && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
  },

  /* A mark that the Tab key reaches shows its words, as a click does; on a phone it waits for one. */
  reached(target) {
    if (target.matches(".mark:focus-visible") && !Article.narrow) Article.cite(target);
  },

  submit() {
    const box = this.element("question");
    if (!box.value.trim() || this.busy) return;
    if ([...box.value].length > this.limit) { box.focus(); return; }
    const text = box.value;
    box.value = "";
    this.typed();
    this.ask(text);
  },

  safe() { this.ask(Words.say("page_safe_message"), true); },

  async ask(text, safe = false) {
    if (this.busy) return;
    this.busy = true;
    this.element("start").hidden = true;
    const turn = this.add(text);
    const round = this.turn;
    this.element("wait").textContent = Words.say("page_wait");
    const reply = await this.answer(text, () => this.turn === round);
    if (this.turn !== round) return;
    this.busy = false;
    this.element("wait").textContent = "";
    if (reply.outcome !== "problem") this.earlier.push(text);
    this.earlier = this.earlier.slice(-this.turns);
    this.show(turn, reply, safe);
  },

  /* Asks until there is an answer; while the server is away, says so and tries again. */
  async answer(text, wanted) {
    for (let wait = 500; wanted(); wait = Math.min(wait * 1.5, 5000)) {
      try {
        const reply = await this.call([text, this.earlier, Words.language]);
        this.found();
        return reply;
      } catch {
        this.element("banner").textContent = Words.say("page_lost");
        await rest(wait);
      }
    }
    return null;
  },

  found() {
    const banner = this.element("banner");
    if (!banner.textContent) return;
    banner.textContent = Words.say("page_back");
    setTimeout(() => { banner.textContent = ""; }, 4000);
  },

  /* One event of Gradio's queue: post the data, then read the event's stream to its end. */
  async call(data) {
    const root = "gradio_api/call/ask";
    const posted = await fetch(root, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data }),
    });
    const sent = await posted.json();
    if (posted.status === 429 || posted.status === 413) return this.problem(posted.status === 429 ? "page_busy" : "page_too_long");
    if (!posted.ok || !sent.event_id) throw new Error("no event");
    const stream = await fetch(`${root}/${sent.event_id}`);
    const lines = (await stream.text()).split("\n");
    const end = lines.lastIndexOf("event: complete");
    if (end < 0) throw new Error("no answer");
    return JSON.parse(lines[end + 1].slice("data: ".length))[0];
  },

  problem(name) {
    const text = Words.say(name, { limit: this.limit });
    const body = make("div", { class: "body problem" }, make("p", { class: "own" }, text));
    return { html: body.outerHTML, text, outcome: "problem", rule: null, passages: [] };
  },

  add(text) {
    const turn = make("article", { class: "turn" });
    const asked = make("p", { class: "asked" });
    asked.append(make("span", { class: "unseen", "data-say": "page_you" }, Words.say("page_you")), make("span", {}, text.trim()));
    turn.append(asked);
    this.element("log").append(turn);
    this.reveal(turn);
    return turn;
  },

  reveal(turn) {
    const scroll = this.element("scroll");
    scroll.scrollTop += turn.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 16;
  },

  show(turn, reply, safe) {
    const strong = ["urgent", "crisis"].includes(reply.outcome);
    const answer = make("div", { class: "answer" });
    if (safe && !strong) {
      answer.append(make("p", { class: "own" }, Words.say("page_safe_done")));
    } else {
      answer.innerHTML = reply.html;
      answer.prepend(make("h2", { class: "unseen", "data-say": "page_answer" }, Words.say("page_answer")));
      if (!strong && reply.outcome !== "problem") answer.append(this.tools(reply));
    }
    this.label(answer);
    turn.append(answer);
    this.reveal(turn);
  },

  /* Names of the citation marks in the page's language. */
  label(root) {
    for (const mark of root.querySelectorAll(".mark")) {
      const { number, place } = mark.dataset;
      mark.setAttribute("aria-label", Words.say("page_source", { number, place }));
    }
  },

  tools(reply) {
    const tool = (name, does, more = {}) => make("button", { type: "button", "data-do": does, "data-say": name, ...more }, Words.say(name));
    const row = make("div", { class: "tools" }, tool("page_copy", "copy"), tool("page_print", "print"),
      tool("page_helpful", "vote", { "data-helpful": "true" }), tool("page_unhelpful", "vote", { "data-helpful": "false" }),
      make("span", { role: "status" }));
    row.reply = reply;
    return row;
  },

  async copy(button) {
    const row = button.closest(".tools");
    const done = await copyText(row.reply.text);
    row.querySelector("[role=status]").textContent = Words.say(done ? "page_copied" : "page_copy_failed");
  },

  print(button) {
    const turn = button.closest(".turn");
    turn.classList.add("printed");
    document.body.classList.add("one");
    window.addEventListener("afterprint", () => {
      turn.classList.remove("printed");
      document.body.classList.remove("one");
    }, { once: true });
    window.print();
  },

  async vote(button) {
    const row = button.closest(".tools");
    const { rule, passages } = row.reply;
    for (const other of row.querySelectorAll("[data-do=vote]")) other.setAttribute("aria-pressed", String(other === button));
    const body = JSON.stringify({ helpful: button.dataset.helpful === "true", rule, passages });
    try {
      await fetch("pages/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      row.querySelector("[role=status]").textContent = Words.say("page_thanks");
    } catch { /* a vote may be lost */ }
  },

  renew() {
    this.turn += 1;
    this.earlier = [];
    this.busy = false;
    this.element("log").replaceChildren();
    this.element("banner").textContent = "";
    this.element("wait").textContent = "";
    this.element("shown").textContent = Words.say("page_new_done");
    this.element("start").hidden = false;
    Article.clear();
    this.element("question").focus();
  },
};

/* Gradio puts the page's elements into its tree when it is ready; they move to the top of the body. */
(function wait() {
  const page = document.getElementById("page");
  if (!page) { setTimeout(wait, 15); return; }
  document.body.prepend(page);
  const gradio = document.querySelector("gradio-app");
  gradio.inert = true;
  gradio.setAttribute("aria-hidden", "true");
  Chat.begin(page);
})();
