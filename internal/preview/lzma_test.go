package preview

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// raw returns content as xz packs it with a filter and no head.
func raw(t *testing.T, filter string, content []byte) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "xz", "--format=raw", filter, "-c")
	cmd.Stdin = bytes.NewReader(content)
	packed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// What xz packs is unpacked: short and long distances, repeated ones, and what cannot be packed.
func TestLZMA(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		testenv.Missing(t, "xz", "install xz-utils")
		return
	}
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 150<<10)
	random.Read(noise) //nolint:errcheck // it never fails
	mixed := []byte(strings.Repeat("to be or not to be, ", 9000) + string(noise[:100<<10]))
	for i := range 800 {
		at := i * 7919 % (len(mixed) - 300)
		mixed = append(append(mixed, mixed[at:at+i%290]...), byte(i))
	}
	unpack := map[string]func([]byte, byte, int) ([]byte, error){
		"--lzma1": func(packed []byte, props byte, n int) ([]byte, error) {
			return unpackLZMA(t.Context(), packed, []byte{props, 0, 0, 1, 0}, n)
		},
		"--lzma2": func(packed []byte, _ byte, n int) ([]byte, error) { return unpackLZMA2(t.Context(), packed, n) },
	}
	for name, content := range map[string][]byte{"one": {7}, "noise": noise, "mixed": mixed, "zeros": make([]byte, 3<<20)} {
		for properties, b := range map[string]byte{"lc=3,lp=0,pb=2": 93, "lc=0,lp=4,pb=0": 36, "lc=4,lp=0,pb=4": 184, "lc=1,lp=2,pb=3": 154} {
			for filter, unpack := range unpack {
				packed := raw(t, filter+"="+properties, content)
				got, err := unpack(packed, b, len(content))
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("%s %s %s: %d of %d bytes, %v", filter, properties, name, len(got), len(content), err)
				}
				for _, n := range []int{0, 1, 4, len(packed) / 2, len(packed) - 8} {
					if got, err := unpack(packed[:max(0, min(n, len(packed)))], b, len(content)); err == nil && len(content) > 1 {
						t.Errorf("%s %s of %d bytes of %d: %d", filter, name, n, len(packed), len(got))
					}
				}
				if got, _ := unpack(packed, b, len(content)-1); len(got) >= len(content) {
					t.Errorf("%s %s: a byte less than there is: %d", filter, name, len(got))
				}
				if got, err := unpack(packed, b, len(content)+1); err == nil || len(got) > len(content)+1 {
					t.Errorf("%s %s: a byte more than there is: %d, %v", filter, name, len(got), err)
				}
			}
		}
	}
}

// Time is asked for while bytes are unpacked.
func TestLZMA_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := unpackLZMA(ctx, make([]byte, 99), make([]byte, 5), 9); len(got) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// No bytes make the decoders write more than they may, or read what is not there.
func FuzzLZMA(f *testing.F) {
	f.Add(byte(93), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(byte(93), []byte{1, 0, 2, 'a', 'b', 'c', 0xc0, 0, 9, 0, 9, 93, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0})
	f.Fuzz(func(t *testing.T, properties byte, packed []byte) {
		const most = 1 << 16
		one, err := unpackLZMA(t.Context(), packed, []byte{properties, 0, 0, 0, 0}, most)
		two, err2 := unpackLZMA2(t.Context(), packed, most)
		if len(one) > most || len(two) > most || (err == nil) != (len(one) == most) || (err2 == nil) != (len(two) == most) {
			t.Errorf("%d bytes, %v; %d bytes, %v", len(one), err, len(two), err2)
		}
	})
}
