package handlers_test

import (
	"bytes"
	"image"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Pictures that browsers show are taken, and cleaned, whatever is odd about them. They have a
// thumbnail if they can be decoded.
func TestPictures_AreTaken(t *testing.T) {
	dir := t.TempDir()
	run := func(name string, args ...string) { tool(t, dir, name, args...) }
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join(dir, name)))(t) }
	run("convert", "-size", "64x48", "plasma:red-blue", "a.png")
	run("convert", "a.png", "a.jpg")
	run("convert", "a.png", "a.gif")
	run("convert", "a.png", "a.ppm")
	run("cjpeg", "-arithmetic", "-outfile", "arithmetic.jpg", "a.ppm")
	run("convert", "a.png", "-sampling-factor", "3x1", "3x1.jpg")
	run("convert", "a.png", "-sampling-factor", "1x4", "1x4.jpg")
	run("convert", "a.png", "a.png", "-loop", "0", "moving.gif")
	run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.2:s=64x48", "-f", "apng", "moving.png")
	run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.2:s=64x48", "-f", "webp", "-lossless", "0", "moving.webp")
	jpeg, png, gif := read("a.jpg"), read("a.png"), read("a.gif")
	broken := bytes.Clone(jpeg)
	broken[len(broken)-60], broken[len(broken)-59] = 0xff, 0x3c
	narrow := bytes.Clone(gif)
	narrow[6]--
	s := newSite(t)
	ann, guest := s.program("ann"), s.browser()
	for _, c := range []struct {
		name      string
		src       []byte
		thumbnail bool
	}{
		{"noeoi.jpg", jpeg[:len(jpeg)-2], true}, {"cut.jpg", jpeg[:len(jpeg)*9/10], false}, {"broken.jpg", broken, false},
		{"arithmetic.jpg", read("arithmetic.jpg"), false}, {"3x1.jpg", read("3x1.jpg"), false}, {"1x4.jpg", read("1x4.jpg"), false},
		{"notrailer.gif", gif[:len(gif)-1], true}, {"cut.gif", gif[:len(gif)*3/4], false}, {"narrow.gif", narrow, true},
		{"zero.gif", append(bytes.Clone(gif[:len(gif)-1]), 0, 0x3b), true}, {"moving.gif", read("moving.gif"), true},
		{"noiend.png", png[:len(png)-12], true}, {"cut.png", png[:len(png)*3/4], false}, {"moving.png", read("moving.png"), true},
		{"moving.webp", read("moving.webp"), true},
	} {
		id := text(t, want(t, ann.send("PUT", "/files/"+c.name, c.src), http.StatusCreated), "id")
		ann.create(doc{"title": c.name, "content": "x", "files": []string{id}, "visibility": "public"})
		f := s.settle(models.FileID(id))
		if f.State != models.Ready || f.Metadata != models.MetadataNone || f.Width != 64 || f.Height != 48 || f.Kind != models.KindImage {
			t.Errorf("%s: %s %s, metadata %q, %d × %d", c.name, f.Kind, f.State, f.Metadata, f.Width, f.Height)
		}
		if f.HasThumbnail() != c.thumbnail {
			t.Errorf("%s: thumbnail %v, want %v", c.name, f.HasThumbnail(), c.thumbnail)
		}
		got := guest.get("/files/" + id + "/" + c.name)
		if got.Code != http.StatusOK || len(c.src)-got.Body.Len() > 200 {
			t.Errorf("%s: a guest gets %d, %d of %d bytes", c.name, got.Code, got.Body.Len(), len(c.src))
		}
	}
}

// The thumbnail of a picture has its colours.
func TestPictures_ThumbnailsAreTrueInColour(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t)
	ann := s.program("ann")
	for _, c := range []struct {
		name, colour string
		r, g, b      int
		more         []string
	}{
		{"black.webp", "black", 0, 0, 0, nil}, {"white.webp", "white", 255, 255, 255, nil}, {"red.webp", "red", 255, 0, 0, nil},
		{"gray.webp", "gray50", 127, 127, 127, nil}, {"red.jpg", "red", 255, 0, 0, nil}, {"blue.png", "blue", 0, 0, 255, nil},
		{"cmyk.jpg", "red", 255, 0, 0, []string{"-colorspace", "CMYK"}},
		{"bright.png", "gray(25%)", 136, 136, 136, []string{"-set", "gamma", "1.0", "-define", "png:include-chunk=gAMA"}},
	} {
		args := append([]string{"-size", "64x48", "xc:" + c.colour}, c.more...)
		tool(t, dir, "convert", append(args, c.name)...)
		src := must(os.ReadFile(filepath.Join(dir, c.name)))(t)
		id := text(t, want(t, ann.send("PUT", "/files/"+c.name, src), http.StatusCreated), "id")
		s.settle(models.FileID(id))
		thumb, _, err := image.Decode(ann.send("GET", "/files/"+id+"/thumbnail", nil).Body)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r, g, b, _ := thumb.At(9, 9).RGBA()
		for i, off := range []int{int(r>>8) - c.r, int(g>>8) - c.g, int(b>>8) - c.b} {
			if off < -2 || off > 2 {
				t.Errorf("%s: %d, %d, %d; want %d, %d, %d (%d)", c.name, r>>8, g>>8, b>>8, c.r, c.g, c.b, i)
				break
			}
		}
	}
}
