/* Records what somebody says and puts the words into a box, to be read and changed there.
   Only microphones' buttons need it; where it cannot work, they stay hidden. Where a place has
   data-piece, a conversation is recorded in pieces of so many seconds until somebody stops it. */
(function () {
  "use strict";
  var media = navigator.mediaDevices;
  if (!window.MediaRecorder || !media || !media.getUserMedia || !window.fetch) { return; }
  var MOST = 60000;
  var HAN = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/;
  var type = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"].filter(function (one) {
    return MediaRecorder.isTypeSupported(one);
  })[0];
  var places = type ? [].slice.call(document.querySelectorAll("[data-speak]")) : [];
  var buttonOf = function (place) { return place.querySelector("button"); };

  // Not “disabled”, which would take the focus away from who works by keyboard.
  var rests = function (button, on) { button.setAttribute("aria-disabled", String(on)); };

  var glue = function (before, words) {
    var last = before.slice(-1);
    return !last || /\s/.test(last) || (HAN.test(last) && HAN.test(words.charAt(0))) ? "" : " ";
  };

  // At the caret instead of what is selected; a conversation on a new line at its end.
  var put = function (box, way, words) {
    var at = way === "caret" ? box.selectionStart : box.value.length;
    var end = way === "caret" ? box.selectionEnd : at;
    var before = box.value.slice(0, at), after = box.value.slice(end);
    var turn = before && before.slice(-1) !== "\n" ? "\n" : "";
    var added = (way === "turns" ? turn : glue(before, words)) + words;
    if (way === "caret" && /^[A-Za-z0-9]/.test(after)) { added += " "; }
    var whole = added.length;
    added = added.slice(0, Math.max(0, box.maxLength - before.length - after.length));
    box.setRangeText(added, at, end, way === "turns" ? "preserve" : "end");
    if (way === "turns") { box.scrollTop = box.scrollHeight; } else { box.focus(); }
    box.dispatchEvent(new Event("input", { bubbles: true }));
    return added.length === whole;
  };

  var speaks = function (place) {
    var told = function (name) { return place.getAttribute("data-" + name) || ""; };
    var button = buttonOf(place), status = place.querySelector("[role=status]");
    var form = place.closest("form");
    var box = told("into") ? document.getElementById(told("into")) : form.querySelector("textarea[name=text]");
    var name = button.querySelector("span") || button, label = name.textContent;
    var stream = null, recorder = null, timer = null, sending = false, kept = false, waiting = [];
    var say = function (text, wrong) {
      status.textContent = text;
      status.className = wrong ? "wrong" : "hint";
    };
    var busy = function () { return stream !== null || sending; };
    var show = function () {
      var listening = recorder !== null;
      name.textContent = listening ? "■ " + told("stop") : kept ? told("again") : label;
      button.setAttribute("aria-pressed", String(listening));
      rests(button, !listening && busy());
      places.forEach(function (other) {
        if (other !== place) { rests(buttonOf(other), busy()); }
      });
    };
    var quiet = function () {
      clearTimeout(timer);
      var last = recorder;
      recorder = null;
      if (last && last.state === "recording") { last.stop(); }
    };
    var release = function () {
      if (stream) { stream.getTracks().forEach(function (one) { one.stop(); }); }
      stream = null;
    };
    // Nobody wrote it down: of a conversation the piece waits in this page to be tried once more.
    var failed = function (said) {
      quiet();
      kept = told("piece") !== "" && !kept;
      if (!kept) { waiting = []; }
      say((said || told("away")) + (kept ? " " + told("kept") : ""), true);
    };
    var answered = function (answer) {
      if (answer.text) {
        waiting.shift();
        kept = false;
        var fitted = put(box, told("way"), answer.text);
        if (!fitted) { quiet(); }
        say(fitted || !told("full") ? told(recorder ? "on" : "read") : told("full"), !fitted && told("full") !== "");
      } else if (answer.silent) {
        waiting.shift();
        kept = false;
        say(recorder ? told("on") : told("empty"), !recorder);
      } else { failed(answer.said); }
    };
    var send = function () {
      if (sending || !waiting.length) { show(); return; }
      sending = true;
      if (!recorder) { say(told("wait"), false); }
      show();
      var sound = waiting[0], csrf = form.querySelector("input[name=csrf]"), stop = new AbortController();
      var late = setTimeout(function () { stop.abort(); }, 60000);
      fetch(told("speak"), {
        method: "POST",
        headers: { "content-type": sound.type, "x-csrf-token": csrf ? csrf.value : "" },
        body: sound,
        signal: stop.signal
      }).then(function (answer) {
        return answer.json();
      }).then(answered).catch(function () { failed(""); }).then(function () {
        clearTimeout(late);
        sending = false;
        if (kept) { show(); } else { send(); }
      });
    };
    var record = function () {
      var parts = [], mine = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32000 });
      mine.addEventListener("dataavailable", function (event) { parts.push(event.data); });
      mine.addEventListener("stop", function () {
        waiting.push(new Blob(parts, { type: type.split(";")[0] }));
        if (!recorder) { release(); }
        if (kept) { show(); } else { send(); }
      });
      mine.start();
      recorder = mine;
      timer = setTimeout(function () {
        if (!told("piece")) { quiet(); return; }
        record(); // the next piece begins before this one ends, so that no word falls between
        mine.stop();
      }, told("piece") ? Math.min(MOST, 1000 * Number(told("piece"))) : MOST);
    };
    var begin = function () {
      sending = true;
      show();
      media.getUserMedia({ audio: true }).then(function (given) {
        sending = false;
        stream = given;
        record();
        say(told("on"), false);
        show();
      }).catch(function () {
        sending = false;
        release();
        say(told("denied"), true);
        show();
      });
    };
    button.addEventListener("click", function () {
      if (recorder) { quiet(); show(); return; }
      if (button.getAttribute("aria-disabled") === "true") { return; }
      if (kept) { send(); } else { begin(); }
    });
    // What was said and not yet read would be lost: it is written down first.
    form.addEventListener("submit", function (event) {
      if (!busy()) { return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      quiet();
      show();
    }, true);
    place.hidden = false;
  };
  places.forEach(speaks);
})();
