package mail_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestNewSender_ValidatesTheURL(t *testing.T) {
	for raw, good := range map[string]bool{
		"smtp://mail.example.org": true, "smtp://ann:hunter2@mail.example.org:2525/": true,
		"smtps://mail.example.org": true, "smtp://[::1]:25": true,
		"": false, "mail.example.org": false, "http://mail.example.org": false, "smtp://": false, "smtp://mail.example.org/path": false,
		"smtp://mail.example.org:port": false, "smtp://ann:hunter2@mail.example.org?x=1": false, "smtp://ann:hunter2@%zz": false,
	} {
		_, err := mail.NewSender(models.Secret(raw), "a@example.org")
		if (err == nil) != good {
			t.Errorf("%q: %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error contains the password: %q", err)
		}
	}
}

// Line breaks and markup in a message add no header, recipient or element.
func TestSend_PreventsInjection(t *testing.T) {
	server := testenv.SMTP(t)
	sender, err := mail.NewSender(models.Secret(server.URL()), "cloakroom@example.org")
	if err != nil {
		t.Fatal(err)
	}
	evil := "x\r\nBcc: eve@example.org\r\n\r\n.\r\n<script>alert(1)</script>"
	err = sender.Send(t.Context(), mail.Message{
		To: "ann@example.org", Subject: evil, Name: "ann", Lines: []string{evil}, Link: "https://example.org/?a=1&b=2", Button: evil,
	})
	if err != nil {
		t.Fatal(err)
	}
	mails := server.Mails(t)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if m.To != "<ann@example.org>" || !strings.Contains(m.Text, "<script>alert(1)") ||
		strings.Contains(m.HTML, "<script") || !strings.Contains(m.HTML, `href="https://example.org/?a=1&amp;b=2"`) {
		t.Errorf("the mail is %+v", m)
	}
	if err := sender.Send(t.Context(), mail.Message{To: "ann@example.org\r\nBcc: eve@example.org", Subject: "x"}); err == nil {
		t.Error("a recipient with a line break is accepted")
	}
}

// Nothing is sent if TLS is required and the server does not offer it.
func TestSend_RequiresTLS(t *testing.T) {
	server := testenv.SMTP(t)
	withPassword := strings.Replace(server.URL(), "smtp://", "smtp://ann:hunter2@", 1)
	sender, err := mail.NewSender(models.Secret(withPassword), "cloakroom@example.org")
	if err != nil {
		t.Fatal(err)
	}
	err = sender.Send(t.Context(), mail.Message{To: "ann@example.org", Subject: "x"})
	if err == nil || strings.Contains(err.Error(), "hunter2") || len(server.Mails(t)) != 0 {
		t.Errorf("a password is sent without TLS: %v", err)
	}
}

// International domains are written in ASCII, which every server understands; other
// parts need a server that takes them.
func TestSend_InternationalAddresses(t *testing.T) {
	plain, international := testenv.SMTP(t), testenv.SMTPWithUTF8(t)
	for _, tt := range []struct {
		server *testenv.SMTPServer
		to     models.Email
		rcpt   string // "": not taken
	}{
		{plain, "bob@example.org", "bob@example.org"},
		{plain, "bob@münchen.de", "bob@xn--mnchen-3ya.de"},
		{plain, "bob@例え.テスト.example", "bob@xn--r8jz45g.xn--zckzah.example"},
		{plain, "böb@example.org", ""},
		{international, "böb@münchen.de", "böb@xn--mnchen-3ya.de"},
	} {
		sender, err := mail.NewSender(models.Secret(tt.server.URL()), "cloakroom@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if takes := sender.Takes(t.Context(), tt.to); takes != (tt.rcpt != "") {
			t.Errorf("%s is taken: %v", tt.to, takes)
		}
		if tt.rcpt == "" {
			continue
		}
		if err := sender.Send(t.Context(), mail.Message{To: tt.to, Subject: string(tt.to), Name: "bob"}); err != nil {
			t.Errorf("%s: %v", tt.to, err)
			continue
		}
		found := false
		for _, m := range tt.server.Mails(t) {
			found = found || m.Subject == string(tt.to) && m.Rcpt == tt.rcpt
		}
		if !found {
			t.Errorf("%s: no mail to %s in %+v", tt.to, tt.rcpt, tt.server.Mails(t))
		}
	}
	away, err := mail.NewSender("smtp://127.0.0.1:1", "cloakroom@example.org")
	if err != nil || away.Takes(t.Context(), "böb@example.org") || !away.Takes(t.Context(), "bob@münchen.de") {
		t.Errorf("a server that is away: %v", err)
	}
}
