package handlers_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/shares"
	"example.org/cloakroom/internal/storage/disk"
	"example.org/cloakroom/internal/unlock"
	"example.org/cloakroom/web"
)

const (
	publicURL    = "http://cloakroom.test" // of the site under test
	siteKey      = "the site key of the tests, forty letters"
	testPassword = "seventeen green umbrellas"
	maxTestFile  = 1 << 20 // bytes of one file of the free tier
	maxTestUsage = 3 << 20 // bytes of all of them
)

// A site is the whole application on a real database, a real directory and the
// real queue of jobs. Time stands still until a test moves it.
type site struct {
	t        testing.TB
	handler  http.Handler
	server   *handlers.Server // behind handler
	db       *database.DB
	accounts *accounts.Service
	posts    *posts.Service
	files    *files.Service
	limits   *limits.Service
	leaving  *leaving.Service
	settings *settings.Service
	queue    *jobs.Queue
	overview *overview.Service
	runner   *jobs.Runner
	working  bool   // the runner was started
	uploads  string // the directory with the bytes
	log      *lockedBuffer
	clock    *clock
	oidc     *oidc.Service // off, until a test names a provider

	moderation    *moderation.Service
	notifications *notifications.Service
	shares        *shares.Service
	requests      *requests.Service
}

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteWith(t, handlers.Options{})
}

// newSiteWith returns a site with these settings, except for its URL and its
// times, which are fixed.
func newSiteWith(t testing.TB, settings handlers.Options) *site {
	t.Helper()
	return newSiteOn(t, databasetest.New(t), settings)
}

// newSiteOn is newSiteWith on a database of either dialect.
func newSiteOn(t testing.TB, db *database.DB, settings handlers.Options) *site {
	t.Helper()
	return newSiteBy(t, db, settings, wide)
}

// wide are limits that no test reaches by accident.
const wide = "*=1000000-S,reset=1000000-S,login=1000000-S,login-account=1000000-S,login-elsewhere=1000000-S," +
	"register=1000000-S,setup=1000000-S,unlock=1000000-S,share-miss=1000000-S,stray=1000000-S,browser=1000000-S"

