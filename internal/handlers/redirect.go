package handlers

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// RedirectServer returns the server that answers http where this program
// speaks TLS itself: it sends everybody to the same address by https, and does
// nothing else. challenges goes first: a certificate authority comes by http.
// 308 keeps method and body (RFC 9110, 15.4.9).
func (s *Server) RedirectServer(challenges func(next http.Handler) http.Handler) *http.Server {
	const brief = 10 * time.Second
	return &http.Server{
		Handler:        challenges(http.HandlerFunc(s.redirect)),
		ReadTimeout:    brief,
		WriteTimeout:   brief,
		IdleTimeout:    brief,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) redirect(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Connection", "close") // nobody has more to ask here
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	host, origin := hostname(r.Host), s.Settings.PublicURL
	_, content, _ := strings.Cut(s.Settings.ContentOrigin, "://")
	switch {
	case content != "" && host == hostname(content):
		origin = s.Settings.ContentOrigin
	case !s.isOwnHost(host):
		w.WriteHeader(http.StatusMisdirectedRequest)
		return
	}
	if len(r.RequestURI) > maxAddress {
		w.WriteHeader(http.StatusRequestURITooLong)
		return
	}
	h.Set("Location", origin+r.URL.RequestURI())
	w.WriteHeader(http.StatusPermanentRedirect)
}
