/* Keeps what is typed on this phone until the server has it, sends it again when the network is
   back, and reads aloud where the browser has a voice of its own. Everything works without it. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  var lang = document.body.getAttribute("data-lang");
  var store;
  try { store = window.localStorage; store.getItem("x"); } catch (e) { store = null; }
  // Some browsers of messengers forget a tab at once: what was typed waits on the phone until the
  // server has it, and no longer than the longest link is valid.
  var WEEK = 7 * 24 * 3600 * 1000;
  var old = function (name) {
    try { return Date.now() - JSON.parse(store.getItem(name)).at > WEEK; } catch (e) { return true; }
  };
  var sweep = function (gone) {
    Object.keys(store).forEach(function (name) {
      if (name.indexOf("/visit/") === 0 && (gone(name) || old(name))) { store.removeItem(name); }
    });
  };
  try { if (store) { sweep(function () { return false; }); } } catch (e) { store = null; }
  if (form) {
    var key = location.pathname + " " + form.getAttribute("data-keep");
    var box = form.querySelector("[name=text]");
    var status = form.querySelector("[data-status]");
    var timer = null;
    if (store && box) {
      var kept = store.getItem(key);
      if (kept && !box.value) { box.value = JSON.parse(kept).text; }
      box.addEventListener("input", function () {
        try { store.setItem(key, JSON.stringify({ at: Date.now(), text: box.value })); } catch (e) { /* full */ }
      });
    }
    var send = function () {
      if (timer) { clearTimeout(timer); timer = null; }
      var request = new XMLHttpRequest();
      request.open("HEAD", location.pathname);
      request.timeout = 8000;
      request.onload = function () { form.submit(); };
      request.onerror = request.ontimeout = wait;
      request.send();
    };
    var wait = function () {
      status.textContent = form.getAttribute("data-waiting");
      timer = setTimeout(send, 4000);
    };
    form.addEventListener("submit", function (event) {
      // The browser may think so of an intranet that is there: the server is asked.
      if (navigator.onLine === false) { event.preventDefault(); send(); }
    });
    window.addEventListener("online", function () { if (timer) { send(); } });
    var none = form.querySelector("input[name=choice][value=none]");
    if (none) {
      form.addEventListener("change", function (event) {
        var boxes = form.querySelectorAll("input[name=choice]");
        for (var i = 0; i < boxes.length; i++) {
          if ((event.target === none) === (boxes[i] !== none) && event.target.checked) { boxes[i].checked = false; }
        }
      });
    }
  } else if (document.querySelector("form[data-again]")) {
    // Nothing could be saved: what was given stands in this form and is sent again by itself.
    var again = document.querySelector("form[data-again]");
    setTimeout(function () { again.submit(); }, 1000 * Number(again.getAttribute("data-again")));
  }
  if (store && !document.querySelector("form textarea")) {
    try {
      sweep(function (name) { return name.indexOf(location.pathname + " ") === 0; });
    } catch (e) { /* nothing is kept here */ }
  }
  var button = document.querySelector("[data-listen]");
  if (button && window.speechSynthesis) {
    var voice = function () {
      return window.speechSynthesis.getVoices().filter(function (one) {
        return one.localService && one.lang.toLowerCase().indexOf(lang) === 0;
      })[0];
    };
    var offer = function () { if (voice()) { button.hidden = false; } };
    offer();
    window.speechSynthesis.onvoiceschanged = offer;
    button.addEventListener("click", function () {
      var said = new SpeechSynthesisUtterance(document.querySelector("main").innerText);
      said.voice = voice();
      said.lang = said.voice.lang;
      window.speechSynthesis.cancel();
      window.speechSynthesis.speak(said);
    });
  }
})();
