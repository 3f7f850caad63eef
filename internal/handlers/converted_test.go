package handlers_test

import (
	"archive/zip"
	"bytes"
	"image"
	_ "image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// needsDecoders skips a test of HEIC and AVIF if the decoders were not fetched.
func needsDecoders(t testing.TB) {
	t.Helper()
	if _, err := os.Stat("../images/decoders/heic.wasm.gz"); err != nil {
		testenv.Missing(t, "the decoder of HEIC", "make assets")
	}
}

// Others get a HEIC and an AVIF as JPEG, with a name that says so, by the link, in a zip and
// through a share. Its owner can get the original.
func TestConverted(t *testing.T) {
	needsDecoders(t)
	dir := t.TempDir()
	placedFiles(t, dir)
	s := newSite(t)
	mara, guest, program := s.registered("mara"), s.browser(), s.programOf("mara")
	for _, c := range []struct{ sample, name, served string }{
		{"a.heic", "IMG_1.HEIC", "IMG_1.jpg"}, {"a.avif", "b.c.avif", "b.c.jpg"}, {"a.heic", "c.jpeg", "c.jpeg"}, {"a.heic", "d", "d.jpg"},
	} {
		original := must(os.ReadFile(filepath.Join(dir, c.sample)))(t)
		id := text(t, want(t, program.send("PUT", "/files/"+c.name, original), http.StatusCreated), "id")
		post := program.create(doc{"title": "T", "content": "x", "files": []string{id}, "visibility": "public"})
		share := strings.TrimPrefix(text(t, want(t, program.send("POST", "/shares", doc{"file_id": id}), http.StatusCreated), "url"), publicURL)
		f := s.settle(models.FileID(id))
		if f.Kind != models.KindImage || f.Width != 64 || f.Height != 48 || !f.HasThumbnail() || f.Served().Size == f.Size {
			t.Fatalf("%s: %+v", c.name, f)
		}
		for _, path := range []string{"/posts/" + post, share, "/files/" + id + "/preview"} { // the size of what is downloaded
			for _, who := range []*browser{mara, guest} {
				if page := who.get(path).Body.String(); !holds(page, models.Size(f.Served().Size).String()) ||
					strings.Contains(page, models.Size(f.Size).String()) != (who == mara && strings.HasPrefix(path, "/files")) {
					t.Errorf("%s: %s does not say %d bytes:\n%s", c.name, path, f.Served().Size, page)
				}
			}
		}
		wants := []string{">" + c.served + "<", "Image · " + models.Size(f.Served().Size).String()}
		mara.wantPage("/files", wants...)
		mara.wantPage("/files?q="+c.served, wants...)
		mara.wantPage("/files?q="+c.name, wants...)
		mara.wantPage("/posts/"+post+"/edit", wants...)
		mara.wantPage("/files/"+id+"/preview", ">"+c.served+"<", "Others get "+c.served, "<em>Original</em> is "+c.name)
		wantJPEG := func(what string, data []byte) {
			t.Helper()
			if img, kind, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || kind != "jpeg" || img.Width != 64 {
				t.Errorf("%s, %s: %s, %v", c.name, what, kind, err)
			}
			if found := tellsPlace(t, data); len(found) > 0 {
				t.Errorf("%s, %s tells %s", c.name, what, found)
			}
		}
		for _, path := range []string{"/files/" + id + "/" + c.name, share + "/files/" + id + "/x"} {
			got := guest.get(path)
			wantJPEG(path, got.Body.Bytes())
			if got.Header().Get("Content-Type") != "image/jpeg" || !strings.Contains(got.Header().Get("Content-Disposition"), c.served) {
				t.Errorf("%s: %s is %v", c.name, path, got.Header())
			}
		}
		if page := guest.get("/posts/" + post).Body.String(); !strings.Contains(page, `href="/files/`+id+"/"+c.served) {
			t.Errorf("%s: the post does not link %s", c.name, c.served)
		}
		got := guest.get("/posts/" + post + "/zip").Body.Bytes()
		archive := must(zip.NewReader(bytes.NewReader(got), int64(len(got))))(t)
		if len(archive.File) != 1 || archive.File[0].Name != c.served {
			t.Errorf("%s: in the zip it is %v", c.name, archive.File)
		}
		kept := mara.get("/files/" + id + "/original")
		if !bytes.Equal(kept.Body.Bytes(), original) || !strings.Contains(kept.Header().Get("Content-Disposition"), c.name) {
			t.Errorf("%s: the original is %d %v", c.name, kept.Code, kept.Header())
		}
	}
}

// An image that cannot be converted is a download, without its metadata.
func TestConverted_OrCleaned(t *testing.T) {
	needsDecoders(t)
	dir := t.TempDir()
	placedFiles(t, dir)
	s := newSite(t)
	program, guest := s.program("ann"), s.browser()
	original := must(os.ReadFile(filepath.Join(dir, "a.heic")))(t)
	broken := bytes.ReplaceAll(original, []byte("hvcC"), []byte("hvcX")) // without it, nothing can be decoded
	id := text(t, want(t, program.send("PUT", "/files/a.heic", broken), http.StatusCreated), "id")
	program.create(doc{"title": "T", "content": "x", "files": []string{id}, "visibility": "public"})
	if f := s.settle(models.FileID(id)); f.State != models.Ready || f.HasThumbnail() || f.CleanType != "" {
		t.Errorf("it is %+v", f)
	}
	got := guest.get("/files/" + id + "/a.heic")
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/heic" ||
		!strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("it is %d %v", got.Code, got.Header())
	}
	if found := tellsPlace(t, got.Body.Bytes()); len(found) > 0 {
		t.Errorf("it tells %s", found)
	}
}

