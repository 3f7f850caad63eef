package preview

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// While a text is being coloured, others are shown without colours, and wait for nothing.
func TestCode_OneIsColouredAtATime(t *testing.T) {
	m := NewMaker(1, time.Minute)
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
