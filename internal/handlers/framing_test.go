package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A message whose end two servers could understand differently ends its connection, so
// nothing behind it is taken for a request (RFC 9112, 6.1).
func TestAmbiguousMessages_EndTheConnection(t *testing.T) {
	s := newSite(t)
	addr := strings.TrimPrefix(s.listen(), "http://")
	const hidden = "GET /robots.txt HTTP/1.1\r\nHost: cloakroom.test\r\n\r\n"
	head := "POST /reports HTTP/1.1\r\nHost: cloakroom.test\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/reports+json\r\n"
	for name, tt := range map[string]struct {
		sent    string
		answers int // then the connection ends
	}{
		"one length":                {head + "Content-Length: 2\r\n\r\n[]", 2},
		"chunked alone":             {head + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", 1},
		"both":                      {head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", 1},
		"both, the other way round": {head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n[]\r\n0\r\n\r\n", 1},
		"both, to a page that is not there": {
			"POST /nowhere HTTP/1.1\r\nHost: cloakroom.test\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", 1,
		},
		"HTTP/1.0 with both": {
			"GET /livez HTTP/1.0\r\nHost: cloakroom.test\r\nConnection: keep-alive\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 1,
		},
		"two lengths":    {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]", 1},
		"another coding": {head + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", 1},
	} {
		conn := must(net.Dial("tcp", addr))(t)
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(conn, tt.sent+strings.Replace(hidden, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
		in, answers := bufio.NewReader(conn), 0
		for {
			got, err := http.ReadResponse(in, nil)
			if err != nil {
				break
			}
			answers++
			_, _ = io.Copy(io.Discard, got.Body)
			_ = got.Body.Close()
		}
		_ = conn.Close()
		if answers != tt.answers {
			t.Errorf("%s: %d answers, want %d", name, answers, tt.answers)
		}
	}
}
