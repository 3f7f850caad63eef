package media_test

import (
	"bytes"
	"strings"
	"testing"
)

// Of the data of a movie only the samples are left that a track which is seen or heard refers
// to: not those of a track of metadata, and not what lies between.
func TestClean_KeepsOnlySamplesThatAreShown(t *testing.T) {
	for _, c := range []struct {
		name, handler, extra string
		want, gone           []string
	}{
		{"a video", "vide", "", []string{"sample", "avc1"}, []string{"secret", "place", "Acme", "appl", "+48.8", "\xe2\x01\x02\x03"}},
		{"a track with its own box", "vide", atom("uuid", "Paris"), []string{"sample"}, []string{"Paris", "uuid"}},
		{"a track of places", "meta", "", nil, []string{"sample", "secret", "place", "trak"}},
		{"a time code", "tmcd", "", nil, []string{"sample", "trak"}},
		{"subtitles", "text", "", []string{"sample", "trak"}, []string{"secret"}},
	} {
		out, err := clean(t, []byte(movie(c.handler, c.extra)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, word := range c.want {
			if !bytes.Contains(out, []byte(word)) {
				t.Errorf("%s: %q is gone", c.name, word)
			}
		}
		for _, word := range c.gone {
			if bytes.Contains(out, []byte(word)) {
				t.Errorf("%s: %q is left", c.name, word)
			}
		}
	}
	// A drone writes its way as subtitles.
	drone := strings.Replace(movie("text", ""), "sample", "[GPS: ", 1)
	if out, err := clean(t, []byte(drone)); err != nil || bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("trak")) {
		t.Errorf("the way of a drone is left: %v", err)
	}
}

// What is not as its format says is not cleaned, and not given out as clean.
func TestClean_Refuses(t *testing.T) {
	good := movie("vide", "")
	fragment := atom("moof", atom("mfhd", "\x00\x00\x00\x00\x00\x00\x00\x01"))
	for name, src := range map[string]string{
		"a movie without its tables":  good[:strings.Index(good, "moov")-4],
		"a movie cut in its tables":   good[:len(good)-9],
		"a raw file of Canon":         atom("ftyp", "crx \x00\x00\x00\x01crx ") + good[20:],
		"fragments and places":        movie("meta", "") + fragment,
		"a raw file that is a TIFF":   "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x4a\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00",
		"a TIFF of 64 bits":           "MM\x00+\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10",
		"a TIFF cut in its directory": "MM\x00*\x00\x00\x00\x08\x00\x09",
		"Matroska without tracks":     "\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01\x18\x53\x80\x67\xff",
		"AVI":                         "RIFF\x00\x00\x00\x00AVI LIST",
		"garbage behind a movie":      good + "garbage",
	} {
		if out, err := clean(t, []byte(src)); err == nil || len(out) > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, len(out))
		}
	}
	// A movie that was cut in its data is cleaned: players show what is there.
	front := strings.Index(good, "mdat") - 4
	mdat := good[front : front+8+17]
	cut := good[:front] + good[front+len(mdat):] + mdat[:20]
	if _, err := clean(t, []byte(cut)); err != nil {
		t.Errorf("a movie cut in its data: %v", err)
	}
}