// newSiteBy is newSiteOn with the limits that differ from the product's.
func newSiteBy(t testing.TB, db *database.DB, settings handlers.Options, overrides string) *site {
	t.Helper()
	settings.APIDocs = true
	settings.PublicURL, settings.SessionLifetime = publicURL, 30*24*time.Hour
	if settings.ReadTimeout == 0 {
		settings.ReadTimeout = 10 * time.Second
	}
	settings.WriteTimeout = 10 * time.Second
	s := &site{t: t, db: db, uploads: filepath.Join(t.TempDir(), "uploads"), log: new(lockedBuffer),
		clock: &clock{at: time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)}}
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	blobs := must(disk.Open(s.uploads))(t)
	t.Cleanup(func() { _ = blobs.Close() })
	queue := &jobs.Queue{DB: s.db, Now: time.Now}
	hasher := must(passwords.NewHasher(64<<10, 1, 2))(t) // weak: the cost of a hash is no subject of these tests
	decoder := &images.Decoder{Workers: 2, Memory: 1 << 30, Timeout: 30 * time.Second}
	pictures := images.Limits{MaxSide: 1000, MaxPixels: 1_000_000, MaxFrames: 10, MaxFramePixels: 5_000_000}
	tier := files.TierPolicy{MaxFileSize: maxTestFile, Storage: maxTestUsage, Images: pictures}
	s.accounts = &accounts.Service{
		DB: s.db, Jobs: queue, Blobs: blobs, Images: decoder, Hasher: hasher, Mail: nil, Relying: must(accounts.NewRelyingParty(publicURL))(t),
		Key: must(seal.NewKey(siteKey, "accounts"))(t), Now: s.clock.now,
		Policy: models.NewLive(accounts.Policy{SessionIdle: 24 * time.Hour, SessionLifetime: 30 * 24 * time.Hour, ConfirmedFor: 30 * time.Minute,
			Registering: models.RegisterOpen, Domains: nil, FactorRoles: nil, TokenLifetime: 365 * 24 * time.Hour, PublicURL: publicURL,
			VerifyEmail: false, Issuer: "cloakroom.test", MaxAvatarSize: 1 << 20, AvatarLimits: pictures}),
	}
	s.posts = &posts.Service{
		DB: s.db, Jobs: queue, Now: s.clock.now,
		MaxFiles: models.NewLive(map[models.Tier]int{models.TierFree: 10, models.TierPro: 20, models.TierPremium: 50}),
		Default:  models.NewLive(models.Unlisted),
	}
	s.files = &files.Service{
		DB: s.db, Jobs: queue, Blobs: blobs, Images: decoder, Now: s.clock.now,
		Policy: models.NewLive(files.Policy{
			Types:      must(filetypes.ParseSet(filetypes.Anything))(t),
			Tiers:      map[models.Tier]files.TierPolicy{models.TierFree: tier, models.TierPro: tier, models.TierPremium: tier},
			SweepAfter: 24 * time.Hour,
		}),
	}
	reports := &browserreports.Service{DB: s.db, Now: s.clock.now}
	s.limits = &limits.Service{
		Policy: models.NewLive(must(limits.Defaults().Override(overrides))(t)), Stores: limits.Memory(100_000, s.clock.now), Now: s.clock.now,
		Counted: func(limits.Act, limits.Class, bool) {},
	}
	s.queue = queue
	s.settings = s.newSettings(overrides)
	s.leaving = &leaving.Service{DB: s.db, Jobs: queue, Blobs: blobs, Grace: 30 * 24 * time.Hour, Now: s.clock.now}
	s.overview = &overview.Service{DB: s.db, Jobs: queue, Now: s.clock.now}
	s.moderation = &moderation.Service{DB: s.db, Jobs: queue, Blobs: blobs, Mails: false, ClaimFor: 30 * time.Minute,
		GlassFor: 15 * time.Minute, Now: s.clock.now}
	s.oidc = &oidc.Service{DB: s.db, Key: must(seal.NewKey(siteKey, "openid connect"))(t), Provider: oidc.Provider{}, Log: log,
		Now: s.clock.now}
	s.notifications = &notifications.Service{DB: s.db, Jobs: queue, Mail: nil, Key: must(seal.NewKey(siteKey, "notifications"))(t),
		PublicURL: publicURL, Now: s.clock.now}
	s.shares = &shares.Service{DB: s.db, Jobs: queue, Posts: s.posts, Key: must(seal.NewKey(siteKey, "shares"))(t),
		Keys: unlock.Keys{Hasher: hasher, MAC: must(seal.NewMAC(siteKey, "shares"))(t)},
		Now:  s.clock.now, Policy: models.NewLive(shares.Policy{Default: 7 * 24 * time.Hour, LogFor: 90 * 24 * time.Hour, PublicURL: publicURL,
			Longest: map[models.Tier]time.Duration{models.TierFree: 365 * 24 * time.Hour}})}
	s.requests = &requests.Service{DB: s.db, Jobs: queue, Key: must(seal.NewKey(siteKey, "requests"))(t),
		Keys: unlock.Keys{Hasher: hasher, MAC: must(seal.NewMAC(siteKey, "requests"))(t)}, Now: s.clock.now,
		Policy: models.NewLive(requests.Policy{Default: 7 * 24 * time.Hour, LogFor: 90 * 24 * time.Hour, PublicURL: publicURL,
			Longest: map[models.Tier]time.Duration{models.TierFree: 365 * 24 * time.Hour}})}
	server := &handlers.Server{
		Shares:       s.shares,
		Requests:     s.requests,
		OIDC:         s.oidc,
		Overview:     s.overview,
		Limits:       s.limits,
		IPRules:      &iprules.Service{DB: s.db, Now: s.clock.now},
		SettingEdits: s.settings,
		Audit:        &audit.Service{DB: s.db, Signer: must(seal.NewSigner(siteKey, "audit log"))(t), Keep: 0, Log: log, Now: s.clock.now},
		Accounts:     s.accounts, Posts: s.posts, Files: s.files, BrowserReports: reports, Pages: must(parsePages())(t), Ready: s.db.Ping,
		Log: log, Now: s.clock.now,
		Leaving:       s.leaving,
		Moderation:    s.moderation,
		Notifications: s.notifications,
		Queue:         queue,
		Host:          handlers.Host{Version: "1.2.3", Database: "SQLite", Storage: "Disk", Mail: "", Ready: s.db.Ping},
		Certificates:  nil,
		Options:       settings,
	}
	s.server, s.handler = server, must(server.Handler())(t)
	s.runner = &jobs.Runner{DB: s.db, Log: log, Now: time.Now, ImageWorkers: 2}
	jobs.HandleWithFallback(s.runner, s.files.ProcessImage, s.files.GiveUpOnImage)
	jobs.HandleWithFallback(s.runner, s.files.CleanFile, s.files.GiveUpOnFile)
	jobs.Handle(s.runner, s.files.DeleteBlobs)
	jobs.Handle(s.runner, s.accounts.SendMail)
	jobs.Handle(s.runner, s.moderation.Purge)
	jobs.Handle(s.runner, s.notifications.OfComment)
	jobs.Handle(s.runner, s.notifications.OfPost)
	jobs.Handle(s.runner, s.notifications.OfShare)
	jobs.Handle(s.runner, s.notifications.OfReceived)
	jobs.Handle(s.runner, s.notifications.MailBatch)
	return s
}

