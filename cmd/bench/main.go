// Command bench measures the built server against a bare net/http server that
// does the bare work, on the loopback interface, side by side in one run. It
// alone knows what the server promises to be worth; docs/benchmarks.md says
// how to read it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
)

func main() {
	// The kernel ends the children when the thread that started them ends, so
	// they are all started here, on the thread that ends last.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the person who measures may choose.
type options struct {
	cases  *regexp.Regexp
	rounds int
	size   int64 // bytes of the large file
	server string
	dir    string
	keep   bool
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	pattern := flags.String("run", "", "only the cases whose name matches this regular expression")
	rounds := flags.Int("rounds", 5, "how often each side is measured; the median counts")
	mib := flags.Int64("size", 1024, "size of the large file, in MiB")
	server := flags.String("server", "bin/server", "the server to measure")
	dir := flags.String("dir", "", "where to work; it needs twelve times -size (default: a temporary directory)")
	keep := flags.Bool("keep", false, "leave the data and the logs behind")
	bare := flags.String("bare", "", "be the bare server, with the data in this directory (used by bench itself)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *bare != "" {
		return serveBare(ctx, *bare)
	}
	cases, err := regexp.Compile(*pattern)
	if err != nil || *rounds < 1 || *mib < 1 {
		return errors.Join(errors.New("-run must be a regular expression, -rounds and -size at least 1"), err)
	}
	work, err := os.MkdirTemp(*dir, "cloakroom-bench-*")
	if err != nil {
		return err
	}
	if !*keep {
		defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	}
	binary, err := filepath.Abs(*server)
	if err != nil {
		return err
	}
	return measure(ctx, options{cases: cases, rounds: *rounds, size: *mib << 20, server: binary, dir: work, keep: *keep})
}

// measure runs the chosen cases in order and prints the table, also of what
// was measured before a case failed.
func measure(ctx context.Context, o options) (err error) {
	b := &bench{options: o, table: &table{}}
	defer func() {
		b.table.print(os.Stdout)
		if o.keep {
			fmt.Println("The data and the logs are in", o.dir)
		}
	}()
	defer func() { err = errors.Join(err, b.close()) }()
	for _, c := range cases {
		if !o.cases.MatchString(c.name) {
			continue
		}
		if err := b.prepare(ctx, c.needs); err != nil {
			return fmt.Errorf("preparing %s: %w", c.name, err)
		}
		fmt.Fprintln(os.Stderr, "measuring", c.name, "…")
		if err := c.run(b, ctx); err != nil {
			return fmt.Errorf("measuring %s: %w", c.name, err)
		}
	}
	return nil
}

// A benchCase is something to measure, which adds rows to the table.
type benchCase struct {
	name  string
	needs need
	run   func(b *bench, ctx context.Context) error
}

// A need is what must be there before a case can run.
type need int

const (
	needNothing need = iota
	needServers      // both servers, and an account on ours
	needLarge        // and the large file on both
	needFeed         // and a large database under ours
)

var cases = []benchCase{
	{"download", needLarge, (*bench).downloads},
	{"range", needLarge, (*bench).ranges},
	{"small", needServers, (*bench).smallFiles},
	{"upload", needServers, (*bench).uploads},
	{"memory", needServers, (*bench).memory},
	{"feed", needFeed, (*bench).feed},
	{"thumbnails", needNothing, (*bench).thumbnails},
}
