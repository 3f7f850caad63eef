package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// mailing returns a site that sends email through a real server.
func mailing(t *testing.T) (*site, *testenv.SMTPServer) {
	t.Helper()
	s, server := newSite(t), testenv.SMTP(t)
	s.accounts.Mail = must(mail.NewSender(models.Secret(server.URL()), "cloakroom@example.org"))(t)
	s.notifications.Mail = s.accounts.Mail
	return s, server
}

// isAbout reports whether the subject of m has these words, in any case.
func isAbout(m testenv.Mail, words string) bool {
	return strings.Contains(strings.ToLower(m.Subject), words)
}

// mailOf runs jobs until an email about words arrives at that address, and
// returns it.
func (s *site) mailOf(server *testenv.SMTPServer, to, words string) testenv.Mail {
	s.t.Helper()
	var found testenv.Mail
	s.work(func() bool {
		for _, m := range server.Mails(s.t) {
			if strings.Contains(m.To, to) && isAbout(m, words) {
				found = m
			}
		}
		return found.Subject != ""
	})
	return found
}

// linkIn returns the path of the link in an email, which is in both its parts.
func linkIn(t *testing.T, m testenv.Mail) string {
	t.Helper()
	link := ""
	for line := range strings.SplitSeq(m.Text, "\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, publicURL) {
			link = line
		}
	}
	if link == "" || !strings.Contains(m.HTML, `href="`+link+`"`) {
		t.Fatalf("the mail has no link in both its parts:\n%s\n%s", m.Text, m.HTML)
	}
	return strings.TrimPrefix(link, publicURL)
}

