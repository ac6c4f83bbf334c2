"use strict";
/* The exercise finder: search and filters in the page itself, two pinned, a basket for the sheet. */
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const Desk = {
  data: null, rows: [], chosen: {}, open: new Set(), basket: [], pinned: [], shown: [],

  element: (id) => document.getElementById(id),

  begin() {
    this.data = JSON.parse(this.element("data").textContent);
    this.rows = this.data.exercises;
    for (const name of Object.keys(this.data.facets)) this.chosen[name] = new Set();
    for (const row of this.rows) row.index = this.near.map((name) => ` ${fold(row[name])}`);
    this.element("search").addEventListener("input", () => this.find());
    this.element("filters").addEventListener("change", (event) => this.filter(event.target));
    this.element("filters").addEventListener("submit", (event) => event.preventDefault());
    this.element("paper").addEventListener("change", () => this.address());
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => this.key(event));
    this.element("fold").open = window.innerWidth >= 900;
    Words.begin(this.data.strings);
    this.show();
    this.element("search").focus();
  },

  /* Everything again, in the language chosen. */
  show() {
    this.element("filters").replaceChildren(...View.filters(this.data.facets, this.chosen));
    this.element("flag-rows").replaceChildren(...View.flags(this.data.flags[Words.language]));
    this.element("sheet").title = Words.say("desk_preview");
    document.title = Words.say("desk_title");
    this.find();
    this.baskets();
    this.compares();
  },

  /* What the search looks through, from near to far. */
  near: ["name", "heading", "own", "around"],

  keys: { region: "region", purpose: "purposes", equipment: "options", position: "positions" },

  has(row, name, value) {
    const held = row[this.keys[name]];
    return Array.isArray(held) ? held.includes(value) : held === value;
  },

  passes(row, but = "") {
    return Object.entries(this.chosen).every(([name, values]) =>
      name === but || !values.size || [...values].some((value) => this.has(row, name, value)));
  },

  /* Words of the search box without filler; a plural finds its singular. */
  wanted() {
    const ignored = new Set(this.data.ignored.map(fold));
    const words = fold(this.element("search").value).split(" ").filter((word) => word);
    const kept = words.filter((word) => !ignored.has(word));
    return (kept.length ? kept : words).map((word) => word.replace(/(.{3})e?s$/, "$1"));
  },

  /* How well a row fits: the earlier in `near` all words are found, the better; 0: not at all. */
  score(row, words) {
    const found = row.index.findIndex((_, i) => {
      const text = row.index.slice(0, i + 1).join("");
      return words.every((word) => text.includes(` ${word}`));
    });
    return found < 0 ? 0 : row.index.length - found;
  },

  find() {
    const words = this.wanted();
    const scored = this.rows.map((row) => [this.score(row, words), row]).filter(([score]) => score);
    scored.sort((a, b) => b[0] - a[0]);
    const matching = scored.map(([, row]) => row);
    this.shown = matching.filter((row) => this.passes(row));
    for (const count of this.element("filters").querySelectorAll(".count")) {
      const [name, value] = count.dataset.count.split("/");
      count.textContent = matching.filter((row) => this.passes(row, name) && this.has(row, name, value)).length;
    }
    this.count();
    document.querySelector("[data-do=add-all]").hidden = !this.shown.length;
    this.draw();
  },

  /* How many are shown, and what a first choice for the comparison waits for. */
  count() {
    const counted = this.shown.length
      ? Words.say("desk_found", { count: this.shown.length, total: this.rows.length }) : Words.say("desk_none");
    const waiting = this.pinned.length === 1 ? ` · ${this.row(this.pinned[0]).name}: ${Words.say("desk_compare_one")}` : "";
    this.element("found").textContent = counted + waiting;
  },

  draw(focused = null) {
    const cards = this.shown.map((row) => View.card(row, {
      open: this.open.has(row.id), on: this.basket.includes(row.id), pinned: this.pinned.includes(row.id) }));
    this.element("cards").replaceChildren(...cards);
    if (cards.length) cards[0].tabIndex = 0;
    if (focused) this.refocus(focused);
  },

  /* After a change, focus returns to the same control of the same card. */
  refocus([id, does]) {
    const card = [...this.element("cards").children].find((c) => c.dataset.id === id);
    if (card) (does ? card.querySelector(`[data-do=${does}]`) : card).focus();
  },

  filter(box) {
    this.chosen[box.name][box.checked ? "add" : "delete"](box.value);
    this.find();
  },

  clear() {
    this.element("search").value = "";
    for (const values of Object.values(this.chosen)) values.clear();
    this.show();
    this.element("search").focus();
  },

  row(id) { return this.rows.find((row) => row.id === id); },

  toggle(id, focused) {
    const on = this.basket.includes(id);
    this.basket = on ? this.basket.filter((other) => other !== id) : [...this.basket, id].slice(0, this.data.most);
    this.baskets();
    this.draw(focused);
  },

  baskets() {
    const box = this.element("basket");
    box.classList.toggle("none", !this.basket.length);
    this.element("basket-count").textContent = this.basket.length
      ? Words.say("desk_basket_count", { count: this.basket.length }) : Words.say("desk_basket_empty");
    this.element("basket-list").replaceChildren(...this.basket.map((id) => {
      const row = this.row(id);
      return make("li", {}, make("button", { type: "button", "data-do": "take", "data-id": id, "aria-label": `${Words.say("desk_remove")}: ${row.name}` }, row.name));
    }));
    this.address();
  },

  query() {
    const query = new URLSearchParams(this.basket.map((id) => ["exercise", id]));
    query.set("language", Words.language);
    return query;
  },

  address() {
    const query = this.query();
    query.set("paper", this.element("paper").value);
    for (const link of document.querySelectorAll(".pdf")) link.href = `/desk/handout.pdf?${query}`;
  },

  pin(id, focused) {
    this.pinned = this.pinned.includes(id) ? this.pinned.filter((other) => other !== id) : [...this.pinned, id].slice(-2);
    this.compares();
    this.count();
    this.draw(focused);
    const title = this.element("compare").querySelector("h2");
    if (!title) return;
    title.focus({ preventScroll: true });
    this.element("compare").scrollIntoView({ block: "start" });
  },

  compares() {
    this.element("compare").replaceChildren(...View.compare(this.pinned.map((id) => this.row(id))));
  },

  /* The sheet as it will print; resolves when it has been loaded, to null while there is no link. */
  async preview() {
    const sheet = this.element("sheet");
    const address = `/desk/handout?${this.query()}`;
    if (!this.element("preview").open) this.element("preview").showModal();
    const loaded = sheet.getAttribute("src") === address;
    const there = loaded || await this.there(address);
    this.element("lost").textContent = there ? "" : Words.say("desk_lost");
    sheet.hidden = !there;
    if (loaded || !there) return there ? sheet : null;
    return new Promise((done) => {
      sheet.addEventListener("load", () => done(sheet), { once: true });
      sheet.setAttribute("src", address);
    });
  },

  /* Whether the server gives a page; not when it is away or asks for its password again. */
  async there(address) {
    try {
      return (await fetch(address, { redirect: "manual" })).ok;
    } catch {
      return false;
    }
  },

  async print() {
    if (!this.basket.length) return;
    const sheet = await this.preview();
    if (sheet) sheet.contentWindow.print();
  },

  read(id) {
    this.element("read-lines").replaceChildren(...View.script(this.row(id), this.data.phone));
    this.element("read").showModal();
  },

  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const does = button.dataset.do;
    const id = button.dataset.id || button.closest(".card")?.dataset.id;
    const focused = [id, does];
    const work = {
      open: () => this.unfold(id, focused), basket: () => this.toggle(id, focused), pin: () => this.pin(id, focused),
      take: () => { this.toggle(id); this.element("search").focus(); }, read: () => this.read(id),
      unpin: () => { this.pinned = []; this.compares(); this.count(); this.draw(); this.element("search").focus(); },
      "add-all": () => { this.basket = [...new Set([...this.basket, ...this.shown.map((row) => row.id)])].slice(0, this.data.most); this.baskets(); this.draw(); },
      empty: () => { this.basket = []; this.element("preview").close(); this.baskets(); this.draw(); },
      clear: () => this.clear(), flags: () => this.element("flags").showModal(),
      preview: () => this.preview(), print: () => this.print(),
      shut: () => button.closest("dialog").close(), larger: () => larger(button),
      language: () => { Words.choose(button.dataset.language); this.show(); },
    }[does];
    if (work) work();
  },

  unfold(id, focused) {
    if (!this.open.delete(id)) this.open.add(id);
    this.draw(focused);
  },

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input[type=search], select");
    const card = event.target.closest(".card");
    if (event.key === "Escape" && typing) { this.clear(); event.preventDefault(); return; }
    if (event.key.startsWith("Arrow") && (card || (typing && /Up|Down/.test(event.key)))) { this.move(event, card); return; }
    if (typing && event.key === "Enter") { event.preventDefault(); this.move(event, null); return; }
    if (typing) return;
    this.command(event, card);
  },

  command(event, card) {
    const id = card?.dataset.id;
    const work = {
      "/": () => this.element("search").focus(), w: () => this.element("flags").showModal(), p: () => this.print(),
      Enter: event.target === card && (() => this.unfold(id, [id])), b: id && (() => this.toggle(id, [id])),
      c: id && (() => this.pin(id, [id])), r: id && (() => this.read(id)),
    }[event.key];
    if (!work) return;
    event.preventDefault();
    work();
  },

  move(event, card) {
    const cards = [...this.element("cards").children];
    const step = /Up|Left/.test(event.key) ? -1 : 1;
    const next = card ? cards.indexOf(card) + step : 0;
    event.preventDefault();
    if (next < 0) this.element("search").focus();
    else cards[Math.min(next, cards.length - 1)]?.focus();
  },
};

Desk.begin();
