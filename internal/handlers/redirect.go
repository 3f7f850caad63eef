package handlers

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.org/cloakroom/internal/handlers/gate"
)

// RedirectServer returns the server that answers http where this program
// speaks TLS itself: it sends everybody to the same address by https, and does
// nothing else. challenges goes first: a certificate authority comes by http.
// 308 keeps method and body (RFC 9110, 15.4.9).
func (s *Server) RedirectServer(challenges func(next http.Handler) http.Handler) *http.Server {
	const brief = 10 * time.Second
	g := s.rooms().gate
	return &http.Server{
		Handler:        challenges(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { redirect(g, w, r) })),
		ReadTimeout:    brief,
		WriteTimeout:   brief,
		IdleTimeout:    brief,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

func redirect(g *gate.Gate, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Connection", "close") // nobody has more to ask here
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
	h.Set("Location", origin+r.URL.RequestURI())
	w.WriteHeader(http.StatusPermanentRedirect)
}
