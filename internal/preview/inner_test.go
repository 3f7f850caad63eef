package preview

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// The site's bounds are those that are documented; other tests set lower ones.
func TestNewMaker_HasTheBounds(t *testing.T) {
	want := bounds{highlight: time.Second, listing: 5 * time.Second, counted: 100_000, unpacked: 256 << 20, xml: 32 << 20}
	if got := NewMaker(1, 0).bounds; got != want {
		t.Errorf("they are %+v, want %+v", got, want)
	}
}

// When the time for its colours is over, a text is shown without them, and when the time for
// its list is over, an archive is a card. The next preview gets its turn.
func TestMake_TimeIsBounded(t *testing.T) {
	m := NewPatientMaker(1, 0)
	patient := m.bounds
	for _, late := range []bool{true, false} {
		m.bounds = patient
		if late {
			m.bounds.highlight, m.bounds.listing = -1, -1
		}
		code := "package a"
		p, err := m.Make(t.Context(), Source{
			Name: "a.go", Kind: models.KindText, Content: strings.NewReader(code), Size: int64(len(code)),
		}, false)
		if err != nil || len(p.Lines) != 1 || (p.Lines[0].Spans[0].Class == "") != late {
			t.Errorf("a text, late is %t: %+v, %v", late, p.Lines, err)
		}
		m.colouring <- struct{}{} // it has ended
		<-m.colouring
		archive := "PK\x01\x02" + strings.Repeat("\x00", zipEntryLen-4) + // a zip of one entry
			"PK\x05\x06" + strings.Repeat("\x00", 8) + "\x2e" + strings.Repeat("\x00", 9)
		p, err = m.Make(t.Context(), Source{
			Name: "a.zip", Kind: models.KindArchive, Content: strings.NewReader(archive), Size: int64(len(archive)),
		}, false)
		if err != nil || (p.Kind == Card) != late {
			t.Errorf("an archive, late is %t: %+v, %v", late, p, err)
		}
	}
}

// While a text is being coloured, others are shown without colours, and wait for nothing.
func TestCode_OneIsColouredAtATime(t *testing.T) {
	m := NewPatientMaker(1, time.Minute)
	for _, busy := range []bool{false, true, false} {
		if busy {
			m.colouring <- struct{}{}
		}
		text := "package a"
		p, err := m.Make(t.Context(), Source{
			Name: "a.go", Kind: models.KindText, Content: strings.NewReader(text), Size: int64(len(text)),
		}, false)
		if err != nil || len(p.Lines) != 1 || (p.Lines[0].Spans[0].Class == "") != busy {
			t.Errorf("busy is %t: %+v, %v", busy, p.Lines, err)
		}
		if busy {
			<-m.colouring
		}
	}
}

// Time is asked for at each read of decompressed bytes, of which a few bytes can give many.
func TestBounded_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &bounded{ctx: ctx, r: strings.NewReader("abc"), left: 3}
	one := make([]byte, 1)
	if n, err := b.Read(one); n != 1 || err != nil {
		t.Errorf("before: %d, %v", n, err)
	}
	cancel()
	if n, err := b.Read(one); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after: %d, %v", n, err)
	}
}
