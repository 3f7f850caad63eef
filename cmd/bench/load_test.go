package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"example.org/cloakroom/internal/testenv"
)

var (
	loading  = flag.Bool("load", false, "let BenchmarkLoad start the servers")
	duration = flag.Duration("duration", 30*time.Second, "how long BenchmarkLoad sends requests")
	most     = flag.Int("most", 1_000_000, "how many requests BenchmarkLoad sends at most")
	clients  = flag.Int("clients", 16, "how many clients BenchmarkLoad has; each waits for an answer before it goes on")
	binary   = flag.String("server", "../../bin/server", "the server that BenchmarkLoad starts")
	profile  = flag.String("profile", "", "file for a CPU profile of the first node")
)

func TestMain(m *testing.M) { testenv.Main(m) }

// BenchmarkLoad sends a mix of requests, as a site has them, to one node on SQLite and a disk,
// and to two nodes on PostgreSQL, Redis and S3, which the clients use in turns. It runs with
// -load; any answer that is not the expected one fails it.
func BenchmarkLoad(b *testing.B) {
	if !*loading {
		b.Skip("starts servers: give -load")
	}
	b.Run("one node", func(b *testing.B) { loadNodes(b, 1) })
	b.Run("two nodes", func(b *testing.B) {
		bucket, redis := testenv.S3(b), testenv.Redis(b)
		loadNodes(b, 2, "DATABASE_URL="+testenv.Postgres(b), "REDIS_URL="+redis.URL(), "S3_ENDPOINT="+bucket.Endpoint,
			"S3_BUCKET="+bucket.Bucket, "S3_ACCESS_KEY="+bucket.AccessKey, "S3_SECRET_KEY="+bucket.SecretKey,
			"SITE_KEY="+strings.Repeat("a key of this load ", 3))
	})
}

func loadNodes(b *testing.B, nodes int, settings ...string) {
	// The kernel ends the servers when the thread that started them ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	server, err := filepath.Abs(*binary)
	if err != nil {
		b.Fatal(err)
	}
	m := &mix{t: b, acts: map[string]*act{}}
	for range nodes {
		metrics, err := freeAddr(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		c, err := startOurs(b.Context(), server, b.TempDir(), append(settings, "METRICS_ADDR="+metrics)...)
		if err != nil {
			b.Fatal(err)
		}
		defer func() {
			if err := c.stop(); err != nil {
				b.Error(err)
			}
		}()
		m.nodes, m.metrics = append(m.nodes, c), append(m.metrics, metrics)
	}
	m.prepare()
	before := m.state()
	for b.Loop() {
		m.run()
	}
	after := m.state()
	m.print(os.Stdout, before, after)
	for name, a := range m.acts {
		if len(a.errs) > 0 {
			b.Errorf("%s: %d errors; the first: %v", name, len(a.errs), a.errs[0])
		}
	}
}

// A mix is a load of different acts.
type mix struct {
	t              *testing.B
	nodes          []*child
	metrics        []string // addresses
	users          []account
	names          []string
	post           string // path of a post with an image
	picture, thumb string

	mu      sync.Mutex // guards acts
	acts    map[string]*act
	elapsed time.Duration
}

// An act is what happened to the requests of one kind.
type act struct {
	waits []time.Duration
	errs  []error
}

// The acts, and how many of a hundred requests are of each.
var weights = []struct {
	name string
	of   int
	do   func(m *mix, c *loadClient) error
}{
	{"feed", 35, func(m *mix, c *loadClient) error { return c.get(m, "/") }},
	{"post", 15, func(m *mix, c *loadClient) error { return c.get(m, m.post) }},
	{"thumbnail", 25, func(m *mix, c *loadClient) error { return c.get(m, m.thumb) }},
	{"download", 12, func(m *mix, c *loadClient) error { return c.get(m, m.picture) }},
	{"upload", 5, (*mix).upload},
	{"publish", 3, (*mix).publish},
	{"comment", 4, (*mix).comment},
	{"log-in", 1, (*mix).logIn},
}

// A loadClient is one user at one connection to each node.
type loadClient struct {
	account
	name   string
	turn   int
	chance *rand.Rand
}

// node returns the node whose turn it is.
func (c *loadClient) node(m *mix) string {
	c.turn++
	return m.nodes[c.turn%len(m.nodes)].addr
}

func (c *loadClient) get(m *mix, path string) error {
	_, _, err := c.send(m.t.Context(), c.node(m), path, "", nil, http.StatusOK)
	return err
}

const formType = "application/x-www-form-urlencoded"

func (m *mix) upload(c *loadClient) error {
	content := make([]byte, 64<<10)
	for i := range content {
		content[i] = byte('a' + c.chance.IntN(26))
	}
	_, err := c.call(m.t.Context(), c.node(m), http.MethodPut, "/files/notes.txt", "text/plain", bytes.NewReader(content))
	return err
}

func (m *mix) publish(c *loadClient) error {
	_, err := c.publish(m.t.Context(), c.node(m), smallName, fmt.Appendf(nil, "A small file, number %d.\n", c.chance.Int()))
	return err
}

func (m *mix) comment(c *loadClient) error {
	form := strings.NewReader("body=I+know+that+place.")
	_, _, err := c.send(m.t.Context(), c.node(m), m.post+"/comments", formType, form, http.StatusSeeOther)
	return err
}

func (m *mix) logIn(c *loadClient) error {
	form := strings.NewReader("login=" + c.name + "&username=" + c.name + "&password=four+horses+and+a+battery")
	_, _, err := account{}.send(m.t.Context(), c.node(m), "/login", formType, form, http.StatusSeeOther)
	return err
}

// prepare makes the users and what they look at.
func (m *mix) prepare() {
	for i := range *clients {
		name := fmt.Sprintf("user%d", i)
		user, err := register(m.t.Context(), m.nodes[0].addr, name)
		if err != nil {
			m.t.Fatal(err)
		}
		m.users, m.names = append(m.users, user), append(m.names, name)
	}
	photo := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			photo.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y >> 8), 255})
		}
	}
	var text bytes.Buffer
	if err := jpeg.Encode(&text, photo, nil); err != nil {
		m.t.Fatal(err)
	}
	for i := range 30 { // a page of the feed and more
		user, addr := m.users[i%len(m.users)], m.nodes[0].addr
		file, err := user.call(m.t.Context(), addr, http.MethodPut, "/files/place.jpg", "image/jpeg", bytes.NewReader(text.Bytes()))
		if err != nil {
			m.t.Fatal(err)
		}
		draft := fmt.Sprintf(`{"title": "A place", "content": "Seen on a walk.", "visibility": "public", "files": [%q]}`, file)
		post, err := user.call(m.t.Context(), addr, http.MethodPost, "/posts", "application/json", strings.NewReader(draft))
		if err != nil {
			m.t.Fatal(err)
		}
		m.post, m.picture = "/posts/"+post, "/files/"+file+"/place.jpg"
	}
	m.thumb = filepath.Dir(m.picture) + "/thumbnail"
	m.awaitOK(m.thumb)
	m.awaitOK(m.picture)
}

