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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An uploadRequest holds the request around the large file: the headers, and what precedes
// and follows the file in the body.
type uploadRequest struct{ head, before, after string }

const (
	boundary   = "a-boundary-of-the-bench"
	connection = "CONNECTION" // in a head: the number of the connection
)

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

// upload sends a part of the large file and returns its path on our server. It uses sendfile,
// so the client costs little processor time.
func (b *bench) upload(ctx context.Context, addr string, s uploadRequest, from, size int64) (path string, err error) {
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
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return "", err
	}
	length := int64(len(s.before)+len(s.after)) + size
	if _, err := fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", s.head, length, s.before); err != nil {
		return "", err
	}
	_, sent := io.CopyN(w.TCPConn, f, size)
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

// uploads measures both kinds of upload, over one connection and over eight, each with an
// eighth of the file. The bare server copies the body of a PUT to a file, which is the baseline
// of a form too. It also does what ours does: read the form, wait for the disk, compute the
// SHA-256. nginx keeps the body of a PUT, and neither waits nor hashes.
func (b *bench) uploads(ctx context.Context) error {
	bareForm := func(query string) uploadRequest {
		return form("POST /files" + query + " HTTP/1.1\r\nHost: localhost\r\n")
	}
	for _, way := range []struct {
		name string
		ours uploadRequest
		bare func(query string) uploadRequest
		aims map[int]float64 // for each number of connections
	}{
		{"raw", b.owner.raw(), func(query string) uploadRequest { return put("bare" + query) }, map[int]float64{1: 0.8, 8: 0.75}},
		{"multipart", b.owner.multipart(), bareForm, map[int]float64{1: 0.7}},
	} {
		for _, conns := range []int{1, 8} {
			name := fmt.Sprintf("upload of %d MiB, %s, %d at once", b.size>>20, way.name, conns)
			if conns > 1 && way.aims[conns] == 0 {
				continue
			}
			err := b.compare(comparison{name: name, metric: byByte(), against: "bare", least: way.aims[conns]},
				side{"ours", b.ours, func() (outcome, error) { return b.timeOurs(ctx, way.ours, conns) }},
				side{"bare", b.bare, func() (outcome, error) { return b.timeOther(ctx, b.bare, put("bare"), conns) }},
				side{"nginx", b.putter(), func() (outcome, error) { return b.timeOther(ctx, b.nginx, put("nginx"), conns) }},
				side{"bare that reads as ours", b.bare, func() (outcome, error) { return b.timeOther(ctx, b.bare, way.bare(""), conns) }},
				side{"and syncs", b.bare, func() (outcome, error) { return b.timeOther(ctx, b.bare, way.bare("?sync=1"), conns) }},
				side{"and hashes", b.bare, func() (outcome, error) { return b.timeOther(ctx, b.bare, way.bare("?hash=1"), conns) }})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// putter returns nginx if it keeps uploads.
func (b *bench) putter() *child {
	if b.puts {
		return b.nginx
	}
	return nil
}

// put is a raw upload to a server other than ours. Each connection has its own name.
func put(name string) uploadRequest {
	return uploadRequest{head: "PUT /files/" + uploadPrefix + connection + "-" + name + " HTTP/1.1\r\nHost: localhost\r\n"}
}

// timeOurs measures uploads side by side, and deletes the files.
func (b *bench) timeOurs(ctx context.Context, s uploadRequest, conns int) (outcome, error) {
	before, err := b.stored()
	if err != nil {
		return outcome{}, err
	}
	got, paths, err := b.timeUploads(ctx, b.ours.addr, s, conns)
	if err != nil {
		return outcome{}, err
	}
	return got, b.remove(ctx, before, paths...)
}

func (b *bench) timeOther(ctx context.Context, c *child, s uploadRequest, conns int) (outcome, error) {
	got, _, err := b.timeUploads(ctx, c.addr, s, conns)
	kept, _ := filepath.Glob(filepath.Join(b.bareDir(), uploadPrefix+"*"))
	for _, name := range kept {
		err = errors.Join(err, os.Remove(name))
	}
	return got, err
}

// timeUploads uploads the large file, in as many parts as there are connections.
func (b *bench) timeUploads(ctx context.Context, addr string, s uploadRequest, conns int) (o outcome, paths []string, err error) {
	settle()
	paths, errs := make([]string, conns), make([]error, conns)
	each := b.size / int64(conns)
	o.waits, o.bytes = make([]time.Duration, conns), each*int64(conns)
	var group sync.WaitGroup
	start := time.Now()
	for i := range conns {
		group.Go(func() {
			its := s
			its.head = strings.Replace(s.head, connection, strconv.Itoa(i), 1)
			paths[i], errs[i] = b.upload(ctx, addr, its, int64(i)*each, each)
			o.waits[i] = time.Since(start)
		})
	}
	group.Wait()
	o.elapsed = time.Since(start)
	slices.Sort(o.waits)
	return o, paths, errors.Join(errs...)
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
