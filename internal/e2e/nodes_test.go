package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Two servers with one database and one bucket are one site.
func TestNodes(t *testing.T) {
	p := postgresAndS3(t)
	first := startSite(t, p)
	second := startSite(t, p)
	ann := newUser(t, first, "ann")
	there := newClient(t, second)
	there.http.Jar = ann.http.Jar // one browser, behind a proxy that balances
	large := ann.mustUpload("papers.gz", incompressible(3<<20, 1))
	if got := there.hashOf(large.URL); got != large.SHA256 {
		t.Errorf("what was uploaded at one has the hash %s at the other, want %s", got, large.SHA256)
	}
	const each = 6
	for i := range each {
		here := ann.mustUpload(fmt.Sprintf("a%d.jpg", i), photo(t, 400, 300, uint8(i)))
		other := there.mustUpload(fmt.Sprintf("b%d.jpg", i), photo(t, 400, 300, uint8(100+i)))
		there.awaitReady(here.ID)
		ann.awaitReady(other.ID)
		for _, c := range []*client{ann, there} {
			c.get("/files/"+here.ID+"/thumbnail", http.StatusOK)
			c.get(other.URL, http.StatusOK)
		}
	}
	if counts, err := openDatabase(t, p).CountJobs(t.Context()); err != nil || counts[models.JobFailing]+counts[models.JobGivenUp] > 0 {
		t.Errorf("after %d pictures were prepared, the jobs are %v, %v", 2*each, counts, err)
	}
	ann.post("/logout", nil, http.StatusSeeOther)
	there.get("/files", http.StatusSeeOther)
	for _, s := range []*site{first, second} {
		s.wantNoErrors()
		if code := s.stop(); code != 0 {
			t.Errorf("a server ended with %d, want 0", code)
		}
	}
}
