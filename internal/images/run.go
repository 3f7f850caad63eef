package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"example.org/cloakroom/internal/problem"
)

// refusal returns a problem with the image at the field "file".
func refusal(kind problem.Kind, format string, args ...any) error {
	return problem.At("file", problem.New(kind, format, args...))
}

func unreadable() error {
	return refusal(problem.Unsupported, "This image can't be read. It may be damaged or in an unknown format.")
}

// patient is the wait of a job: as long as its context allows.
const patient = time.Duration(math.MaxInt64)

// scan returns the header of the image in src, which costs no memory and no worker.
func (d *Decoder) scan(ctx context.Context, src io.ReadSeeker, mediaType string) (format, header, error) {
	f, ok := d.table()[mediaType]
	if !ok {
		return format{}, header{}, refusal(problem.Unsupported, "This image type isn't supported.")
	}
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	in := &source{ctx: limited, src: src}
	h, err := guard(in, f, func(f format, r *source) (header, error) { return f.read(r) })
	if err == nil {
		err = in.err // a scanner takes it for an end
	}
	return f, h, in.classify(ctx, mediaType, err)
}

// run calls work on the image in src, with its header, when it is the user's turn, and returns
// its result. It returns when ctx ends or d.Timeout has passed, even if work has not. From
// then on reads of src fail, which ends every real decoder, and only then is its worker free
// again. If no worker becomes free within wait, run returns an Unavailable problem.
func run[T any](
	ctx context.Context, d *Decoder, wait time.Duration, src io.ReadSeeker, mediaType string, limits Limits,
	work func(f format, h header, r *source) (T, error),
) (T, error) {
	var none T
	f, h, err := d.scan(ctx, src, mediaType)
	if err == nil {
		err = limits.check(h)
	}
	if err != nil {
		return none, err
	}
	asked := time.Now() //nolint:forbidigo // how long work takes is real time
	memory := h.memory()
	if f.guest != nil {
		if h.encoded, err = src.Seek(0, io.SeekEnd); err != nil {
			return none, fmt.Errorf("measuring an image: %w", err)
		}
		memory += guestMemory(h.encoded)
	}
	release, err := d.take(ctx, wait, limits.User, memory)
	begun := d.waited.since(asked)
	if err != nil {
		return none, err
	}
	timeout := d.Timeout
	if f.guest != nil {
		timeout *= guestSlowness
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer release()
		defer d.decoded.since(begun)
		in := &source{ctx: limited, src: src}
		value, err := guard(in, f, func(f format, r *source) (T, error) { return work(f, h, r) })
		done <- result{value, in.classify(ctx, mediaType, err)}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return none, r.err
		}
		return r.value, nil
	case <-limited.Done():
		return none, (&source{ctx: limited}).classify(ctx, mediaType, limited.Err())
	}
}

// guard calls work at the start of the image and turns a panic of the decoder into
// an error.
func guard[T any](in *source, f format, work func(f format, r *source) (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder panicked: %v", p)
		}
	}()
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return value, err
	}
	return work(f, in)
}

// A source reads src until its context ends. It remembers whether src itself
// failed, in which case the image is not at fault.
type source struct {
	ctx context.Context //nolint:containedctx // io.Reader has no context parameter
	src io.ReadSeeker
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.src.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) Seek(offset int64, whence int) (int64, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	at, err := s.src.Seek(offset, whence)
	if err != nil {
		s.err = err
	}
	return at, err
}

// classify returns err by its cause: a problem if the image is at fault, otherwise an error of
// the store that it was read from, or of the ended context of the caller, asker.
func (s *source) classify(asker context.Context, mediaType string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	switch {
	case asker.Err() != nil:
		return fmt.Errorf("decoding a image: %w", asker.Err())
	case s.ctx.Err() != nil:
		return refusal(problem.Unsupported, "This image takes too long to process.")
	case s.err != nil:
		return fmt.Errorf("reading a image: %w", s.err)
	}
	return fmt.Errorf("decoding %s: %v: %w", mediaType, err, unreadable()) //nolint:errorlint // callers only need the problem
}

// A sink remembers whether dst failed.
type sink struct {
	dst io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.dst.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
