package mail

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"example.org/cloakroom/internal/models"
)

// askTimeout limits how long a mail server is asked what it supports: somebody waits.
const askTimeout = 5 * time.Second

// wireAddress returns the address as it is written to a server: its domain in ASCII
// (Punycode, RFC 5891), which every server understands.
func wireAddress(address models.Email) (string, error) {
	local, domain, _ := strings.Cut(string(address), "@")
	if isASCII(domain) {
		return string(address), nil
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("writing a domain in ASCII: %w", err)
	}
	return local + "@" + domain, nil
}

// Takes reports whether the server delivers to address. It asks the server only if the
// part before the @ is not ASCII, which needs the extension SMTPUTF8 (RFC 6531). It
// reports false if the server cannot be reached.
func (s *Sender) Takes(ctx context.Context, address models.Email) bool {
	if local, _, _ := strings.Cut(string(address), "@"); isASCII(local) || s.utf8.Load() {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return false
	}
	open, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return false
	}
	defer func() { _ = client.CloseWithSMTPClient(open) }() // nothing was sent
	supported, _ := open.Extension("SMTPUTF8")
	s.utf8.Store(supported)
	return supported
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
