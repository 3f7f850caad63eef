package images

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/problem"
)

// planted returns a Decoder with one worker that decodes images of type "test" with
// pixels.
func planted(pixels func(io.Reader) (image.Image, error)) *Decoder {
	return &Decoder{Workers: 1, Memory: 1 << 30, Timeout: time.Minute, formats: map[string]format{
		"test": {
			scan:   func(_ io.Reader, h *header) error { h.width, h.height = 1, 1; return nil },
			pixels: func(r io.Reader, _ header) (image.Image, error) { return pixels(r) },
		},
		"good": {
			scan:   func(_ io.Reader, h *header) error { h.width, h.height = 1, 1; return nil },
			pixels: func(io.Reader, header) (image.Image, error) { return image.NewGray(image.Rect(0, 0, 1, 1)), nil },
		},
	}}
}

var one = Limits{MaxSide: 1, MaxPixels: 1, MaxFrames: 1, MaxFramePixels: 1}

func (d *Decoder) check(ctx context.Context, mediaType string) error {
	_, _, err := d.Avatar(ctx, bytes.NewReader(make([]byte, 1<<20)), mediaType, one)
	return err
}

func rejected(t *testing.T, err error, words string) {
	t.Helper()
	if all := problem.All(err); len(all) != 1 || all[0].Kind != problem.Unsupported || all[0].Field != "file" ||
		!strings.Contains(all[0].Message, words) {
		t.Errorf("err = %v, want a problem at file that says %q", err, words)
	}
}

func TestRun_Panic(t *testing.T) {
	d := planted(func(io.Reader) (image.Image, error) {
		var none []byte
		_ = none[3]
		return nil, nil
	})
	for range 3 {
		rejected(t, d.check(t.Context(), "test"), "be read")
	}
	if err := d.check(t.Context(), "good"); err != nil {
		t.Errorf("the next picture: %v", err)
	}
}

// A decoder that reads endlessly is stopped, and its worker becomes free.
func TestRun_Slow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := planted(func(r io.Reader) (image.Image, error) {
			for {
				if _, err := io.ReadFull(r, make([]byte, 100<<10)); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					return nil, err
				}
				time.Sleep(time.Second) // of the bubble
			}
		})
		start := time.Now()
		rejected(t, d.check(t.Context(), "test"), "takes too long")
		if took := time.Since(start); took != d.Timeout {
			t.Errorf("it took %v, want %v", took, d.Timeout)
		}
		if err := d.check(t.Context(), "good"); err != nil {
			t.Errorf("the next picture: %v", err)
		}
	})
}

// A call returns in time even if its decoder never does. That decoder keeps its worker,
// and callers that wait for one can give up.
func TestRun_Hang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		d := planted(func(io.Reader) (image.Image, error) {
			<-free
			return nil, errors.New("too late")
		})
		rejected(t, d.check(t.Context(), "test"), "takes too long")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.check(ctx, "good"); !errors.Is(err, context.DeadlineExceeded) || problem.KindOf(err) != problem.Internal {
			t.Errorf("while all workers hang: %v", err)
		}
		close(free)
		if err := d.check(t.Context(), "good"); err != nil {
			t.Errorf("after that: %v", err)
		}
	})
}

// A visitor gets an Unavailable problem when no worker becomes free in time; a job keeps
// waiting.
func TestRun_BoundsTheWaitForAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := planted(nil)
		release := mustTake(t, d, "somebody") // the only worker is busy
		job := make(chan error)
		go func() {
			_, err := d.Thumbnails(t.Context(), bytes.NewReader(make([]byte, 1<<20)), "good", one)
			job <- err
		}()
		start := time.Now()
		err := d.check(t.Context(), "good")
		if all := problem.All(err); len(all) != 1 || all[0].Kind != problem.Unavailable || all[0].RetryIn <= 0 {
			t.Errorf("err = %v, want that it is busy", err)
		}
		if took := time.Since(start); took != d.Timeout {
			t.Errorf("it waited %v, want %v", took, d.Timeout)
		}
		go func() {
			time.Sleep(d.Timeout - 1) // of the bubble's time
			release()
		}()
		if err := d.check(t.Context(), "good"); err != nil {
			t.Errorf("a worker gets free a moment before the end: %v", err)
		}
		if err := <-job; problem.KindOf(err) == problem.Unavailable {
			t.Errorf("the job gave up: %v", err)
		}
	})
}

func mustTake(t *testing.T, d *Decoder, user string) (release func()) {
	t.Helper()
	release, err := d.take(t.Context(), time.Minute, user, 1)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// One user's images leave a worker for those of others, who go first when they have fewer;
// what needs more memory than is free waits, and runs alone if it needs more than there is.
func TestTake_UsersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Decoder{Workers: 3, Memory: 100, Timeout: time.Minute}
		var mu sync.Mutex
		running := map[string]int{}
		end := map[string]chan struct{}{"mara": make(chan struct{}), "nils": make(chan struct{}), "large": make(chan struct{})}
		start := func(user string, memory int64) {
			go func() {
				release, err := d.take(t.Context(), time.Hour, user, memory)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running[user]++
				mu.Unlock()
				<-end[user]
				mu.Lock()
				running[user]--
				mu.Unlock()
				release()
			}()
			synctest.Wait()
		}
		want := func(when string, mara, nils, large int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if running["mara"] != mara || running["nils"] != nils || running["large"] != large {
				t.Errorf("%s: %v, want %d, %d, %d", when, running, mara, nils, large)
			}
		}
		for range 5 {
			start("mara", 10)
		}
		want("alone, mara has all workers but one", 2, 0, 0)
		start("nils", 10)
		want("nils does not wait", 2, 1, 0)
		start("nils", 10)
		end["mara"] <- struct{}{}
		want("mara and nils have one each, and nils waited shorter", 2, 1, 0)
		end["mara"] <- struct{}{}
		want("again", 2, 1, 0)
		end["nils"] <- struct{}{}
		want("nils is next", 2, 1, 0)
		start("large", 1000)
		end["mara"] <- struct{}{}
		end["mara"] <- struct{}{}
		end["mara"] <- struct{}{}
		want("what needs all memory waits for nils", 0, 1, 0)
		start("nils", 1)
		want("and keeps the next from going first", 0, 1, 0)
		end["nils"] <- struct{}{}
		want("it runs alone", 0, 0, 1)
		end["large"] <- struct{}{}
		want("then the next", 0, 1, 0)
		end["nils"] <- struct{}{}
		want("all is done", 0, 0, 0)
	})
}

