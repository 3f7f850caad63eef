package certificates_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database/databasetest"
)

// An authority cannot send the server to another place.
func TestAutocert_FollowsNoRedirect(t *testing.T) {
	var asked, followed atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(elsewhere.Close)
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, elsewhere.URL+"/directory", http.StatusFound)
	}))
	t.Cleanup(authority.Close)
	n := open(t, certificates.Options{
		Mode: certificates.Autocert, Hosts: []string{host}, Authority: certificates.Authority{Directory: authority.URL},
	}, databasetest.New(t), time.Now)
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 || followed.Load() != 0 || n.state(t).LastError == "" {
		t.Errorf("asked %d times, followed %d times: %+v", asked.Load(), followed.Load(), n.state(t))
	}
}
