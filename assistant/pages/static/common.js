"use strict";
/* What both pages share: language, strings, focusable dialogs. Kept on the device: the language only. */
const Words = {
  strings: {}, language: "en",

  begin(strings) {
    this.strings = strings;
    let kept = null;
    try { kept = localStorage.getItem("language"); } catch { /* storage may be closed */ }
    const wished = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase());
    const first = wished.find((tag) => tag in strings);
    this.show(kept in strings ? kept : first || "en");
  },

  choose(language) {
    try { localStorage.setItem("language", language); } catch { /* works without */ }
    this.show(language);
  },

  say(name, values = {}) {
    const text = (this.strings[this.language] || {})[name] ?? name;
    return text.replace(/\{(\w+)\}/g, (slot, key) => (key in values ? values[key] : slot));
  },

  show(language) {
    this.language = language;
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll("[data-say]")) {
      element.textContent = this.say(element.dataset.say, element.dataset);
    }
    for (const element of document.querySelectorAll("[data-say-label]")) {
      element.setAttribute("aria-label", this.say(element.dataset.sayLabel, element.dataset));
    }
    for (const button of document.querySelectorAll("[data-do=language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
  },
};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function larger(button) {
  const on = document.documentElement.classList.toggle("larger");
  button.setAttribute("aria-pressed", String(on));
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = make("textarea", { class: "unseen", "aria-hidden": "true" });
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

const rest = (ms) => new Promise((done) => setTimeout(done, ms));
