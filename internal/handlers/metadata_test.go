package handlers_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// toolPackages are those of Debian that have the programs of these tests.
var toolPackages = map[string]string{"exiftool": "libimage-exiftool-perl", "ffmpeg": "ffmpeg", "convert": "imagemagick",
	"cwebp": "webp", "cjpeg": "libjpeg-turbo-progs"}

// tool runs a program in a directory, and returns what it says.
func tool(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		testenv.Missing(t, name, "install "+toolPackages[name])
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// tellsPlace returns what exiftool finds of place, device and time of the samples in data.
func tellsPlace(t testing.TB, data []byte) (found []string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "got"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	all := tool(t, dir, "exiftool", "-G1", "-a", "-ee", "-u", "-s", "-x", "System:all", "-x", "ICC-header:all", "-x", "ExifToolVersion", "got")
	for line := range strings.Lines(all) {
		for _, word := range []string{"48.8", "48 deg", "Acme", "Phone X", "2024", "Paris"} {
			if strings.Contains(line, word) {
				found = append(found, line)
				break
			}
		}
	}
	return found
}

// placedFiles makes images and videos in dir that tell place, device and time.
func placedFiles(t testing.TB, dir string) {
	t.Helper()
	for _, name := range []string{"a.jpg", "a.png", "a.webp", "a.gif", "a.heic", "a.avif", "a.tif", "a.psd"} {
		tool(t, dir, "convert", "-size", "64x48", "plasma:red-blue", name)
	}
	tags := []string{"-q", "-overwrite_original", "-Make=Acme", "-Model=Phone X", "-GPSLatitude=48.8584", "-GPSLatitudeRef=N",
		"-GPSLongitude=2.2945", "-GPSLongitudeRef=E", "-DateTimeOriginal=2024:05:06 07:08:09", "-XMP:City=Paris"}
	tool(t, dir, "exiftool", append(tags, "a.jpg", "a.png", "a.webp", "a.gif", "a.heic", "a.avif", "a.tif", "a.psd")...)
	for _, name := range []string{"a.mp4", "a.mov", "a.3gp", "a.m4a", "a.mkv", "a.webm", "a.avi"} {
		args := []string{"-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.2:s=64x48", "-f", "lavfi", "-i", "sine=d=0.2", "-pix_fmt", "yuv420p",
			"-metadata", "location=+48.8584+002.2945/", "-metadata", "make=Acme", "-metadata", "creation_time=2024-05-06T07:08:09Z",
			"-metadata", "comment=Paris"}
		switch name {
		case "a.mp4", "a.mov":
			args = append(args, "-movflags", "use_metadata_tags")
		case "a.3gp":
			args = append(args, "-c:v", "mpeg4", "-c:a", "aac")
		case "a.m4a":
			args = append(args, "-vn")
		}
		tool(t, dir, "ffmpeg", append(args, name)...)
	}
}

// From no image and no video that others get, whatever its name and declared type, can they
// read where, when and with what it was made. What cannot be cleaned they do not get.
func TestMetadata_OthersGetNone(t *testing.T) {
	dir := t.TempDir()
	placedFiles(t, dir)
	s := newSite(t)
	ann, guest := s.program("ann"), s.browser()
	for _, c := range []struct{ sample, name, declared string }{
		{"a.jpg", "a.jpg", "image/jpeg"}, {"a.jpg", "x.jpg", "image/*"}, {"a.jpg", "x.jpg", "some/thing"}, {"a.jpg", "gps.jfif", ""},
		{"a.jpg", "gps.jpe", ""}, {"a.jpg", "gps", ""}, {"a.jpg", "gps.png", ""}, {"a.jpg", "gps.txt", "text/plain"}, {"a.jpg", "gps.JPG.bak", ""},
		{"a.png", "a.png", ""}, {"a.webp", "a.webp", ""}, {"a.gif", "a.gif", ""}, {"a.heic", "IMG_1.HEIC", "image/heic"}, {"a.heic", "x.jpg", ""},
		{"a.avif", "a.avif", ""}, {"a.tif", "a.tif", "image/tiff"}, {"a.tif", "scan", ""},
		{"a.mp4", "a.mp4", "video/mp4"}, {"a.mp4", "a.bin", ""}, {"a.mov", "a.mov", ""}, {"a.3gp", "a.3gp", ""}, {"a.m4a", "a.m4a", "audio/mp4"},
		{"a.mkv", "a.mkv", ""}, {"a.webm", "a.webm", ""},
	} {
		original := must(os.ReadFile(filepath.Join(dir, c.sample)))(t)
		if len(tellsPlace(t, original)) == 0 {
			t.Errorf("%s tells nothing", c.sample)
		}
		id := text(t, want(t, ann.send("PUT", "/files/"+c.name, original, "Content-Type", c.declared), http.StatusCreated), "id")
		ann.create(doc{"title": c.name, "content": "x", "files": []string{id}, "visibility": "public"})
		if f := s.settle(models.FileID(id)); f.State != models.Ready || f.Metadata != models.MetadataNone {
			t.Errorf("%s as %s: %s, metadata %q", c.sample, c.name, f.State, f.Metadata)
		}
		got := guest.get("/files/" + id + "/" + c.name)
		if got.Code != http.StatusOK {
			t.Errorf("%s as %s: a guest gets %d", c.sample, c.name, got.Code)
		}
		if found := tellsPlace(t, got.Body.Bytes()); len(found) > 0 {
			t.Errorf("%s as %s: a guest reads\n%s", c.sample, c.name, strings.Join(found, ""))
		}
		for _, path := range []string{"/files/" + id + "/original"} {
			if got := guest.get(path); got.Code == http.StatusOK {
				t.Errorf("%s: a guest gets the original", path)
			}
		}
		if got := ann.send("GET", "/files/"+id, nil); want(t, got, http.StatusOK)["metadata"] != nil {
			t.Errorf("%s: %s", c.name, got.Body)
		}
	}
}

// What cannot be cleaned is its owner's alone, in posts, shares, zips and for programs, until
// they say yes.
func TestMetadata_OwnerIsAsked(t *testing.T) {
	dir := t.TempDir()
	placedFiles(t, dir)
	for _, name := range []string{"a.avi", "a.psd", "cut.mp4"} {
		if name == "cut.mp4" {
			whole := must(os.ReadFile(filepath.Join(dir, "a.mp4")))(t)
			if err := os.WriteFile(filepath.Join(dir, name), whole[:len(whole)/2], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := newSite(t)
		mara, guest := s.registered("mara"), s.browser()
		program := s.programOf("mara")
		original := must(os.ReadFile(filepath.Join(dir, name)))(t)
		id := text(t, want(t, program.send("PUT", "/files/"+name, original), http.StatusCreated), "id")
		other := program.put("b.txt", "words")
		post := program.create(doc{"title": "T", "content": "x", "files": []string{id, other}, "visibility": "public"})
		if f := s.settle(models.FileID(id)); f.State != models.Ready || f.Metadata != models.MetadataKept {
			t.Fatalf("%s: %s, metadata %q", name, f.State, f.Metadata)
		}
		share := text(t, want(t, program.send("POST", "/shares", doc{"file_id": id}), http.StatusCreated), "url")
		shareID := must(s.shares.List(t.Context(), s.userNamed("mara"), models.Cursor{}, 1))(t).Items[0].ID
		share = strings.TrimPrefix(share, publicURL)

		others := []string{"/files/" + id + "/" + name, "/api/v1/files/" + id, "/api/v1/files/" + id + "/content",
			share + "/files/" + id + "/" + name}
		for _, path := range others {
			if got := guest.get(path); got.Code != http.StatusNotFound && got.Code != http.StatusGone {
				t.Errorf("%s: before the yes, %s = %d", name, path, got.Code)
			}
		}
		for _, path := range []string{"/posts/" + post, "/api/v1/posts/" + post, "/posts/" + post + "/zip", share} {
			if got := guest.get(path); strings.Contains(got.Body.String(), id) || bytes.Contains(got.Body.Bytes(), original[:12]) {
				t.Errorf("%s: before the yes, it is in %s", name, path)
			}
		}
		if got := mara.get("/files/" + id + "/" + name); got.Code != http.StatusOK || !bytes.Equal(got.Body.Bytes(), original) {
			t.Errorf("%s: its owner gets %d", name, got.Code)
		}
		for _, path := range []string{"/files", "/posts/" + post, "/shares/" + string(shareID)} {
			page := mara.get(path).Body.String()
			if !strings.Contains(page, "may contain location data") || !strings.Contains(page, "/files/"+id+"/allow-metadata") {
				t.Errorf("%s: %s does not ask its owner", name, path)
			}
		}
		if got := want(t, program.send("GET", "/files/"+id, nil), http.StatusOK); got["metadata"] != "kept" {
			t.Errorf("%s: %v", name, got)
		}
		nils := s.registered("nils")
		if got := nils.post("/files/"+id+"/allow-metadata", nil); got.Code != http.StatusNotFound {
			t.Errorf("%s: another user says yes: %d", name, got.Code)
		}

		if name == "a.psd" {
			if got := want(t, program.send("POST", "/files/"+id+"/allow-metadata", nil), http.StatusOK); got["metadata"] != "allowed" {
				t.Errorf("%s: %v", name, got)
			}
		} else if got := mara.post("/files/"+id+"/allow-metadata", nil); got.Header().Get("Location") != "/posts/"+post {
			t.Errorf("%s: the yes leads to %d %q", name, got.Code, got.Header().Get("Location"))
		}
		for _, path := range others {
			if got := guest.get(path); got.Code != http.StatusOK {
				t.Errorf("%s: after the yes, %s = %d", name, path, got.Code)
			}
		}
		if got := guest.get("/posts/" + post + "/zip"); !bytes.Contains(got.Body.Bytes(), original[:12]) {
			t.Errorf("%s: after the yes, it is not in the zip: %d", name, got.Code)
		}
	}
}
