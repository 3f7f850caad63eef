// Command bench compares the built server with nginx and with a minimal net/http server that
// do the same I/O, side by side on the loopback interface. It alone knows the performance targets;
// docs/benchmarks.md explains the results.
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
	"time"
)

func main() {
	// The kernel kills the children when the thread that started them ends. So all are started
	// on the main thread, which ends last.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command-line options.
type options struct {
	cases  *regexp.Regexp
	rounds int
	size   int64 // size of the large file in bytes
	server string
	dir    string
	keep   bool
	rest   time.Duration // how long an idle server is watched
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	pattern := flags.String("run", "", "only the cases whose name matches this regular expression")
	rounds := flags.Int("rounds", 5, "how often each side is measured; the median counts")
	mib := flags.Int64("size", 1024, "size of the large file, in MiB")
	server := flags.String("server", "bin/server", "the server to measure")
	dir := flags.String("dir", "", "where to work; it needs twelve times -size (default: a temporary directory)")
	keep := flags.Bool("keep", false, "leave the data and the logs behind")
	rest := flags.Duration("idle", time.Minute, "how long an idle server is watched")
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
	return measure(ctx, options{cases: cases, rounds: *rounds, size: *mib << 20, server: binary, dir: work, keep: *keep, rest: *rest})
}

// measure runs the chosen cases in order and prints the table, including the results before
// a case that fails.
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

// A benchCase is a measurement that adds rows to the table.
type benchCase struct {
	name  string
	needs need
	run   func(b *bench, ctx context.Context) error
}

// A need is what a case requires before it can run. Each includes the ones before.
type need int

const (
	needNothing need = iota
	needServers      // the servers, and an account on ours
	needLarge        // the large file on all
	needFeed         // a large database under ours
)

var cases = []benchCase{
	{"download", needLarge, (*bench).downloads},
	{"zip", needLarge, (*bench).zips},
	{"range", needLarge, (*bench).ranges},
	{"small", needServers, (*bench).smallFiles},
	{"upload", needServers, (*bench).uploads},
	{"memory", needServers, (*bench).memory},
	{"files", needServers, (*bench).filesPage},
	{"feed", needFeed, (*bench).feed},
	{"start", needNothing, (*bench).starts},
	{"idle", needNothing, (*bench).idle},
	{"thumbnails", needNothing, (*bench).thumbnails},
}
