// Package mail sends email. It alone knows SMTP and the layout of a message.
package mail

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wneessen/go-mail"

	"example.org/cloakroom/internal/models"
)

// sendTimeout limits one connection to the mail server.
const sendTimeout = 30 * time.Second

// A Sender sends email through one server.
type Sender struct {
	host    string
	options []mail.Option
	from    models.Email
	utf8    atomic.Bool // the server supports SMTPUTF8; false: it does not, or was not asked

	Name func() string // of the site, as the sender's; nil: Cloakroom
}

var errURL = errors.New("use a URL like smtp://user:password@mail.example.org:587, or smtps:// with port 465")

// NewSender returns a Sender for the server in the URL raw, with from as the
// sender of every message. smtp:// requires STARTTLS (RFC 3207), except for a
// loopback server without a password; smtps:// uses implicit TLS (RFC 8314). A
// password is only ever sent over TLS, and never appears in an error.
func NewSender(raw models.Secret, from models.Email) (*Sender, error) {
	u, err := url.Parse(raw.Reveal())
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return nil, errURL // not err, which contains the password
	}
	s := &Sender{host: u.Hostname(), from: from, options: []mail.Option{mail.WithTimeout(sendTimeout)}}
	port := 587
	switch u.Scheme {
	case "smtp":
		policy := mail.TLSMandatory
		if isLoopback(s.host) && u.User == nil {
			policy = mail.TLSOpportunistic
		}
		s.options = append(s.options, mail.WithTLSPolicy(policy))
	case "smtps":
		port = 465
		s.options = append(s.options, mail.WithSSL())
	default:
		return nil, errURL
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errURL
		}
	}
	s.options = append(s.options, mail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return s, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// A Message is the content of an email as plain text; Send escapes it for HTML.
type Message struct {
	To      models.Email
	Subject string
	Name    models.Username
	Lines   []string // paragraphs
	Link    string   // optional
	Button  string   // label of the link
	After   []string // paragraphs below the link
	Leave   string   // optional URL that ends such messages by one POST (RFC 8058)
}

// Host returns the host name of the mail server.
func (s *Sender) Host() string { return s.host }

// name returns the name of the sender.
func (s *Sender) name() string {
	if s.Name == nil {
		return "Cloakroom"
	}
	return s.Name()
}

//go:embed message.html
var page string

var htmlPart = template.Must(template.New("message").Parse(page))

// Send sends m as plain text and as HTML, and returns once the server has
// accepted it.
func (s *Sender) Send(ctx context.Context, m Message) error {
	var html bytes.Buffer
	if err := htmlPart.Execute(&html, m); err != nil {
		return fmt.Errorf("writing a mail: %w", err)
	}
	msg := mail.NewMsg()
	to, err := wireAddress(m.To)
	if err := errors.Join(err, msg.FromFormat(s.name(), string(s.from)), msg.To(to)); err != nil {
		return fmt.Errorf("addressing a mail: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	if m.Leave != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Leave+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(mail.TypeTextPlain, m.text())
	msg.AddAlternativeString(mail.TypeTextHTML, html.String())
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("opening the mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("sending a mail: %w", err)
	}
	return nil
}

// text returns the plain text part.
func (m Message) text() string {
	var parts []string
	parts = append(parts, "Hello "+string(m.Name)+",")
	parts = append(parts, m.Lines...)
	if m.Link != "" {
		parts = append(parts, m.Link)
	}
	parts = append(parts, m.After...)
	return strings.Join(parts, "\n\n") + "\n"
}
