/* Records what somebody says and puts the words into the box, to be read and changed there.
   Only the microphone's button needs it; where it cannot work, the button stays hidden. */
(function () {
  "use strict";
  var place = document.querySelector("[data-speak]");
  var media = navigator.mediaDevices;
  if (!place || !window.MediaRecorder || !media || !media.getUserMedia || !window.fetch) { return; }
  var MOST = 60000;
  var button = place.querySelector("button");
  var status = place.querySelector("[role=status]");
  var form = document.querySelector("form[data-keep]");
  var box = form.querySelector("textarea[name=text]");
  var label = button.textContent;
  var recorder = null, timer = null, busy = false;
  var say = function (text, wrong) {
    status.textContent = text;
    status.className = wrong ? "wrong" : "hint";
  };
  var told = function (name) { return place.getAttribute("data-" + name); };
  var rest = function () {
    busy = false;
    recorder = null;
    button.disabled = false;
    button.textContent = label;
    button.setAttribute("aria-pressed", "false");
  };
  var type = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"].filter(function (one) {
    return MediaRecorder.isTypeSupported(one);
  })[0];
  var take = function (words) {
    var whole = (box.value.replace(/\s+$/, "") + " " + words).trim();
    box.value = whole.slice(0, box.maxLength);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    say(told("read"), false);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  };
  var send = function (sound) {
    button.disabled = true;
    say(told("wait"), false);
    var csrf = form.querySelector("input[name=csrf]");
    var stop = new AbortController();
    var late = setTimeout(function () { stop.abort(); }, 60000);
    fetch(told("speak"), {
      method: "POST",
      headers: { "content-type": sound.type || "application/octet-stream", "x-csrf-token": csrf ? csrf.value : "" },
      body: sound,
      signal: stop.signal
    }).then(function (answer) {
      return answer.json();
    }).then(function (answer) {
      if (answer.text) { take(answer.text); } else { say(answer.said || told("away"), true); }
    }).catch(function () {
      say(told("away"), true);
    }).then(function () {
      clearTimeout(late);
      rest();
    });
  };
  var begin = function () {
    busy = true;
    button.disabled = true;
    media.getUserMedia({ audio: true }).then(function (stream) {
      var parts = [];
      recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32000 });
      recorder.addEventListener("dataavailable", function (event) { parts.push(event.data); });
      recorder.addEventListener("stop", function () {
        clearTimeout(timer);
        stream.getTracks().forEach(function (one) { one.stop(); });
        send(new Blob(parts, { type: type.split(";")[0] }));
      });
      recorder.start();
      timer = setTimeout(function () { if (recorder) { recorder.stop(); } }, MOST);
      button.disabled = false;
      button.textContent = "■ " + told("stop");
      button.setAttribute("aria-pressed", "true");
      say(told("on"), false);
    }).catch(function () {
      rest();
      say(told("denied"), true);
    });
  };
  button.addEventListener("click", function () {
    if (recorder) { if (recorder.state === "recording") { recorder.stop(); } } else if (!busy) { begin(); }
  });
  // What was said and not yet read would be lost: it is written down first.
  form.addEventListener("submit", function (event) {
    if (!busy) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (recorder && recorder.state === "recording") { recorder.stop(); }
  }, true);
  if (type) { place.hidden = false; }
})();