// An image is not rejected because its sender disconnects.
func TestRun_Cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := planted(func(r io.Reader) (image.Image, error) {
			cancel()
			_, err := io.Copy(io.Discard, r)
			return nil, err
		})
		if err := d.check(ctx, "test"); !errors.Is(err, context.Canceled) || problem.KindOf(err) != problem.Internal {
			t.Errorf("err = %v", err)
		}
	})
}

// No more decoders run at once than there are workers.
func TestRun_BoundsConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := make(chan struct{}, 100), 0
		d := planted(func(io.Reader) (image.Image, error) {
			running <- struct{}{}
			most = max(most, len(running)) // ordered by the workers' channel
			time.Sleep(time.Second)        // of the bubble's time
			<-running
			return image.NewGray(image.Rect(0, 0, 1, 1)), nil
		})
		done := make(chan error)
		for range 10 {
			go func() { done <- d.check(t.Context(), "test") }()
		}
		for range 10 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most != 1 {
			t.Errorf("%d decoders ran at once", most)
		}
	})
}

// The optimised mean agrees with a simple one.
func TestMean(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		in := plane{w: 1 + chance.IntN(90), h: 1 + chance.IntN(90)}
		in.stride = in.w + chance.IntN(9)
		in.pix = make([]byte, in.stride*(in.h-1)+in.w)
		for i := range in.pix {
			in.pix[i] = byte(chance.Uint32())
		}
		out := plane{w: 1 + chance.IntN(60), h: 1 + chance.IntN(60)}
		out.stride = out.w
		out.pix = make([]byte, out.w*out.h)
		out.mean(in)
		for y := range out.h {
			for x := range out.w {
				want := slowMean(in, x, y, out.w, out.h)
				// A weight is off by at most half of 1/256, in both directions.
				if got := float64(out.pix[y*out.stride+x]); math.Abs(got-want) > 3 {
					t.Fatalf("%d × %d to %d × %d: at %d, %d there is %v, want %.1f", in.w, in.h, out.w, out.h, x, y, got, want)
				}
			}
		}
	}
}

func slowMean(in plane, x, y, w, h int) float64 {
	overlap := func(k, i, from, to int) float64 {
		size := float64(from) / float64(to)
		return max(0, min(float64(k+1), float64(i+1)*size)-max(float64(k), float64(i)*size)) / size
	}
	sum := 0.0
	for v := range in.h {
		for u := range in.w {
			sum += overlap(u, x, in.w, w) * overlap(v, y, in.h, h) * float64(in.pix[v*in.stride+u])
		}
	}
	return sum
}

// An image of one colour keeps its brightness, because weights add up to whole.
func TestMean_Flat(t *testing.T) {
	for _, value := range []byte{0, 1, 127, 128, 254, 255} {
		for _, size := range []int{1, 7, 8, 9, 100, 1000, 4001} {
			in := plane{pix: bytes.Repeat([]byte{value}, size*3), stride: size, w: size, h: 3}
			out := plane{pix: make([]byte, 7*2), stride: 7, w: 7, h: 2}
			out.mean(in)
			if !bytes.Equal(out.pix, bytes.Repeat([]byte{value}, 14)) {
				t.Errorf("%d pixels of %d become %v", size, value, out.pix)
			}
		}
	}
}

// A colour profile is only used for the colour space that it was made for.
func TestHeader_Fits(t *testing.T) {
	gray, colours := image.NewGray(image.Rect(0, 0, 1, 1)), image.NewNRGBA(image.Rect(0, 0, 1, 1))
	for _, c := range []struct {
		h    header
		img  image.Image
		want bool
	}{
		{header{components: 3, icc: []byte("x")}, colours, true},
		{header{components: 3, icc: []byte("x")}, gray, false},
		{header{components: 1, icc: []byte("x")}, gray, true},
		{header{components: 1, icc: []byte("x")}, colours, false},
		{header{components: 4, icc: []byte("x")}, colours, false}, // CMYK is decoded to RGB
		{header{components: 3}, colours, false},
	} {
		if got := c.h.fits(c.img); got != c.want {
			t.Errorf("%+v, %T: %v", c.h, c.img, got)
		}
	}
}

// EXIF data can affect the orientation only, and never causes a panic.
func FuzzOrientation(f *testing.F) {
	for o := range orientation(10) {
		f.Add(onlyOrientation(o))
	}
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, exif []byte) {
		o := exifOrientation(exif)
		if o < 1 || o > 8 {
			t.Errorf("%q has orientation %d", exif, o)
		}
		if again := exifOrientation(onlyOrientation(o)); again != o {
			t.Errorf("%d written is %d", o, again)
		}
	})
}