// parsePages parses the templates once for all sites: it takes longer than most
// tests, and pages do not change.
var parsePages = sync.OnceValues(func() (*web.Pages, error) { return web.Parse(handlers.Funcs) })

// must returns a function that returns v, or ends the test if err is not nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// settle lets jobs run until the file is no longer being processed, and returns it.
func (s *site) settle(id models.FileID) models.File {
	s.t.Helper()
	var f models.File
	s.work(func() bool {
		f = must(s.db.FileByID(s.t.Context(), id))(s.t)
		return f.State != models.Processing
	})
	return f
}

// work lets jobs run until done reports true.
func (s *site) work(done func() bool) {
	s.t.Helper()
	if !s.working {
		s.working = true
		if err := s.runner.Start(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := s.runner.Stop(ctx); err != nil {
				s.t.Errorf("stopping the jobs: %v", err)
			}
		})
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	late := time.After(30 * time.Second)
	for !done() {
		select {
		case <-look.C:
		case <-late:
			s.t.Fatalf("the jobs did not come to an end; the log:\n%s", s.log)
		}
	}
}

// listen serves the site on a loopback port, for what needs a real connection.
func (s *site) listen() string {
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.HTTPServer(s.handler, slog.New(slog.DiscardHandler))
	server.Start()
	s.t.Cleanup(server.Close)
	return server.URL
}

// A clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A browser is one visitor with their own cookies. It follows no redirects.
type browser struct {
	*site
	jar http.CookieJar
}

func (s *site) browser() *browser {
	return &browser{site: s, jar: must(cookiejar.New(nil))(s.t)}
}

// registered returns the browser of a new user, who registered by the form.
func (s *site) registered(username string) *browser {
	s.t.Helper()
	b := s.browser()
	got := b.post("/register", url.Values{"username": {username}, "email": {username + "@example.org"}, "password": {testPassword}})
	if got.Code != http.StatusSeeOther {
		s.t.Fatalf("registering %s: %d\n%s", username, got.Code, got.Body)
	}
	return b
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	at := must(url.Parse(publicURL))(b.t).ResolveReference(&url.URL{Path: r.URL.Path})
	for _, cookie := range b.jar.Cookies(at) {
		r.AddCookie(cookie)
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	b.jar.SetCookies(at, rec.Result().Cookies())
	return rec
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, publicURL+path, nil))
}

// post sends a form as a browser does, from a page of the site.
func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, publicURL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// userNamed returns the stored user.
func (s *site) userNamed(username string) models.User {
	s.t.Helper()
	return must(s.accounts.ByUsername(s.t.Context(), username))(s.t)
}
