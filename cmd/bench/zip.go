package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// zipFiles is the number of files of the zip: the most that a post can have.
const zipFiles = 100

// zips measures the zip of a post against one file of the same size, both on our server.
func (b *bench) zips(ctx context.Context) error {
	post, err := b.publishParts(ctx)
	if err != nil {
		return err
	}
	settle()
	l := load{conns: 1, requests: 2, limit: time.Minute, buffer: bigReads, status: 200}
	name := fmt.Sprintf("zip of %d files, %d MiB, against one file of ours", zipFiles, b.size>>20)
	return b.compare(comparison{name: name, metric: byByte(), against: "one file", least: 0.9},
		side{"ours", b.ours, l.send(ctx, b.ours, get("/posts/"+post+"/zip", b.owner.cookie))},
		side{"one file", b.ours, l.send(ctx, b.ours, get(b.large, b.owner.cookie))})
}

// publishParts uploads the large file in zipFiles parts, publishes a post of them, and
// returns its ID.
func (b *bench) publishParts(ctx context.Context) (post string, err error) {
	f, err := os.Open(b.source())
	if err != nil {
		return "", err
	}
	defer f.Close()
	ids, each := make([]string, zipFiles), b.size/zipFiles
	for i := range ids {
		part := io.NewSectionReader(f, int64(i)*each, each)
		path := fmt.Sprintf("/files/part-%d.bin", i)
		if ids[i], err = b.owner.call(ctx, b.ours.addr, http.MethodPut, path, "application/octet-stream", part); err != nil {
			return "", err
		}
	}
	draft, err := json.Marshal(map[string]any{"title": "Parts", "visibility": "public", "files": ids})
	if err != nil {
		return "", err
	}
	return b.owner.call(ctx, b.ours.addr, http.MethodPost, "/posts", "application/json", bytes.NewReader(draft))
}

// call creates something through the API, and returns its ID.
func (a account) call(ctx context.Context, addr, method, path, mediaType string, body io.Reader) (id string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+addr+"/api/v1"+path, body)
	if err != nil {
		return "", err
	}
	_, token, _ := strings.Cut(strings.TrimSpace(a.bearer), ": ")
	request.Header.Set("Authorization", token)
	request.Header.Set("Content-Type", mediaType)
	answer, err := site.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%s answers %s: %w\n%.500s", path, answer.Status, err, text)
	}
	var made struct{ ID string }
	err = json.Unmarshal(text, &made)
	return made.ID, err
}
