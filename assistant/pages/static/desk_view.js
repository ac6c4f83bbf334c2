"use strict";
/* What the desk shows: cards, comparison, read-aloud script, warning signs. Text nodes only. */
const View = {
  word: (value) => {
    const name = `desk_value_${value.replace(/\W+/g, "_")}`;
    return Words.say(name) === name ? value : Words.say(name);
  },

  button: (name, does, pressed = null) => make("button", {
    type: "button", class: "quiet", "data-do": does, "aria-pressed": pressed === null ? null : String(pressed),
  }, Words.say(name)),

  purposes(row) {
    const list = make("ul", { class: "purposes" });
    for (const name of ["strengthens", "stretches", "improves"]) {
      for (const what of row[name]) {
        list.append(make("li", {}, make("b", {}, Words.say(`desk_${name}`)), " ", make("span", { lang: row.language }, what)));
      }
    }
    return list;
  },

  dose: (row, name) => (row[name] === null
    ? make("dd", { class: "missing" }, Words.say("handout_not_stated"))
    : make("dd", { lang: row.language }, row[name])),

  doses(row) {
    const list = make("dl", { class: "doses" });
    for (const name of ["hold", "sets", "repetitions"]) {
      list.append(make("div", {}, make("dt", {}, Words.say(`handout_${name}`)), this.dose(row, name)));
    }
    return list;
  },

  steps: (row) => make("ol", { lang: row.language }, ...row.steps.map((step) => make("li", {}, step))),

  sources(row) {
    const line = make("span", { class: "given" });
    row.sources.forEach((source, i) => {
      const name = source.url
        ? make("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, source.label) : source.label;
      line.append(i ? "; " : "", name, ` (${source.kind[Words.language]})`);
    });
    if (!row.sources.length) line.append(Words.say("no_source"));
    return line;
  },

  labelled: (name, row, text) => make("p", {}, make("span", { class: "label" }, `${Words.say(name)}: `), make("span", { lang: row.language }, text)),

  pictures(row) {
    const box = make("div", { class: "poses" });
    box.innerHTML = row.figures[Words.language].join("");
    const [, , width, height] = (box.querySelector("svg")?.getAttribute("viewBox") || "0 0 1 1").split(" ").map(Number);
    box.classList.toggle("wide", width > 1.4 * height);
    return box;
  },

  more(row) {
    const pictured = row.figures.en.some((figure) => figure);
    const words = make("div", {}, this.steps(row), make("p", { class: "given" }, Words.say("desk_stated")),
      this.labelled("handout_benefits", row, row.benefits), this.sources(row));
    return make("div", { class: `more${pictured ? " pictured" : ""}` }, ...(pictured ? [this.pictures(row)] : []), words);
  },

  card(row, state) {
    const { open, on, pinned } = state;
    const card = make("div", { class: `card${open ? " whole" : ""}${on ? " on" : ""}`, role: "listitem", tabindex: "-1", "data-id": row.id });
    card.append(make("h2", { lang: row.language }, row.name),
      make("p", { class: "where" }, [this.word(row.region), ...row.positions.map((p) => this.word(p))].join(" · ")),
      this.purposes(row), this.labelled("handout_equipment", row, row.equipment), this.doses(row));
    if (open) card.append(this.more(row));
    const show = this.button(open ? "desk_shut" : "desk_open", "open");
    show.setAttribute("aria-expanded", String(open));
    const buttons = make("p", { class: "row" }, show, this.button(on ? "desk_remove" : "desk_add", "basket"),
      this.button("desk_pin", "pin", pinned), this.button("desk_read", "read"));
    for (const button of buttons.children) button.setAttribute("aria-label", `${button.textContent}: ${row.name}`);
    card.append(buttons);
    return card;
  },

  compare(rows) {
    if (rows.length < 2) return [];
    const title = make("h2", { tabindex: "-1" }, Words.say("desk_compare"));
    const line = (label, cell) => make("tr", {}, make("th", { scope: "row" }, Words.say(label)), ...rows.map((row) => make("td", {}, cell(row))));
    const text = (value, row) => make("span", { lang: row.language }, value);
    const dose = (name) => (row) => (row[name] === null ? Words.say("handout_not_stated") : text(row[name], row));
    const pictured = rows.some((row) => row.figures.en.some((figure) => figure));
    const body = [
      ...(pictured ? [line("desk_picture", (row) => this.pictures(row))] : []),
      line("desk_purpose", (row) => this.purposes(row)), line("handout_equipment", (row) => text(row.equipment, row)),
      line("handout_hold", dose("hold")), line("handout_sets", dose("sets")), line("handout_repetitions", dose("repetitions")),
      line("desk_steps", (row) => this.steps(row)),
      line("handout_benefits", (row) => make("span", {}, text(row.benefits, row), " ", this.sources(row))),
    ];
    const head = make("tr", {}, make("td", {}), ...rows.map((row) => make("th", { scope: "col", lang: row.language }, row.name)));
    const shut = make("button", { type: "button", class: "quiet", "data-do": "unpin" }, Words.say("desk_unpin"));
    return [title, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)), make("p", { class: "row" }, shut)];
  },

  script(row, phone) {
    const own = (name, values) => make("p", {}, Words.say(name, values));
    const english = (text) => make("p", { lang: row.language }, text);
    return [own("desk_read_open", { name: row.name }), english(`${Words.say("desk_read_equipment", { text: row.equipment })}`),
      ...row.steps.map(english), own("desk_read_close", { phone })];
  },

  flags: (rows) => rows.map((row) => make("section", { class: /emergency|crisis/.test(row.kind) ? "hot" : "" },
    make("h3", {}, row.does),
    make("div", {}, make("p", { class: "small" }, Words.say("desk_flags_hears")), make("p", {}, row.hears)),
    make("div", {}, make("p", { class: "small" }, Words.say("desk_flags_say")), make("p", { class: "says" }, row.says)))),

  filters(facets, chosen) {
    const sets = [];
    for (const [name, values] of Object.entries(facets)) {
      const set = make("fieldset", {}, make("legend", {}, Words.say(`desk_${name}`)));
      for (const value of values) {
        const box = make("input", { type: "checkbox", name, value });
        box.checked = chosen[name].has(value);
        set.append(make("label", {}, box, make("span", {}, this.word(value)), make("span", { class: "count", "data-count": `${name}/${value}` })));
      }
      sets.push(set);
    }
    return sets;
  },
};
