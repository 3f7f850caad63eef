package testenv

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// An SMTPServer is aiosmtpd, which stores the mails it receives in a Maildir.
type SMTPServer struct {
	port, dir string
	process   *process
	options   []string
}

// A Mail is a message that an SMTPServer received.
type Mail struct {
	Rcpt                          string // of the envelope
	To, From, Subject, Text, HTML string
	Leave, OneClick               string // List-Unsubscribe and List-Unsubscribe-Post
}

// SMTP starts a mail server that stops when the test ends.
func SMTP(t testing.TB) *SMTPServer {
	t.Helper()
	return startSMTP(t)
}

// SMTPWithUTF8 is SMTP with the extension SMTPUTF8 (RFC 6531).
func SMTPWithUTF8(t testing.TB) *SMTPServer {
	t.Helper()
	return startSMTP(t, "--smtputf8")
}

func startSMTP(t testing.TB, options ...string) *SMTPServer {
	t.Helper()
	s := &SMTPServer{port: strconv.Itoa(FreePort(t)), dir: filepath.Join(t.TempDir(), "mails"), options: options}
	s.Start(t)
	return s
}

// Start starts the server again after Stop.
func (s *SMTPServer) Start(t testing.TB) {
	t.Helper()
	program := find([]string{"/usr/bin"}, "aiosmtpd")
	if program == "" {
		Missing(t, "aiosmtpd", "`apt-get install python3-aiosmtpd`")
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.open(t)
	args := slices.Concat([]string{"-n", "-l", "127.0.0.1:" + s.port}, s.options, []string{"-c", "aiosmtpd.handlers.Mailbox", s.dir})
	cmd := exec.Command(program, args...)
	if err := shared.serveOn(s.port, "smtp-"+s.port, syscall.SIGKILL, cmd, acceptsTCP); err != nil {
		t.Fatal(err)
	}
	s.process = shared.processes[len(shared.processes)-1]
	stopWithTest(t, s.process)
}

// Stop ends the server. Start starts it again.
func (s *SMTPServer) Stop() {
	s.process.stop()
}

// URL is the address of the server, for SMTP_URL.
func (s *SMTPServer) URL() string { return "smtp://127.0.0.1:" + s.port }

// Mails returns the mails received so far, in no particular order.
func (s *SMTPServer) Mails(t testing.TB) (mails []Mail) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		mails = append(mails, readMail(t, path))
	}
	return mails
}

func readMail(t testing.TB, path string) Mail {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	m, err := mail.ReadMessage(file)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	rcpt, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("X-RcptTo"))
	if err != nil {
		t.Fatal(err)
	}
	read := Mail{Rcpt: rcpt, To: m.Header.Get("To"), From: m.Header.Get("From"), Subject: subject,
		Leave: m.Header.Get("List-Unsubscribe"), OneClick: m.Header.Get("List-Unsubscribe-Post")}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart() // decodes quoted-printable
		if errors.Is(err, io.EOF) {
			return read
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			read.HTML = string(text)
		} else {
			read.Text = string(text)
		}
	}
}
