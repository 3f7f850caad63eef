package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// serveBare is the baseline of the comparison: it moves the same bytes with net/http only,
// without access checks, hashes, records or logs. It ends with ctx, or with its standard
// input, which closes when bench ends.
func serveBare(ctx context.Context, dir string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(filepath.Join(dir, filepath.Base(r.PathValue("name"))))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, f)
	})
	mux.HandleFunc("PUT /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, keep(dir, r, r.Body))
	})
	mux.HandleFunc("POST /files", func(w http.ResponseWriter, r *http.Request) {
		parts, err := r.MultipartReader()
		if err == nil {
			var part io.Reader
			if part, err = parts.NextPart(); err == nil {
				err = keep(dir, r, part)
			}
		}
		answer(w, err)
	})
	page := make([]byte, 1<<20)
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.FormValue("size"))
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = w.Write(page[:min(max(size, 0), len(page))])
	})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// keep copies body to a new file and, with ?sync=1, waits until it is on disk. With ?hash=1 it
// hashes the body and waits too.
func keep(dir string, r *http.Request, body io.Reader) error {
	f, err := os.CreateTemp(dir, uploadPrefix+"*")
	if err != nil {
		return err
	}
	if r.URL.RawQuery == "hash=1" {
		hash := sha256.New()
		_, err = io.Copy(io.MultiWriter(f, hash), body)
		hash.Sum(nil)
	} else {
		_, err = io.Copy(f, body)
	}
	if err == nil && r.URL.RawQuery != "" {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// uploadPrefix begins the names of files uploaded to the servers other than ours.
const uploadPrefix = "upload-"

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusCreated)
}
