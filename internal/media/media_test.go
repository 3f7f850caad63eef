package media_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/media"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// packages are those of Debian that have the programs.
var packages = map[string]string{"exiftool": "libimage-exiftool-perl", "ffmpeg": "ffmpeg", "convert": "imagemagick"}

// tool runs a program in a directory, and returns what it says.
func tool(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		testenv.Missing(t, name, "install "+packages[name])
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// private is what a sample holds of place, device and time.
var private = []string{"48.8", "2.29", "48 deg", "Acme", "Phone X", "2024", "Paris"}

// tells returns what exiftool finds of these in a file. The file's own times are no part of it.
func tells(t testing.TB, path string) (found []string) {
	t.Helper()
	all := tool(t, filepath.Dir(path), "exiftool", "-G1", "-a", "-ee3", "-u", "-s", "-x", "System:all", "-x", "ICC-header:all", "-x",
		"ExifToolVersion", filepath.Base(path))
	for line := range strings.Lines(all) {
		for _, word := range private {
			if strings.Contains(line, word) {
				found = append(found, line)
				break
			}
		}
	}
	return found
}

// clean returns a clean copy of src, of the format that its bytes show.
func clean(t testing.TB, src []byte) ([]byte, error) {
	t.Helper()
	format, _ := media.Of(src[:min(len(src), 16<<10)], "")
	var out bytes.Buffer
	err := media.Clean(&out, bytes.NewReader(src), int64(len(src)), format)
	if err != nil && problem.KindOf(err) != problem.Unsupported {
		t.Fatalf("it fails with %v", err)
	}
	if err == nil && out.Len() != len(src) {
		t.Fatalf("the copy has %d bytes, want %d", out.Len(), len(src))
	}
	return out.Bytes(), err
}

const (
	seen  = "testsrc=d=1:s=160x120"
	heard = "sine=d=1"
)

// video makes a video that tells place, device and time, with more arguments for ffmpeg.
func video(t testing.TB, dir, name string, more ...string) {
	t.Helper()
	args := []string{"-v", "error", "-y", "-f", "lavfi", "-i", seen, "-f", "lavfi", "-i", heard, "-pix_fmt", "yuv420p", "-metadata",
		"location=+48.8584+002.2945/", "-metadata", "creation_time=2024-05-06T07:08:09Z", "-metadata", "make=Acme", "-metadata",
		"model=Phone X", "-metadata", "comment=Paris"}
	tool(t, dir, "ffmpeg", append(append(args, more...), name)...)
}

// samples makes files that tell place, device and time, and returns their names.
func samples(t testing.TB, dir string) []string {
	t.Helper()
	video(t, dir, "plain.mp4")
	video(t, dir, "keys.mp4", "-movflags", "use_metadata_tags")
	video(t, dir, "front.mp4", "-movflags", "use_metadata_tags+faststart")
	video(t, dir, "keys.mov", "-movflags", "use_metadata_tags")
	video(t, dir, "timecode.mov", "-timecode", "20:24:20:24")
	video(t, dir, "fragments.mp4", "-movflags", "frag_keyframe+empty_moov+use_metadata_tags")
	video(t, dir, "phone.3gp", "-c:v", "h263", "-s", "352x288", "-c:a", "aac")
	video(t, dir, "voice.m4a", "-vn")
	video(t, dir, "plain.mkv")
	video(t, dir, "plain.webm", "-c:v", "libvpx", "-c:a", "libvorbis")
	video(t, dir, "live.webm", "-c:v", "libvpx", "-c:a", "libvorbis", "-f", "webm", "-live", "1")
	names := []string{"plain.mp4", "keys.mp4", "front.mp4", "keys.mov", "timecode.mov", "fragments.mp4", "phone.3gp", "voice.m4a",
		"plain.mkv", "plain.webm", "live.webm"}

	for _, name := range []string{"a.heic", "a.avif", "a.tif", "strips.tif", "deflated.tif"} {
		args := []string{"-size", "320x240", "plasma:red-blue"}
		if name == "strips.tif" {
			args = append(args, "-define", "tiff:rows-per-strip=3")
		}
		if name == "deflated.tif" {
			args = append(args, "-compress", "zip")
		}
		tool(t, dir, "convert", append(args, name)...)
		names = append(names, name)
	}
	tags := []string{"-q", "-overwrite_original", "-GPSLatitude=48.8584", "-GPSLatitudeRef=N", "-GPSLongitude=2.2945", "-GPSLongitudeRef=E",
		"-Make=Acme", "-Model=Phone X", "-DateTimeOriginal=2024:05:06 07:08:09", "-XMP:City=Paris", "-XMP:CreateDate=2024:05:06 07:08:09"}
	tool(t, dir, "exiftool", append(tags, "a.heic", "a.avif", "a.tif", "strips.tif", "deflated.tif")...)
	tool(t, dir, "exiftool", "-q", "-overwrite_original", "-XMP:City=Paris", "-Keys:GPSCoordinates=48.8584 2.2945 30", "-Keys:Make=Acme",
		"-UserData:GPSCoordinates=48.8584 2.2945 30", "keys.mov", "front.mp4")
	return names
}

// What exiftool finds of place, device and time in a sample, it does not find in the copy, and
// the copy shows and sounds the same.
func TestClean_Samples(t *testing.T) {
	dir := t.TempDir()
	for _, name := range samples(t, dir) {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if found := tells(t, filepath.Join(dir, name)); len(found) == 0 {
			t.Errorf("%s: the sample tells nothing", name)
		}
		out, err := clean(t, src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		copied := filepath.Join(dir, "clean-"+name)
		if err := os.WriteFile(copied, out, 0o600); err != nil {
			t.Fatal(err)
		}
		if found := tells(t, copied); len(found) > 0 {
			t.Errorf("%s: the copy tells\n%s", name, strings.Join(found, ""))
		}
		for _, word := range []string{"Acme", "Phone X", "Paris", "+48.8584"} {
			if bytes.Contains(out, []byte(word)) {
				t.Errorf("%s: the copy holds %q", name, word)
			}
		}
		if want, got := shown(t, dir, name), shown(t, dir, "clean-"+name); want != got {
			t.Errorf("%s: the copy shows\n%s want\n%s", name, got, want)
		}
		again, err := clean(t, out)
		if err != nil || !bytes.Equal(again, out) {
			t.Errorf("%s: cleaning twice changes it: %v", name, err)
		}
	}
}

// shown returns the hash of each stream that is seen or heard, once decoded.
func shown(t testing.TB, dir, name string) string {
	t.Helper()
	if strings.HasSuffix(name, ".heic") || strings.HasSuffix(name, ".avif") || strings.HasSuffix(name, ".tif") {
		return tool(t, dir, "convert", name, "-format", "%w %h %#", "info:")
	}
	out := tool(t, dir, "ffmpeg", "-v", "error", "-i", name, "-map", "0:v?", "-map", "0:a?", "-f", "streamhash", "-hash", "md5", "-")
	return out
}

// What we do not know how to clean is told from what there is nothing to clean in.
func TestOf(t *testing.T) {
	for name, c := range map[string]struct {
		head string
		want media.Format
	}{
		"text":        {"just text", media.Plain},
		"empty":       {"", media.Plain},
		"PDF":         {"%PDF-1.7", media.Plain},
		"MP3":         {"ID3\x03\x00\x00\x00\x00\x00\x00", media.Plain},
		"BMP":         {"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", media.Plain},
		"JPEG":        {"\xff\xd8\xff\xe0", media.Image},
		"WebP":        {"RIFF\x00\x00\x00\x00WEBPVP8 ", media.Image},
		"MP4":         {"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", media.Boxes},
		"old MOV":     {"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", media.Boxes},
		"WebM":        {"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01", media.EBML},
		"TIFF":        {"MM\x00*\x00\x00\x00\x08\x00\x00", media.TIFF},
		"AVI":         {"RIFF\x00\x00\x00\x00AVI LIST", media.Opaque},
		"Fuji":        {"FUJIFILMCCD-RAW 0201", media.Opaque},
		"Photoshop":   {"8BPS\x00\x01\x00\x00\x00\x00\x00\x00", media.Opaque},
		"JPEG XL":     {"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a", media.Opaque},
		"WMV":         {"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", media.Opaque},
		"FLV":         {"FLV\x01\x05\x00\x00\x00\x09", media.Opaque},
		"EPS preview": {"\xc5\xd0\xd3\xc6\x20\x00\x00\x00%!PS", media.Opaque},
		"a camcorder": {strings.Repeat("\x00\x00\x00\x00\x47"+strings.Repeat("\x00", 187), 5), media.Opaque},
	} {
		if got, _ := media.Of([]byte(c.head), ""); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What was decided to be an image or a video is never plain, whatever it begins with.
func TestOf_WhatWasDecided(t *testing.T) {
	junk := []byte("\x00\x01\x11\x78junk\x00\x00\x00\x00")
	for mediaType, want := range map[string]media.Format{
		"video/mp4": media.Boxes, "video/quicktime": media.Boxes, "audio/mp4": media.Boxes, "image/heic": media.Boxes, "video/webm": media.EBML,
		"video/ogg": media.Opaque, "image/x-icon": media.Opaque, "image/bmp": media.Plain, "text/plain": media.Plain, "": media.Plain,
	} {
		if got, _ := media.Of(junk, mediaType); got != want {
			t.Errorf("%s: %v, want %v", mediaType, got, want)
		}
	}
}

// Pictures and texts that tell a place by themselves are not taken for clean.
func TestClean_RefusesWhatTellsInside(t *testing.T) {
	dir := t.TempDir()
	srt := "1\n00:00:00,000 --> 00:00:01,000\n[latitude: 47.1234] [longitude: 8.5432]\n"
	if err := os.WriteFile(filepath.Join(dir, "s.srt"), []byte(srt), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"mjpeg.mov": {"-c:v", "mjpeg"}, "mjpeg.mkv": {"-c:v", "mjpeg"}, "srt.mkv": {"-i", "s.srt", "-c:s", "srt"},
		"fragments.mp4": {"-i", "s.srt", "-c:s", "mov_text", "-movflags", "frag_keyframe+empty_moov"},
	} {
		tool(t, dir, "ffmpeg", append(append([]string{"-v", "error", "-f", "lavfi", "-i", seen}, args...), name)...)
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := clean(t, src); err == nil {
			t.Errorf("%s is taken for clean", name)
		}
	}
}
