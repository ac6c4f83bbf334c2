"use strict";
/* The article beside the chat: shows exactly the cited characters; on a phone a sheet from below. */
const Article = {
  pressed: null,

  get panel() { return document.getElementById("article"); },
  get narrow() { return getComputedStyle(document.querySelector(".article-bar .narrow")).display !== "none"; },

  cite(button) {
    const { of: article, from, to, place } = button.dataset;
    if (!this.highlight(article, Number(from), Number(to))) return;
    this.press(button);
    if (this.narrow) this.open(button);
    const first = document.querySelector("mark.first");
    const scroller = document.getElementById("article-scroll");
    const offset = first.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop += offset - scroller.clientHeight / 4;
    document.getElementById("shown").textContent = Words.say("page_shown", { place: place || Words.say("page_notice_title") });
  },

  press(button) {
    if (this.pressed) this.pressed.removeAttribute("aria-pressed");
    this.pressed = button.classList.contains("mark") ? button : null;
    if (this.pressed) this.pressed.setAttribute("aria-pressed", "true");
  },

  clear() {
    for (const mark of document.querySelectorAll("#article mark")) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
  },

  /* Marks the characters from `from` to `to` of the article's file; false when they are not shown. */
  highlight(article, from, to) {
    this.clear();
    const text = [...document.querySelectorAll(".text")].find((e) => e.dataset.article === article);
    if (!text) return false;
    let first = true;
    for (const line of text.querySelectorAll(".line")) {
      const start = Number(line.dataset.start);
      if (start >= to || Number(line.dataset.end) <= from) continue;
      for (let box = line.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      for (const mark of this.wrap(line, from - start, to - start)) {
        if (first) mark.classList.add("first");
        first = false;
      }
    }
    return !first;
  },

  /* Offsets in the file count characters as Python does, so a letter outside the BMP counts once. */
  wrap(line, from, to) {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const pieces = [];
    let position = 0;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const letters = [...node.data];
      const a = Math.max(from - position, 0);
      const b = Math.min(to - position, letters.length);
      position += letters.length;
      if (a < b) pieces.push([node, letters.slice(0, a).join("").length, letters.slice(0, b).join("").length]);
    }
    return pieces.map(([node, a, b]) => {
      const range = document.createRange();
      range.setStart(node, a);
      range.setEnd(node, b);
      const mark = make("mark");
      range.surroundContents(mark);
      return mark;
    });
  },

  open(from) {
    this.opener = from;
    this.panel.classList.add("open");
    this.panel.setAttribute("role", "dialog");
    this.panel.setAttribute("aria-modal", "true");
    document.getElementById("chat").inert = true;
    document.getElementById("article-name").focus({ preventScroll: true });
  },

  close() {
    if (!this.panel.classList.contains("open")) return;
    this.panel.classList.remove("open");
    this.panel.setAttribute("role", "complementary");
    this.panel.removeAttribute("aria-modal");
    document.getElementById("chat").inert = false;
    if (this.opener && this.opener.isConnected) this.opener.focus({ preventScroll: true });
  },

  begin() {
    let touched = null;
    const bar = document.querySelector(".article-bar");
    bar.addEventListener("touchstart", (event) => { touched = event.touches[0].clientY; }, { passive: true });
    bar.addEventListener("touchend", (event) => {
      if (touched !== null && event.changedTouches[0].clientY - touched > 60) this.close();
      touched = null;
    }, { passive: true });
    window.addEventListener("resize", () => { if (!this.narrow) this.close(); });
  },

  goto(link) {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    document.getElementById("contents").open = false;
    target.open = true;
    const scroller = document.getElementById("article-scroll");
    scroller.scrollTop += target.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    target.querySelector("summary").focus({ preventScroll: true });
  },
};
