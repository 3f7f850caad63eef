package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A wire is a connection with a minimal HTTP client. The load generator shares the
// processors with the servers, so it must use as little time as possible.
type wire struct {
	*net.TCPConn
	in *bufio.Reader
}

func dial(ctx context.Context, addr string, buffer int) (*wire, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(errors.New("not a TCP connection"), conn.Close())
	}
	return &wire{TCPConn: tcp, in: bufio.NewReaderSize(tcp, buffer)}, nil
}

// answer reads one response and writes its body to body, unless body is nil.
func (w *wire) answer(body *bytes.Buffer) (status int, size int64, err error) {
	line, err := w.line()
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("%q is no HTTP answer", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	length, chunked := int64(0), false
	for {
		if line, err = w.line(); err != nil {
			return status, 0, err
		}
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return status, 0, err
			}
		}
		chunked = chunked || bytes.Equal(line, []byte("Transfer-Encoding: chunked"))
	}
	if !chunked {
		return status, length, w.take(length, body)
	}
	size, err = w.chunks(body)
	return status, size, err
}

func (w *wire) chunks(body *bytes.Buffer) (size int64, err error) {
	for {
		line, err := w.line()
		if err != nil {
			return size, err
		}
		n, err := strconv.ParseInt(string(line), 16, 64)
		if err != nil {
			return size, err
		}
		if err := w.take(n, body); err != nil {
			return size, err
		}
		if _, err := w.in.Discard(2); err != nil || n == 0 {
			return size, err
		}
		size += n
	}
}

func (w *wire) take(n int64, body *bytes.Buffer) (err error) {
	if body == nil {
		_, err = w.in.Discard(int(n))
	} else {
		_, err = io.CopyN(body, w.in, n)
	}
	return err
}

func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// A load is a number of requests over several connections. Each connection waits for a
// response before it sends the next request.
type load struct {
	conns    int
	requests int           // over all connections
	limit    time.Duration // no further request is sent after this time
	buffer   int           // read buffer per connection, in bytes
	status   int           // required status of every response
	request  requestFunc
}

// A requestFunc appends a request to an empty buffer.
type requestFunc func(chance *rand.Rand, buffer []byte) []byte

// An outcome is the result of a load.
type outcome struct {
	elapsed time.Duration
	waits   []time.Duration // latencies, sorted
	bytes   int64           // of the bodies

	processor float64 // seconds of processor time of the server
}

func (o outcome) perSecond() float64     { return float64(len(o.waits)) / o.elapsed.Seconds() }
func (o outcome) mibPerSecond() float64  { return float64(o.bytes) / (1 << 20) / o.elapsed.Seconds() }
func (o outcome) p(part float64) float64 { return ms(o.waits[int(part*float64(len(o.waits)-1))]) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// run sends the load to addr.
func (l load) run(ctx context.Context, addr string) (outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wires := make([]*wire, l.conns)
	for i := range wires {
		var err error
		if wires[i], err = dial(ctx, addr, l.buffer); err != nil {
			return outcome{}, err
		}
		defer wires[i].Close()
		// A server that hangs must not block bench.
		if err := wires[i].SetDeadline(time.Now().Add(l.limit + time.Minute)); err != nil {
			return outcome{}, err
		}
	}
	var left, bytes atomic.Int64
	left.Store(int64(l.requests))
	results := make([]outcome, l.conns)
	errs := make([]error, l.conns)
	var group sync.WaitGroup
	start := time.Now()
	for i, w := range wires {
		group.Go(func() { results[i].waits, errs[i] = l.one(ctx, w, i, start, &left, &bytes) })
	}
	group.Wait()
	total := outcome{elapsed: time.Since(start), bytes: bytes.Load()}
	for _, r := range results {
		total.waits = append(total.waits, r.waits...)
	}
	slices.Sort(total.waits)
	if len(total.waits) == 0 {
		errs = append(errs, errors.New("not one answer came"))
	}
	return total, errors.Join(errs...)
}

// one sends the share of one connection.
func (l load) one(
	ctx context.Context, w *wire, seed int, start time.Time, left, size *atomic.Int64,
) (waits []time.Duration, err error) {
	chance := rand.New(rand.NewPCG(uint64(seed), 1))
	waits = make([]time.Duration, 0, l.requests/l.conns*2)
	var buffer []byte
	for left.Add(-1) >= 0 && time.Since(start) < l.limit && ctx.Err() == nil {
		buffer = l.request(chance, buffer[:0])
		sent := time.Now()
		if _, err := w.Write(buffer); err != nil {
			return waits, err
		}
		status, n, err := w.answer(nil)
		if err != nil {
			return waits, err
		}
		if status != l.status {
			return waits, fmt.Errorf("the answer is %d, not %d", status, l.status)
		}
		waits = append(waits, time.Since(sent))
		size.Add(n)
	}
	return waits, ctx.Err()
}

// get returns a function that appends the same request each time.
func get(path, headers string) requestFunc {
	text := "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"
	return func(_ *rand.Rand, buffer []byte) []byte { return append(buffer, text...) }
}
