package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A page plays audio and video, and shows an image, from the content origin. To a browser,
// 127.0.0.1 and localhost are different hosts.
func TestContentOrigin(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	content := "http://localhost" + addr[strings.LastIndex(addr, ":"):]
	s := startSite(t, sqliteAndDisk(t), "ADDR="+addr, "PUBLIC_URL=http://"+addr, "CONTENT_ORIGIN="+content,
		"CONTENT_KEY="+strings.Repeat("k3y-", 8))
	ann := newUser(t, s, "ann")
	sound := ann.mustUpload("tone.wav", tone(1))
	if at := ann.get(sound.URL, 303).header.Get("Location"); !strings.HasPrefix(at, content+"/content/") {
		t.Errorf("the sound is at %q", at)
	}
	picture := ann.mustUpload("harbour.png", drawing(t, 300, 200, 9))
	ann.awaitReady(picture.ID)
	browser := startBrowser(t)
	film := ann.mustUpload("boats.webm", newTab(t, browser, s, true).film())
	post := ann.sendPost(url.Values{"title": {"A film"}, "content": {"Hear and see!"}, "visibility": {"public"}, "everyone": {"yes"},
		"file_ids": {sound.ID, film.ID}})
	b := newTab(t, browser, s, true)
	b.logIn("ann", password)
	b.open(post, 200)
	b.wantCount("audio", 1)
	b.play("audio")
	b.wantCount("video", 1)
	b.play("video")
	if !eval[bool](b, `document.querySelector("video").videoWidth === 64`) {
		t.Error("the film is not shown")
	}
	b.openContent(picture.URL, content)
	if !eval[bool](b, `document.images.length === 1 && document.images[0].naturalWidth === 300`) {
		t.Error("the picture is not drawn")
	}
	s.wantNoErrors()
}

// play plays the media element to its end, started by a click.
func (b *tab) play(selector string) {
	b.t.Helper()
	b.do(click("h1")) // browsers only play sound after a click
	element := "document.querySelector(" + quote(selector) + ")"
	eval[bool](b, element+`.play(), true`)
	eventually(b.t, selector+" is played to its end", func() bool {
		if failed := eval[string](b, element+`.error?.message ?? ""`); failed != "" {
			b.t.Fatalf("%s does not play: %s", selector, failed)
		}
		return eval[bool](b, element+`.ended && `+element+`.duration > 0`)
	})
}

// openContent opens a file in the tab, which must end at origin without any cookie.
func (b *tab) openContent(path, origin string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	resp, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.site.url+path))
	if err != nil {
		b.t.Fatalf("opening %s: %v", path, err)
	}
	if resp.Status != 200 || !strings.HasPrefix(resp.URL, origin+"/content/") {
		b.t.Errorf("%s is at %s: status %d", path, resp.URL, resp.Status)
	}
	if cookies := call(b, network.GetCookies, network.GetCookiesParams{URLs: []string{origin + "/"}}).Cookies; len(cookies) != 0 {
		b.t.Errorf("%d cookies go to %s", len(cookies), origin)
	}
}

// film returns a short WebM, recorded by the browser itself, so that no other encoder is
// needed.
func (b *tab) film() []byte {
	b.t.Helper()
	eval[bool](b, `(() => {
		const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 48});
		const brush = canvas.getContext("2d");
		const recorder = new MediaRecorder(canvas.captureStream(), {mimeType: "video/webm;codecs=vp8"});
		const parts = [];
		let frames = 0;
		recorder.ondataavailable = (event) => parts.push(event.data);
		recorder.onstop = () => {
			const reader = new FileReader();
			reader.onload = () => globalThis.film = reader.result.split(",")[1];
			reader.readAsDataURL(new Blob(parts));
		};
		recorder.start();
		const draw = () => {
			brush.fillStyle = "rgb(" + 8 * frames + " 80 160)";
			brush.fillRect(0, 0, 64, 48);
			if (++frames < 30) requestAnimationFrame(draw); else recorder.stop();
		};
		draw();
		return true;
	})()`)
	var encoded string
	eventually(b.t, "the film is made", func() bool {
		encoded = eval[string](b, `globalThis.film ?? ""`)
		return encoded != ""
	})
	film, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(film) == 0 {
		b.t.Fatalf("a film of %d bytes: %v", len(film), err)
	}
	return film
}

// tone returns a WAV file of the given length.
func tone(seconds int) []byte {
	const rate = 8000
	samples := make([]byte, rate*seconds)
	for i := range samples {
		samples[i] = byte(128 + 60*(i/10%2))
	}
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(samples)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	for _, v := range []uint16{1, 1} {
		b = le.AppendUint16(b, v)
	}
	b = le.AppendUint32(le.AppendUint32(b, rate), rate)
	b = le.AppendUint16(le.AppendUint16(b, 1), 8)
	return append(le.AppendUint32(append(b, "data"...), uint32(len(samples))), samples...)
}
