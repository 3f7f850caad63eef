package handlers

import (
	"bytes"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

const testLinkKey = models.Secret("0123456789abcdef0123456789abcdef")

func TestContentLink_HasOneTextEach(t *testing.T) {
	a := contentLink{file: "AB", variant: "C", viewer: "D", credential: "E"}
	b := contentLink{file: "A", variant: "BC", viewer: "D", credential: "E"}
	c := contentLink{file: "AB", variant: "C", viewer: "DE"}
	if bytes.Equal(a.canonical(), b.canonical()) || bytes.Equal(a.canonical(), c.canonical()) {
		t.Error("two links have one text")
	}
	if _, err := parseLink("", time.Unix(0, 0), "AB", contentLink{file: "AB", expires: 9}.query("")); err == nil {
		t.Error("a link signed with an empty key is taken")
	}
}

func FuzzParseLink(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	good := contentLink{file: "ABC", variant: shownBytes, inline: true, expires: now.Unix() + 300, viewer: "ANN", credential: "00ff"}
	f.Add("ABC", good.query(testLinkKey))
	f.Add("ABC", good.query("another key that is long enough to be one"))
	f.Add("ABC", good.query(testLinkKey)+"&e=9999999999")
	f.Add("ABCD", "e=1&d=inline&v=shown&u=&k=&s=")
	f.Fuzz(func(t *testing.T, file, raw string) {
		got, err := parseLink(testLinkKey, now, models.FileID(file), raw)
		if err == nil && (got != good || raw != good.query(testLinkKey)) {
			t.Errorf("%q with %q is taken as %+v", file, raw, got)
		}
	})
}
