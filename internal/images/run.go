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

// run calls work on the image in src when a worker is free, and returns its
// result. It returns when ctx ends or d.Timeout has passed, even if work has not.
// From then on reads of src fail, which ends every real decoder, and only then is
// its worker free again. If no worker becomes free within wait, run returns an
// Unavailable problem.
func run[T any](
	ctx context.Context, d *Decoder, wait time.Duration, src io.ReadSeeker, mediaType string,
	work func(f format, r io.ReadSeeker) (T, error),
) (T, error) {
	var none T
	f, ok := d.table()[mediaType]
	if !ok {
		return none, refusal(problem.Unsupported, "This image type isn't supported.")
	}
	if err := d.turn(ctx, wait); err != nil {
		return none, err
	}
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()

	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-d.Workers }()
		in := &source{ctx: limited, src: src}
		value, err := guard(in, f, work)
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

// patient is the wait of a job: as long as its context allows.
const patient = time.Duration(math.MaxInt64)

// turn acquires a worker, or returns an Unavailable problem after wait.
func (d *Decoder) turn(ctx context.Context, wait time.Duration) error {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case d.Workers <- struct{}{}:
		return nil
	case <-late.C:
		busy := problem.New(problem.Unavailable, "The server is busy with other images. Try again in a moment.")
		busy.RetryIn = d.Timeout
		return problem.At("file", busy)
	case <-ctx.Done():
		return fmt.Errorf("waiting to decode a image: %w", ctx.Err())
	}
}

// guard calls work at the start of the image and turns a panic of the decoder into
// an error.
func guard[T any](in *source, f format, work func(f format, r io.ReadSeeker) (T, error)) (value T, err error) {
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
