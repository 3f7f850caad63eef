package handlers

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
)

// RedirectServer returns the server for HTTP if this program handles TLS. It redirects
// requests to the same URL over HTTPS, and refuses programs. challenges runs first, because certificate
// authorities use HTTP. Status 308 keeps method and body (RFC 9110, 15.4.9).
func (s *Server) RedirectServer(challenges func(next http.Handler) http.Handler) *http.Server {
	const timeout = 10 * time.Second
	g := s.rooms().gate
	return &http.Server{
		Handler:        challenges(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { redirect(g, w, r) })),
		ReadTimeout:    timeout,
		WriteTimeout:   timeout,
		IdleTimeout:    timeout,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// redirect redirects a request for a host name of the site to HTTPS, and rejects others.
func redirect(g *gate.Gate, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Connection", "close") // a client needs one response of this server
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	host, origin := gate.Hostname(r.Host), g.Options.PublicURL
	_, content, _ := strings.Cut(g.Options.ContentOrigin, "://")
	switch {
	case content != "" && host == gate.Hostname(content):
		origin = g.Options.ContentOrigin
	case !g.IsOwnHost(host):
		w.WriteHeader(http.StatusMisdirectedRequest)
		return
	}
	if len(r.RequestURI) > gate.MaxURL {
		w.WriteHeader(http.StatusRequestURITooLong)
		return
	}
	if gate.IsForPrograms(r) {
		refuseUnencrypted(w)
		return
	}
	h.Set("Location", origin+gate.Target(r.URL))
	w.WriteHeader(http.StatusPermanentRedirect)
}

// refuseUnencrypted tells a program to use HTTPS.
func refuseUnencrypted(w http.ResponseWriter) {
	const status = http.StatusForbidden
	body, err := page.ProblemJSON(status, problem.All(problem.New(problem.Forbidden, gate.UnencryptedMessage)), "")
	if err == nil {
		w.Header().Set("Content-Type", page.MIMEProblem)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is told about a client that is gone
}