// Programs do not show what is cut off an image, so others do not get it with a file that
// cannot be converted.
func TestConverted_WhatIsCutOffStaysTheOwners(t *testing.T) {
	needsDecoders(t)
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "64x48", "plasma:red-blue", "a.png")
	tool(t, dir, "avifenc", "-s", "9", "--crop", "0,0,32,24", "a.png", "cut.avif")
	s := newSite(t)
	program, guest := s.program("ann"), s.browser()
	original := must(os.ReadFile(filepath.Join(dir, "cut.avif")))(t)
	id := text(t, want(t, program.send("PUT", "/files/cut.avif", original), http.StatusCreated), "id")
	program.create(doc{"title": "T", "content": "x", "files": []string{id}, "visibility": "public"})
	if f := s.settle(models.FileID(id)); f.State != models.Ready || f.Metadata != models.MetadataKept || f.Clean != "" {
		t.Errorf("it is %+v", f)
	}
	if got := guest.get("/files/" + id + "/cut.avif"); got.Code != http.StatusNotFound {
		t.Errorf("a guest gets %d", got.Code)
	}
}

// Animations are shown still, with a badge that says so, and given whole.
func TestAnimated(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t)
	ann, guest := s.registered("ann"), s.browser()
	program := s.programOf("ann")
	for _, name := range []string{"a.gif", "a.webp", "a.apng", "still.gif"} {
		frames := []string{"xc:red", "xc:blue", "xc:green"}
		switch name {
		case "still.gif":
			tool(t, dir, "convert", "-size", "40x30", "xc:red", name)
		case "a.apng":
			tool(t, dir, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.3:s=40x30:r=10", "-f", "apng", name)
		default:
			tool(t, dir, "convert", append(append([]string{"-delay", "10", "-size", "40x30"}, frames...), name)...)
		}
		original := must(os.ReadFile(filepath.Join(dir, name)))(t)
		upload := strings.Replace(name, ".apng", ".png", 1)
		id := text(t, want(t, program.send("PUT", "/files/"+upload, original), http.StatusCreated), "id")
		post := program.create(doc{"title": "T", "content": "x", "files": []string{id}, "visibility": "public"})
		moves := name != "still.gif"
		if f := s.settle(models.FileID(id)); !f.HasThumbnail() || f.Animated != moves {
			t.Errorf("%s: %+v", name, f)
		}
		if page := guest.get("/posts/" + post).Body.String(); strings.Contains(page, ">Animated</span>") != moves {
			t.Errorf("%s: the badge is on the page: %v", name, !moves)
		}
		for _, path := range []string{"/files/" + id + "/preview", "/files?q=" + upload} {
			if page := ann.get(path).Body.String(); strings.Contains(page, ">Animated</span>") != moves {
				t.Errorf("%s: the badge is on %s: %v", name, path, !moves)
			}
		}
		frame := map[string]string{"a.gif": "\x21\xf9\x04", "a.webp": "ANMF", "a.apng": "fcTL", "still.gif": "GIF8"}[name]
		served := guest.get("/files/" + id + "/" + upload).Body.Bytes()
		if got := bytes.Count(served, []byte(frame)); moves && got < 2 || got != bytes.Count(original, []byte(frame)) {
			t.Errorf("%s: %d frames are given", name, got)
		}
	}
}