// awaitOK returns when an image is ready.
func (m *mix) awaitOK(path string) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var err error
	for range 1200 {
		if _, _, err = m.users[0].send(m.t.Context(), m.nodes[0].addr, path, "", nil, http.StatusOK); err == nil {
			return
		}
		<-tick.C
	}
	m.t.Fatal(err)
}

// run sends the mix until the time or the number of requests is over.
func (m *mix) run() {
	ctx, cancel := context.WithTimeout(m.t.Context(), *duration)
	defer cancel()
	var group sync.WaitGroup
	if *profile != "" {
		group.Go(func() { m.profile() })
	}
	start := time.Now()
	for i := range m.users {
		group.Go(func() {
			c := &loadClient{account: m.users[i], name: m.names[i], turn: i, chance: rand.New(rand.NewPCG(uint64(i), 1))}
			for range *most / len(m.users) {
				if ctx.Err() != nil {
					return
				}
				m.one(c)
			}
		})
	}
	group.Wait()
	m.elapsed += time.Since(start)
}

// one sends one request, by chance.
func (m *mix) one(c *loadClient) {
	at := c.chance.IntN(100)
	for _, w := range weights {
		if at -= w.of; at >= 0 {
			continue
		}
		start := time.Now()
		err := w.do(m, c)
		took := time.Since(start)
		m.mu.Lock()
		defer m.mu.Unlock()
		a := m.acts[w.name]
		if a == nil {
			a = &act{}
			m.acts[w.name] = a
		}
		if a.waits = append(a.waits, took); err != nil {
			a.errs = append(a.errs, err)
		}
		return
	}
}

// profile writes a CPU profile of the first node, which must serve one on its second listener.
func (m *mix) profile() {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", m.metrics[0], int((*duration).Seconds()))
	text, err := fetch(m.t.Context(), url)
	if err == nil {
		err = os.WriteFile(*profile, text, 0o600)
	}
	if err != nil {
		m.t.Error(err)
	}
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s answers %s", url, answer.Status))
	}
	return text, err
}

// state tells what each node holds: memory in MiB, goroutines, open files.
func (m *mix) state() (lines []string) {
	for i, c := range m.nodes {
		resident, err := c.memory("VmRSS")
		peak, err2 := c.memory("VmHWM")
		processor, err3 := c.processor()
		text, err4 := fetch(m.t.Context(), "http://"+m.metrics[i]+"/metrics")
		if err := errors.Join(err, err2, err3, err4); err != nil {
			m.t.Fatal(err)
		}
		goroutines := "?"
		for line := range strings.Lines(string(text)) {
			if n, ok := strings.CutPrefix(line, "go_goroutines "); ok {
				goroutines = strings.TrimSpace(n)
			}
		}
		files, _ := filepath.Glob(procFile(c.cmd.Process.Pid, "fd/*"))
		lines = append(lines, fmt.Sprintf("node %d\t%.0f MiB\t%.0f MiB\t%s\t%d\t%.1f s", i+1, resident, peak, goroutines, len(files), processor))
	}
	return lines
}

func (m *mix) print(w io.Writer, before, after []string) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "\nact\tcount\trate\t50 of 100 within\t99 of 100 within\terrors\n")
	total, errs := 0, 0
	often := func(a, b string) int { return cmp.Compare(len(m.acts[b].waits), len(m.acts[a].waits)) }
	for _, name := range slices.SortedFunc(maps.Keys(m.acts), often) {
		a := m.acts[name]
		slices.Sort(a.waits)
		o := outcome{elapsed: m.elapsed, waits: a.waits}
		fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\t%d\n", name, len(a.waits), figure(o.perSecond(), "/s"), figure(o.p(0.5), "ms"),
			figure(o.p(0.99), "ms"), len(a.errs))
		total, errs = total+len(a.waits), errs+len(a.errs)
	}
	fmt.Fprintf(out, "all\t%d\t%s\t\t\t%d\n\n", total, figure(float64(total)/m.elapsed.Seconds(), "/s"), errs)
	fmt.Fprintf(out, "server\tresident\tpeak\tgoroutines\topen files\tprocessor\n")
	for _, line := range before {
		fmt.Fprintf(out, "%s\tbefore\n", line)
	}
	for _, line := range after {
		fmt.Fprintf(out, "%s\tafter\n", line)
	}
	_ = out.Flush()
}
