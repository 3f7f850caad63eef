package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// limited starts a server with its counters in Redis, and with metrics.
func limited(t *testing.T, redis *testenv.RedisServer, limits string) *site {
	t.Helper()
	return startSite(t, sqliteAndDisk(t), "REDIS_URL="+redis.URL(), "METRICS_ADDR=127.0.0.1:0", wide+","+limits)
}

// metric returns the value of the first metric with this prefix, or "".
func (s *site) metric(start string) string {
	s.t.Helper()
	resp, err := http.Get("http://" + s.log.field("metrics", "addr") + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body := new(strings.Builder)
	if err := resp.Write(body); err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(body.String()) {
		if rest, ok := strings.CutPrefix(line, start); ok {
			return strings.TrimSpace(rest[strings.LastIndex(rest, " ")+1:])
		}
	}
	return ""
}

// Two servers share one count under concurrent requests.
func TestLimits_TwoNodesShareOneCount(t *testing.T) {
	redis := testenv.Redis(t)
	nodes := []*site{limited(t, redis, "api-read=100-H"), limited(t, redis, "api-read=100-H")}
	var allowed, refused atomic.Int64
	var asking sync.WaitGroup
	for i := range 8 {
		c := newClient(t, nodes[i%2])
		asking.Go(func() {
			for range 25 {
				resp, err := c.http.Get(c.site.url + "/api/v1/posts")
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				switch resp.StatusCode {
				case http.StatusOK:
					allowed.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Errorf("status %d", resp.StatusCode)
				}
			}
		})
	}
	asking.Wait()
	if allowed.Load() != 100 || refused.Load() != 100 {
		t.Errorf("of 200, %d were allowed and %d refused", allowed.Load(), refused.Load())
	}
	for _, node := range nodes {
		if got := node.metric("cloakroom_limit_store_degraded"); got != "0" {
			t.Errorf("degraded is %q", got)
		}
		if got := node.metric(`cloakroom_limit_decisions_total{act="api-read",class="guest",outcome="allowed"}`); got == "" || got == "0" {
			t.Errorf("a node says it allowed %q reads", got)
		}
	}
}

// Redis fails under a running server. No request is refused for it, limits still hold, and
// the log and a metric report the failure until Redis is back.
func TestLimits_SurviveRedisFailure(t *testing.T) {
	redis := testenv.Redis(t)
	s := limited(t, redis, "login-account=5-H")
	newUser(t, s, "ann")
	redis.Kill()
	guest := newClient(t, s)
	for try := range 8 {
		want := http.StatusUnprocessableEntity
		if try >= 5 {
			want = http.StatusTooManyRequests
		}
		guest.post("/login", url.Values{"username": {"ann"}, "password": {"not the password"}}, want)
	}
	guest.get("/", http.StatusOK)
	eventually(t, "a metric tells that Redis is gone", func() bool {
		guest.get("/", http.StatusOK)
		return s.metric("cloakroom_limit_store_degraded") == "1"
	})
	redis.Restart(t)
	eventually(t, "Redis counts again", func() bool {
		guest.get("/", http.StatusOK)
		return s.metric("cloakroom_limit_store_degraded") == "0"
	})
	s.wantNoErrors()
	if strings.Contains(s.log.String(), strings.Split(redis.URL(), "@")[0]) {
		t.Error("the log tells the password of Redis")
	}
}