func TestMail_VerifiesAnAddress(t *testing.T) {
	s, server := mailing(t)
	s.setPolicy(func(policy *accounts.Policy) { policy.VerifyEmail = true })
	ann := s.registered("ann")
	can := func(want bool, what string, got *httptest.ResponseRecorder) {
		t.Helper()
		if (got.Code < 400) != want {
			t.Errorf("%s: %d\n%s", what, got.Code, got.Body)
		}
	}
	ways := func(may bool) {
		t.Helper()
		can(may, "a post", ann.postForm("/posts", postFields()))
		can(may, "an upload", ann.postForm("/files", nil, part{"file", "a.txt", "", []byte("x")}))
		can(may, "a token", ann.post("/settings/tokens", url.Values{"name": {"x"}, "scope": {"read"}}))
		can(may, "a picture", ann.postForm("/settings/avatar", nil, part{"avatar", "a.png", "", drawPNG(t, 10, 10)}))
		can(true, "reading", ann.get("/"))
		can(true, "their profile", ann.post("/settings/profile", url.Values{"email": {"ann@example.org"}}))
	}
	ways(false)
	if page := ann.get("/settings/profile").Body.String(); !strings.Contains(page, `action="/settings/verification"`) {
		t.Errorf("the profile does not say so\n%s", page)
	}
	m := s.mailOf(server, "ann@example.org", "verify")
	if !strings.Contains(m.From, "cloakroom@example.org") || !strings.Contains(m.Text, "Hello ann,") {
		t.Errorf("the mail is %+v", m)
	}
	link := linkIn(t, m)
	for range 2 { // a scanner opens it, and changes nothing
		if page := s.browser().get(link); page.Code != http.StatusOK ||
			!strings.Contains(page.Body.String(), "<strong>ann@example.org</strong>") {
			t.Errorf("the link: %d\n%s", page.Code, page.Body)
		}
	}
	ways(false)
	if got := s.browser().post(link, nil); toldAt(got) != "/ verified" {
		t.Errorf("the button: %d\n%s", got.Code, got.Body)
	}
	ways(true)
	if got := s.browser().post(link, nil); got.Code != http.StatusNotFound {
		t.Errorf("the link again: %d", got.Code)
	}
	if got := ann.post("/settings/profile", url.Values{"email": {"ann@other.example"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("another address: %d", got.Code)
	}
	ways2 := ann.postForm("/posts", postFields())
	can(false, "a post with an address that is not proved", ways2)
	s.mailOf(server, "ann@example.org", "email was changed")
	link = linkIn(t, s.mailOf(server, "ann@other.example", "verify"))
	s.clock.advance(24*time.Hour - time.Microsecond)
	if got := s.browser().get(link); got.Code != http.StatusOK {
		t.Errorf("within a day: %d", got.Code)
	}
	s.clock.advance(time.Microsecond)
	if got := s.browser().post(link, nil); got.Code != http.StatusNotFound {
		t.Errorf("a day later: %d", got.Code)
	}
	s.wantAudited("user.verify_email done")
}

// A link for an address that the user has replaced verifies nothing.
func TestMail_LinksForOldAddressesFail(t *testing.T) {
	s, server := mailing(t)
	ann := s.registered("ann")
	link := linkIn(t, s.mailOf(server, "ann@example.org", "verify"))
	if err := s.db.UpdateProfile(t.Context(), s.userNamed("ann").ID, database.ProfileChange{Email: "ann@other.example"},
		s.clock.now()); err != nil {
		t.Fatal(err)
	}
	if got := ann.post(link, nil); got.Code != http.StatusNotFound {
		t.Errorf("the old link: %d", got.Code)
	}
	s.clock.advance(31 * time.Minute)
	got := ann.post("/settings/profile", url.Values{"email": {"thief@example.org"}, "bio": {"kept"}})
	if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="email-problem"`) ||
		!strings.Contains(page, "kept") {
		t.Errorf("another address without a proof of being there: %d\n%s", got.Code, page)
	}
	if got := ann.post("/settings/profile", url.Values{"email": {"ann@other.example"}, "bio": {"kept"}}); got.Code != http.StatusSeeOther {
		t.Errorf("the same address: %d", got.Code)
	}
}

// The response never reveals whether an account exists. Reset links go only to
// verified addresses, and not repeatedly.
func TestMail_Forgot(t *testing.T) {
	s, server := mailing(t)
	ann := s.registered("ann")
	s.registered("bob") // his address is not verified
	for i := range 8 {  // others claim her address
		u := models.User{ID: models.UserID(fmt.Sprintf("0%d", i)), Username: models.Username(fmt.Sprintf("thief_%d", i)),
			UsernameKey: fmt.Sprintf("thief_%d", i),
			Email:       "ann@example.org", Role: models.RoleUser, Tier: models.TierFree, CreatedAt: s.clock.now(), UpdatedAt: s.clock.now()}
		if err := s.db.CreateUser(t.Context(), &u); err != nil {
			t.Fatal(err)
		}
	}
	s.browser().post(linkIn(t, s.mailOf(server, "ann@example.org", "verify")), nil)
	ask := func(account string) {
		t.Helper()
		if got := s.browser().post("/forgot", url.Values{"account": {account}}); toldAt(got) != "/forgot forgot" {
			t.Errorf("%q: %d\n%s", account, got.Code, got.Body)
		}
	}
	for _, account := range []string{"bob", "bob@example.org", "nobody", "nobody@example.org", "<b>", "ANN@Example.ORG", "ann"} {
		ask(account) // "ann" is too soon for another mail
	}
	link := linkIn(t, s.mailOf(server, "ann@example.org", "reset"))
	ask("ann")
	if got := s.browser().post(link, url.Values{"password": {"another long password"}}); got.Code != http.StatusSeeOther {
		t.Errorf("setting the password: %d\n%s", got.Code, got.Body)
	}
	ask("ann") // the link was used, and it is still too soon
	s.mailOf(server, "ann@example.org", "password was changed")
	s.work(func() bool {
		return slices.Equal(s.cells(`SELECT count(*) FROM jobs WHERE kind = 'mail.send'`), []string{"0"})
	})
	if got := ann.get("/files"); got.Code != http.StatusSeeOther {
		t.Errorf("the old session: %d", got.Code)
	}
	resets := 0
	for _, m := range server.Mails(t) {
		if isAbout(m, "reset") {
			resets++
		}
	}
	if resets != 1 {
		t.Errorf("%d mails with links", resets)
	}
	if got := s.browser().post("/forgot", url.Values{"account": {" "}}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("nobody: %d", got.Code)
	}
}

// Users get an email about events that affect their security. If the mail
// server is down, the site retries.
func TestMail_Notices(t *testing.T) {
	s, server := mailing(t)
	ann := s.registered("ann")
	server.Stop()
	ann.withFactor(s)
	ann.post("/settings/second-factor/remove", nil)
	login := func(addr, agent string) {
		r := httptest.NewRequest(http.MethodPost, publicURL+"/login",
			strings.NewReader(url.Values{"username": {"ann"}, "password": {testPassword}}.Encode()))
		r.RemoteAddr = addr + ":4711"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("User-Agent", agent)
		if got := s.browser().do(r); got.Code != http.StatusSeeOther {
			t.Fatalf("logging in: %d", got.Code)
		}
	}
	login("198.51.100.7", "Strange <b>browser")
	login("198.51.100.8", "Strange <b>browser") // the same place
	server.Start(t)
	s.mailOf(server, "ann@example.org", "new authenticator")
	s.mailOf(server, "ann@example.org", "passkey removed")
	m := s.mailOf(server, "ann@example.org", "new sign-in")
	if !strings.Contains(m.Text, "198.51.100.0/24") || !strings.Contains(m.HTML, "Strange &lt;b&gt;browser") ||
		strings.Contains(m.Text+m.HTML, "198.51.100.7") {
		t.Errorf("the notice is\n%s\n%s", m.Text, m.HTML)
	}
	told := 0
	for _, m := range server.Mails(t) {
		if isAbout(m, "new sign-in") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d notices of one device", told)
	}
}

// Without a mail server, pages do not offer email.
func TestMail_WithoutAServer(t *testing.T) {
	s := newSite(t)
	if page := s.browser().get("/forgot").Body.String(); !strings.Contains(page, "not send email") ||
		strings.Contains(page, `name="account"`) {
		t.Errorf("/forgot says\n%s", page)
	}
	if got := s.registered("ann").post("/settings/verification", nil); got.Code != http.StatusConflict {
		t.Errorf("asking for a mail: %d", got.Code)
	}
}

// An address to which the mail server cannot send is refused when it is typed.
func TestMail_InternationalAddresses(t *testing.T) {
	s, server := mailing(t)
	form := url.Values{"username": {"bob"}, "email": {"böb@münchen.de"}, "password": {testPassword}}
	if got := s.browser().post("/register", form); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), "plain letters before the @") {
		t.Errorf("registering: %d\n%s", got.Code, got.Body)
	}
	form.Set("email", "bob@münchen.de")
	bob := s.browser()
	if got := bob.post("/register", form); got.Code != http.StatusSeeOther {
		t.Fatalf("registering with an international domain: %d\n%s", got.Code, got.Body)
	}
	if m := s.mailOf(server, "xn--mnchen-3ya.de", ""); !strings.Contains(m.Rcpt, "bob@xn--mnchen-3ya.de") {
		t.Errorf("the mail is to %q", m.Rcpt)
	}
	if got := bob.post("/settings/profile", url.Values{"email": {"böb@münchen.de"}}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("changing it: %d", got.Code)
	}
	if got := bob.post("/settings/profile", url.Values{"email": {"bob@münchen.de"}, "bio": {"x"}}); got.Code != http.StatusSeeOther {
		t.Errorf("changing something else: %d", got.Code)
	}
}
