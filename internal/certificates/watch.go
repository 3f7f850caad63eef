package certificates

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// maxAnswer is how much of an authority's answer is looked at, in bytes.
const maxAnswer = 64 << 10

// A saying is what an authority said of an error (RFC 8555, 6.7).
type saying struct {
	Type   string        `json:"type"`
	Detail string        `json:"detail"`
	wait   time.Duration // until it wants to hear from us again; zero: it did not say
}

// A watch is the way to an authority, for as long as ctx is not done. It
// remembers the last error that the authority told of: autocert tries the next
// kind of challenge then, and in the end says only that there is none left.
type watch struct {
	ctx  context.Context //nolint:containedctx // it bounds what autocert does in a context of its own
	next http.RoundTripper

	mu   sync.Mutex
	said saying
}

func (w *watch) last() saying {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said
}

// RoundTrip implements http.RoundTripper.
func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, fmt.Errorf("asking the authority: %w", err)
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil || !strings.Contains(resp.Header.Get("Content-Type"), "json") {
		return resp, err
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading the authority's answer: %w", err), resp.Body.Close())
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	w.note(resp, head)
	return resp, nil
}

func (w *watch) note(resp *http.Response, body []byte) {
	var answer struct {
		saying
		Error      *saying `json:"error"` // of an order
		Challenges []struct {
			Error *saying `json:"error"`
		} `json:"challenges"` // of an authorization
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	found := answer.Error
	for _, challenge := range answer.Challenges {
		if challenge.Error != nil {
			found = challenge.Error
		}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		found = &answer.saying
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
			found.wait = time.Duration(min(seconds, int(longestWait.Seconds()))) * time.Second
		}
	}
	if found == nil || strings.HasSuffix(found.Type, ":badNonce") {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = *found
}

// longestWait is the longest an authority can make us wait: Let's Encrypt
// counts by the week.
const longestWait = 8 * 24 * time.Hour

// An issueError is why an authority gave no certificate.
type issueError struct {
	cause error
	said  saying
}

func (e *issueError) Error() string {
	if e.said.Type == "" {
		return e.cause.Error()
	}
	return e.cause.Error() + "; the authority said " + e.said.Type + ": " + printable(e.said.Detail)
}

func (e *issueError) Unwrap() error { return e.cause }

// A uselessError is why a certificate that an authority gave is of no use.
type uselessError struct{ why string }

func (e *uselessError) Error() string { return "the new certificate is of no use: " + e.why }

// toldToWait is how long the authority wants not to hear from us; zero if it
// did not say.
func toldToWait(err error) time.Duration {
	if e, ok := errors.AsType[*issueError](err); ok {
		return e.said.wait
	}
	return 0
}

// plainly says why there is no certificate for name, for the operator.
func plainly(err error, name string) string {
	if useless, ok := errors.AsType[*uselessError](err); ok {
		return "The new certificate is not trusted: " + useless.why
	}
	e, ok := errors.AsType[*issueError](err)
	if !ok || e.said.Type == "" {
		if errors.Is(err, context.DeadlineExceeded) {
			return "The certificate authority took too long to answer."
		}
		return "The certificate authority could not be reached or sent an invalid answer: " + printable(err.Error()) + "."
	}
	sentence := "The certificate authority issued no certificate for " + name + "."
	switch e.said.Type[strings.LastIndex(e.said.Type, ":")+1:] {
	case "connection", "tls":
		sentence = "The certificate authority could not connect to " + name + ": ports 80 and 443 must be open to the internet and reach this server."
	case "dns":
		sentence = "The certificate authority found no address for " + name + " in the DNS."
	case "unauthorized", "incorrectResponse":
		sentence = "At " + name + " another server answered the certificate authority: its DNS entries, IPv6 included, must point here."
	case "caa":
		sentence = "A CAA record in the DNS forbids this certificate authority to issue certificates for " + name + "."
	case "rateLimited":
		sentence = "The certificate authority's rate limit is reached for " + name + "."
	case "rejectedIdentifier", "unsupportedIdentifier":
		sentence = "The certificate authority does not issue certificates for " + name + "."
	case "externalAccountRequired":
		sentence = "The certificate authority requires an account: set ACME_EAB_KEY_ID and ACME_EAB_HMAC_KEY."
	case "invalidContact", "unsupportedContact":
		sentence = "The certificate authority rejects ACME_EMAIL."
	case "accountDoesNotExist":
		sentence = "The certificate authority no longer knows our account."
	case "serverInternal":
		sentence = "The certificate authority has an internal error."
	}
	if e.said.Detail != "" {
		sentence += " It said: " + printable(e.said.Detail)
	}
	return sentence
}

// printable is text of others for a log or a terminal: short, and on one line.
func printable(s string) string {
	const most = 300
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return s
}
