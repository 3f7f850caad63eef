package gate

import (
	"bytes"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

const testTicketKey = models.Secret("0123456789abcdef0123456789abcdef")

func TestContentTicket_HasOneTextEach(t *testing.T) {
	a := ContentTicket{File: "AB", Variant: "C", Viewer: "D", Credential: "E"}
	b := ContentTicket{File: "A", Variant: "BC", Viewer: "D", Credential: "E"}
	c := ContentTicket{File: "AB", Variant: "C", Viewer: "DE"}
	if bytes.Equal(a.canonical(), b.canonical()) || bytes.Equal(a.canonical(), c.canonical()) {
		t.Error("two tickets have one text")
	}
	if _, err := parseTicket("", time.Unix(0, 0), "AB", ContentTicket{File: "AB", Expires: 9}.query("")); err == nil {
		t.Error("a ticket signed with an empty key is accepted")
	}
}

func FuzzParseTicket(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	good := ContentTicket{File: "ABC", Variant: ShownBytes, Inline: true, Expires: now.Unix() + 300, Viewer: "ANN", Credential: "00ff"}
	f.Add("ABC", good.query(testTicketKey))
	f.Add("ABC", good.query("another key that is long enough to be one"))
	f.Add("ABC", good.query(testTicketKey)+"&e=9999999999")
	f.Add("ABCD", "e=1&d=inline&v=shown&u=&k=&s=")
	f.Fuzz(func(t *testing.T, file, raw string) {
		got, err := parseTicket(testTicketKey, now, models.FileID(file), raw)
		if err == nil && (got != good || raw != good.query(testTicketKey)) {
			t.Errorf("%q with %q is accepted as %+v", file, raw, got)
		}
	})
}
