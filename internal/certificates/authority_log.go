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

// maxAnswer is the number of bytes of a response that the errorRecorder reads.
const maxAnswer = 64 << 10

// An acmeError is an error as an authority reports it (RFC 8555, 6.7).
type acmeError struct {
	Type   string        `json:"type"`
	Detail string        `json:"detail"`
	wait   time.Duration // from Retry-After; zero: none
}

// An errorRecorder is a RoundTripper that remembers the authority's last error:
// autocert discards it, tries the next kind of challenge, and finally only says
// that none is left. It fails all requests once ctx is done.
type errorRecorder struct {
	ctx  context.Context //nolint:containedctx // limits the requests that autocert makes with its own context
	next http.RoundTripper

	mu   sync.Mutex
	said acmeError
}

// last returns the authority's last error, or the zero value.
func (e *errorRecorder) last() acmeError {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.said
}

// RoundTrip implements http.RoundTripper.
func (e *errorRecorder) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := e.ctx.Err(); err != nil {
		return nil, fmt.Errorf("asking the authority: %w", err)
	}
	resp, err := e.next.RoundTrip(r)
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
	e.record(resp, head)
	return resp, nil
}

// record remembers the error in a response, if there is one.
func (e *errorRecorder) record(resp *http.Response, body []byte) {
	var answer struct {
		acmeError
		Error      *acmeError `json:"error"` // of an order
		Challenges []struct {
			Error *acmeError `json:"error"`
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
		found = &answer.acmeError
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
			found.wait = time.Duration(min(seconds, int(longestWait.Seconds()))) * time.Second
		}
	}
	if found == nil || strings.HasSuffix(found.Type, ":badNonce") {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = *found
}

// longestWait is the longest Retry-After that is respected. The limits of Let's
// Encrypt are per week.
const longestWait = 8 * 24 * time.Hour

// An issueError says why an authority issued no certificate.
type issueError struct {
	cause error
	said  acmeError
}

func (e *issueError) Error() string {
	if e.said.Type == "" {
		return e.cause.Error()
	}
	return e.cause.Error() + "; the authority said " + e.said.Type + ": " + printable(e.said.Detail)
}

func (e *issueError) Unwrap() error { return e.cause }

// An unusableError says why browsers would reject a certificate that was issued.
type unusableError struct{ why string }

func (e *unusableError) Error() string { return "the new certificate is unusable: " + e.why }

// retryAfter returns how long the authority told us to wait, or zero.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*issueError](err); ok {
		return e.said.wait
	}
	return 0
}

// explainFailure tells the operator why there is no certificate for the host name.
func explainFailure(err error, name string) string {
	if unusable, ok := errors.AsType[*unusableError](err); ok {
		return "The new certificate is not trusted: " + unusable.why
	}
	e, ok := errors.AsType[*issueError](err)
	if !ok || e.said.Type == "" {
		if errors.Is(err, context.DeadlineExceeded) {
			return "The certificate authority took too long to answer."
		}
		return "The certificate authority could not be reached or sent an invalid answer: " + printable(err.Error()) + "."
	}
	sentence, known := explanations[e.said.Type[strings.LastIndex(e.said.Type, ":")+1:]]
	if !known {
		sentence = "The certificate authority issued no certificate for {host}."
	}
	sentence = strings.ReplaceAll(sentence, "{host}", name)
	if e.said.Detail != "" {
		sentence += " It said: " + printable(e.said.Detail)
	}
	return sentence
}

// explanations explain the error types of ACME (RFC 8555, 6.7) to the operator.
var explanations = map[string]string{
	"connection": "The certificate authority could not connect to {host}: " +
		"ports 80 and 443 must be open to the internet and reach this server.",
	"tls": "The certificate authority could not connect to {host}: " +
		"ports 80 and 443 must be open to the internet and reach this server.",
	"dns": "The certificate authority found no address for {host} in the DNS.",
	"unauthorized": "At {host} another server answered the certificate authority: " +
		"its DNS entries, IPv6 included, must point here.",
	"incorrectResponse": "At {host} another server answered the certificate authority: " +
		"its DNS entries, IPv6 included, must point here.",
	"caa":                     "A CAA record in the DNS forbids this certificate authority to issue certificates for {host}.",
	"rateLimited":             "The certificate authority's rate limit is reached for {host}.",
	"rejectedIdentifier":      "The certificate authority does not issue certificates for {host}.",
	"unsupportedIdentifier":   "The certificate authority does not issue certificates for {host}.",
	"externalAccountRequired": "The certificate authority requires an account: set ACME_EAB_KEY_ID and ACME_EAB_HMAC_KEY.",
	"invalidContact":          "The certificate authority rejects ACME_EMAIL.",
	"unsupportedContact":      "The certificate authority rejects ACME_EMAIL.",
	"accountDoesNotExist":     "The certificate authority no longer knows our account.",
	"serverInternal":          "The certificate authority has an internal error.",
}

// printable returns untrusted text for a log or terminal: at most 300 characters, on one line.
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
