package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// An uploadRequest holds the request around the large file: the headers, and what precedes
// and follows the file in the body.
type uploadRequest struct{ head, before, after string }

const boundary = "a-boundary-of-the-bench"

func (a account) raw() uploadRequest {
	return uploadRequest{head: "PUT /api/v1/files/" + largeName + " HTTP/1.1\r\nHost: localhost\r\n" +
		"Content-Type: application/octet-stream\r\n" + a.bearer}
}

func (a account) multipart() uploadRequest {
	return form("POST /files HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\n" + a.cookie)
}

func form(head string) uploadRequest {
	return uploadRequest{
		head: head + "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=" + boundary + "\r\n",
		before: "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + largeName +
			"\"\r\nContent-Type: application/octet-stream\r\n\r\n",
		after: "\r\n--" + boundary + "--\r\n",
	}
}

// upload sends the large file and returns its path on our server. It uses sendfile, so the
// client costs little processor time.
func (b *bench) upload(ctx context.Context, addr string, s uploadRequest) (path string, err error) {
	w, err := dial(ctx, addr, smallReads)
	if err != nil {
		return "", err
	}
	defer w.Close()
	if err := w.SetDeadline(time.Now().Add(10 * time.Minute)); err != nil {
		return "", err
	}
	f, err := os.Open(b.source())
	if err != nil {
		return "", err
	}
	defer f.Close()
	length := int64(len(s.before)+len(s.after)) + b.size
	if _, err := fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", s.head, length, s.before); err != nil {
		return "", err
	}
	_, sent := io.Copy(w.TCPConn, f)
	if sent == nil && s.after != "" {
		_, sent = io.WriteString(w, s.after)
	}
	var body bytes.Buffer
	status, _, err := w.answer(&body)
	if err == nil && status != 201 {
		err = fmt.Errorf("the answer is %d: %.500s", status, body.String())
	}
	if err != nil || body.Len() == 0 {
		return "", errors.Join(err, sent)
	}
	var file struct{ ID string }
	err = json.Unmarshal(body.Bytes(), &file)
	return "/files/" + file.ID + "/" + largeName, errors.Join(err, sent)
}

// uploads measures both kinds of upload against a bare server, without and with waiting for
// the disk.
func (b *bench) uploads(ctx context.Context) error {
	for _, way := range []struct {
		name       string
		ours, bare func(query string) uploadRequest
		aim        float64
	}{
		{"raw", func(string) uploadRequest { return b.owner.raw() }, func(query string) uploadRequest {
			return uploadRequest{head: "PUT /files/" + largeName + query + " HTTP/1.1\r\nHost: localhost\r\n"}
		}, 0.40},
		{"multipart", func(string) uploadRequest { return b.owner.multipart() }, func(query string) uploadRequest {
			return form("POST /files" + query + " HTTP/1.1\r\nHost: localhost\r\n")
		}, 0.30},
	} {
		var figures [3][]float64
		for range b.rounds {
			for i, send := range []func() (float64, error){
				func() (float64, error) { return b.timeOurs(ctx, way.ours("")) },
				func() (float64, error) { return b.timeBare(ctx, way.bare("")) },
				func() (float64, error) { return b.timeBare(ctx, way.bare("?sync=1")) },
			} {
				got, err := send()
				if err != nil {
					return fmt.Errorf("%s: %w", way.name, err)
				}
				figures[i] = append(figures[i], got)
			}
		}
		name := fmt.Sprintf("upload of %d MiB, %s", b.size>>20, way.name)
		b.table.ratio(name, "MiB/s", figures[0], figures[1], way.aim)
		b.table.ratio("  and bare syncs too", "MiB/s", figures[0], figures[2], 0)
	}
	return nil
}

// timeOurs returns the speed of one upload, and deletes the file.
func (b *bench) timeOurs(ctx context.Context, s uploadRequest) (float64, error) {
	settle()
	before, err := b.stored()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	path, err := b.upload(ctx, b.ours.addr, s)
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	return b.speed(took), b.remove(ctx, before, path)
}

func (b *bench) timeBare(ctx context.Context, s uploadRequest) (float64, error) {
	settle()
	start := time.Now()
	_, err := b.upload(ctx, b.bare.addr, s)
	took := time.Since(start)
	kept, _ := filepath.Glob(filepath.Join(b.bareDir(), uploadPattern))
	for _, name := range kept {
		err = errors.Join(err, os.Remove(name))
	}
	return b.speed(took), err
}

func (b *bench) speed(took time.Duration) float64 {
	return float64(b.size) / (1 << 20) / took.Seconds()
}

// remove deletes uploads from our server and waits until their bytes are deleted too.
func (b *bench) remove(ctx context.Context, before int, paths ...string) error {
	for _, path := range paths {
		_, _, err := b.owner.send(ctx, b.ours.addr, filepath.Dir(path)+"/delete", "application/x-www-form-urlencoded",
			&bytes.Buffer{}, 303)
		if err != nil {
			return err
		}
	}
	for range 600 {
		if now, err := b.stored(); err != nil || now <= before {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the bytes of a deleted file are still there")
}

// stored returns the number of files in our server's store.
func (b *bench) stored() (n int, err error) {
	err = filepath.WalkDir(filepath.Join(b.oursDir(), "uploads"), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			n++
		}
		return err
	})
	return n, err
}

// memory measures the memory growth of a fresh server during one large upload, and during
// eight.
func (b *bench) memory(ctx context.Context) error {
	for _, way := range []struct {
		name string
		uploadRequest
	}{{"raw", b.owner.raw()}, {"multipart", b.owner.multipart()}} {
		for _, most := range []struct {
			uploads int
			aim     float64
		}{{1, 32}, {8, 64}} {
			var grown []float64
			// Eight uploads are a sample of eight already, and take long.
			for range max(1, b.rounds/most.uploads) {
				got, err := b.growth(ctx, way.uploadRequest, most.uploads)
				if err != nil {
					return err
				}
				grown = append(grown, got)
			}
			b.table.most(fmt.Sprintf("memory for %d %s of %d MiB", most.uploads, way.name, b.size>>20), "MiB", median(grown), most.aim)
		}
	}
	return nil
}

func (b *bench) growth(ctx context.Context, s uploadRequest, uploads int) (float64, error) {
	err := b.ours.stop()
	if err != nil {
		return 0, err
	}
	if b.ours, err = startOurs(ctx, b.server, b.oursDir()); err != nil {
		return 0, err
	}
	stored, err := b.stored()
	if err != nil {
		return 0, err
	}
	before, err := b.ours.memory("VmRSS")
	if err = errors.Join(err, b.ours.forgetPeak()); err != nil {
		return 0, err
	}
	paths, errs := make([]string, uploads), make([]error, uploads)
	var group sync.WaitGroup
	for i := range uploads {
		group.Go(func() { paths[i], errs[i] = b.upload(ctx, b.ours.addr, s) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	peak, err := b.ours.memory("VmHWM")
	return peak - before, errors.Join(err, b.remove(ctx, stored, paths...))
}
